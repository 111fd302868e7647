import type { ResolvedConfig } from '../../config/resolved.js';
import { generateBackends } from './generate.js';
import { writeGenerated } from './write.js';

/**
 * Write `backends.gen.ts` where the configuration wants it, before something compiles what imports it.
 *
 * @returns its absolute path when it changed, else null
 * @throws The file system's error when the folder cannot be written.
 */
export async function writeBackendsModule(
  config: Pick<ResolvedConfig, 'generate' | 'backends'>,
): Promise<string | null> {
  const { generate } = config;
  if (generate === null) return null;
  return (await writeGenerated(generate, generateBackends(config))) ? generate : null;
}
