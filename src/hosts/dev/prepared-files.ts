import path from 'node:path';
import { requirementFiles } from '../../config/requirement-files.js';
import type { ResolvedBackend, ResolvedConfig } from '../../config/resolved.js';
import { configDigest } from '../../runtime/dev/stale.js';
import type { PreparedFrom } from '../../runtime/manifest.js';

/** The files that a development manifest was made from, as they are now: the configuration's, and those that name packages. */
export function preparedFiles(
  { projectDir, configFile }: Pick<ResolvedConfig, 'projectDir' | 'configFile'>,
  { requirements }: Pick<ResolvedBackend, 'requirements'>,
): PreparedFrom['files'] {
  // `forge.config.ts (PyInstallerPlugin)`
  const named = path.resolve(projectDir, configFile.replace(/ \([^()]*\)$/, ''));
  return [named, ...requirementFiles(requirements)]
    .map((file) => ({ file, digest: configDigest(file) }))
    .filter(({ file, digest }) => digest !== null || file !== named);
}
