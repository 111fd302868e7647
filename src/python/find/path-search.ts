import path from 'node:path';

/** The two questions about the disk that the search asks; tests answer them from a table. */
export interface DiskView {
  readonly isFile: (file: string) => boolean;
  /** Names in a folder; empty when there is no such folder. */
  readonly list: (folder: string) => readonly string[];
  /** Content of a small text file; null when there is none. */
  readonly read: (file: string) => string | null;
}

/** Path functions of a platform, so that Windows rules can be used anywhere. */
export function pathOf(platform: NodeJS.Platform): path.PlatformPath {
  return platform === 'win32' ? path.win32 : path.posix;
}

/** Value of an environment variable; on Windows names have no case. Empty counts as not set. */
export function variable(
  env: NodeJS.ProcessEnv,
  name: string,
  platform: NodeJS.Platform,
): string | undefined {
  if (platform !== 'win32') return env[name] === '' ? undefined : env[name];
  const key = Object.keys(env).find((candidate) => candidate.toUpperCase() === name.toUpperCase());
  const value = key === undefined ? undefined : env[key];
  return value === '' ? undefined : value;
}

/**
 * Every program of that name on PATH, absolute, in order. On Windows `.exe` is added (batch files are left out: they
 * cannot be started without a shell). Relative entries of PATH are ignored: they depend on where one stands.
 */
export function findOnPath(
  name: string,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  disk: DiskView,
): string[] {
  const paths = pathOf(platform);
  const file = platform === 'win32' && !/\.exe$/i.test(name) ? `${name}.exe` : name;
  const folders = (variable(env, 'PATH', platform) ?? '').split(paths.delimiter);
  const found = folders
    .map((folder) => folder.replace(/^"(.*)"$/, '$1'))
    .filter((folder) => paths.isAbsolute(folder))
    .map((folder) => paths.join(folder, file))
    .filter((candidate) => disk.isFile(candidate));
  return [...new Set(found)];
}

/** The interpreter of a virtual (or conda) environment, whether or not it exists: the usual places, best first. */
export function interpretersOf(directory: string, platform: NodeJS.Platform): string[] {
  const paths = pathOf(platform);
  if (platform === 'win32') {
    return [paths.join(directory, 'Scripts', 'python.exe'), paths.join(directory, 'python.exe')];
  }
  return [paths.join(directory, 'bin', 'python'), paths.join(directory, 'bin', 'python3')];
}
