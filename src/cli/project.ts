import path from 'node:path';
import type { LoadOptions } from '../config/index.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { PyInstallerError } from '../errors.js';
import { asRecord, readJson } from '../lib/files.js';
import { hostTarget, type Target, targetArchs, targetPlatforms } from '../target.js';
import { readBuilderMetadata } from './builder-metadata.js';
import { readForgeInline } from './forge-inline.js';

/** Options that every command working on a project has. */
export interface ProjectOptions {
  /** Folder of the project; default: the current one. */
  readonly project?: string;
  /** Configuration file; default: looked for. */
  readonly config?: string;
}

/** Absolute folder of the project. */
export function projectDirOf(options: ProjectOptions, cwd: string): string {
  return path.resolve(cwd, options.project ?? '.');
}

/**
 * Find and resolve the configuration wherever a user may have put it: a file named on the command line, `pyinstaller.config.*`,
 * package.json, electron-builder's `extraMetadata._pyinstaller`, or the argument of the Forge plugin.
 *
 * @throws PyInstallerError `ERR_CONFIG`
 */
export async function loadProject(
  options: ProjectOptions,
  cwd: string,
  target: Target = hostTarget(),
): Promise<ResolvedConfig> {
  const { loadConfig, resolveConfig } = await import('../config/index.js');
  const projectDir = projectDirOf(options, cwd);
  const source = await findSource(projectDir, options.config);
  return resolveConfig(await loadConfig({ projectDir, ...source }), { target });
}

type Source = Omit<LoadOptions, 'projectDir'>;

async function findSource(projectDir: string, file: string | undefined): Promise<Source> {
  if (file !== undefined) return { file };
  if (await hasOwnConfig(projectDir)) return {};
  return (await readBuilderMetadata(projectDir)) ?? (await readForgeInline(projectDir)) ?? {};
}

/** True when the project has a configuration that is found without asking a host. */
async function hasOwnConfig(projectDir: string): Promise<boolean> {
  const { configFileNames } = await import('../config/index.js');
  const { existsSync } = await import('node:fs');
  if (configFileNames.some((name) => existsSync(path.join(projectDir, name)))) return true;
  const manifest = asRecord(await readJson(path.join(projectDir, 'package.json')));
  return manifest !== null && 'pyinstaller' in manifest;
}

/**
 * Read a target as typed on the command line: `linux-x64`, or an architecture alone for this platform.
 *
 * @throws PyInstallerError `ERR_TARGET`
 */
export function parseTarget(text: string | undefined, host: Target = hostTarget()): Target {
  if (text === undefined) return host;
  const [first = '', second] = text.split('-');
  const platform = second === undefined ? host.platform : targetPlatforms.find((name) => name === first);
  const arch = targetArchs.find((name) => name === (second ?? first));
  if (platform !== undefined && arch !== undefined) return { platform, arch };
  throw new PyInstallerError('ERR_TARGET', `Unknown target ${JSON.stringify(text)}.`, {
    hint: `Write <platform>-<arch>: one of ${targetPlatforms.join(', ')} and one of ${targetArchs.join(', ')}, for example ${host.platform}-${host.arch}.`,
  });
}
