import path from 'node:path';
import { PyInstallerError } from '../errors.js';
import { forgeConfigFile, readPluginConfig } from '../hosts/forge/options.js';
import type { ConfigSource } from '../hosts/shared/project-build.js';
import { asRecord } from '../lib/files.js';

/**
 * Read the argument of `new PyInstallerPlugin(…)` by loading the Forge configuration as Forge would.
 *
 * @returns null without a Forge configuration, without the plugin in it, or when the plugin has no argument
 * @throws PyInstallerError `ERR_CONFIG` when the Forge configuration cannot be loaded
 */
export async function readForgeInline(projectDir: string): Promise<ConfigSource | null> {
  const name = forgeConfigFile(projectDir);
  if (name === undefined) return null;
  const config = await load(path.join(projectDir, name));
  for (const plugin of pluginsOf(config)) {
    if (plugin.name !== 'pyinstaller' && plugin.name !== 'electron-pyinstaller/forge') continue;
    const argument = asRecord(plugin.config);
    if (argument === null) return null;
    return readPluginConfig(argument, projectDir).source;
  }
  return null;
}

async function load(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  try {
    const jiti = createJiti(import.meta.url, { interopDefault: true, moduleCache: false });
    return await jiti.import(file, { default: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PyInstallerError(
      'ERR_CONFIG',
      `Reading the plugin's configuration from ${file} failed: ${reason}`,
      {
        file,
        cause: error,
        hint: 'Put the configuration into pyinstaller.config.ts, or fix the error above.',
      },
    );
  }
}

function pluginsOf(config: unknown): { name?: unknown; config?: unknown }[] {
  const plugins = asRecord(config)?.['plugins'];
  return Array.isArray(plugins) ? (plugins as { name?: unknown; config?: unknown }[]) : [];
}
