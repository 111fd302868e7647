import type { ResolvedConfig } from '../../config/resolved.js';
import { requireClientPackage } from './client-package.js';
import { generateBackends } from './generate.js';
import { writeGenerated } from './write.js';

/**
 * Write `backends.gen.ts` where the configuration wants it, before something compiles what imports it.
 *
 * @returns its absolute path when it changed, else null
 * @throws PyInstallerError `ERR_NOT_FOUND` when it would import what is not installed; the file system's error when the folder cannot be written.
 */
export async function writeBackendsModule(
  config: Pick<ResolvedConfig, 'generate' | 'backends' | 'projectDir' | 'configFile'>,
): Promise<string | null> {
  const { generate } = config;
  if (generate === null) return null;
  await requireClientPackage(config);
  return (await writeGenerated(generate, generateBackends(config))) ? generate : null;
}
