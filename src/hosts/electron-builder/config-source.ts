import { PyInstallerError } from '../../errors.js';
import type { ConfigSource } from '../shared/project-build.js';
import type { BuilderConfig } from './context.js';

/** Key under `extraMetadata` that holds the configuration. The underscore keeps it out of the packaged package.json. */
export const metadataKey = '_pyinstaller';

/** How messages call that place. */
const metadataSource = "electron-builder's configuration";

/**
 * Where the backends are described: in electron-builder's own configuration, in a file named there, or (nothing there)
 * in the project's `pyinstaller.config.*`.
 *
 * @throws PyInstallerError `ERR_CONFIG` when the key holds neither an object nor a path
 */
export function configSourceOf(config: BuilderConfig, projectDir: string): ConfigSource {
  const value = config.extraMetadata?.[metadataKey];
  if (value === undefined || value === null) return { projectDir };
  if (typeof value === 'string') return { projectDir, file: value };
  if (typeof value === 'object' && !Array.isArray(value)) {
    return {
      projectDir,
      inline: value,
      inlineSource: metadataSource,
      inlinePrefix: ['extraMetadata', metadataKey],
    };
  }
  throw new PyInstallerError(
    'ERR_CONFIG',
    `Reading extraMetadata.${metadataKey} in ${metadataSource}: an object or the path of a configuration file was expected, found ${JSON.stringify(value)}.`,
    {
      path: `extraMetadata.${metadataKey}`,
      hint: `Write the configuration there (backends: …), or for example ${metadataKey}: ./pyinstaller.config.ts`,
    },
  );
}
