import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../../config/index.js';
import type { ConfigSource } from '../shared/project-build.js';

/** What only the Forge plugin understands, beside the configuration itself. */
export interface PyInstallerPluginOptions {
  /**
   * Configuration file, absolute or relative to the project.
   *
   * @defaultValue `pyinstaller.config.*`, or the key `pyinstaller` of package.json
   */
  readonly configFile?: string;
  /**
   * Leave the backends' Python sources in the packaged app. They are not used there: the frozen program brings its own.
   *
   * @defaultValue `false`
   */
  readonly keepSources?: boolean;
}

/** Argument of the plugin: the configuration given inline, or nothing (then it is read from its file). */
export type PyInstallerPluginConfig = PyInstallerPluginOptions & Partial<Config>;

/**
 * Split the plugin's argument into what Forge's side needs and where the configuration comes from.
 *
 * @param config - the argument as given
 * @param projectDir - folder of the project, absolute
 */
export function readPluginConfig(
  config: PyInstallerPluginConfig,
  projectDir: string,
): { readonly source: ConfigSource; readonly keepSources: boolean } {
  const { configFile, keepSources = false, ...inline } = config;
  const hasInline = Object.keys(inline).length > 0;
  return {
    keepSources,
    source: {
      projectDir,
      ...(configFile === undefined ? {} : { file: configFile }),
      ...(hasInline
        ? { inline, inlineSource: `${forgeConfigFile(projectDir) ?? 'package.json'} (PyInstallerPlugin)` }
        : {}),
    },
  };
}

/** Names of Forge's configuration file. Without one it stands in package.json. */
export const forgeConfigNames: readonly string[] = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map(
  (extension) => `forge.config.${extension}`,
);

/** The configuration file of Forge in a project; undefined: there is none. */
export function forgeConfigFile(projectDir: string): string | undefined {
  return forgeConfigNames.find((name) => existsSync(path.join(projectDir, name)));
}
