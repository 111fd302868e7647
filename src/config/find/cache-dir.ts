import { homedir } from 'node:os';
import path from 'node:path';

/** Environment variable with the cache folder; goes before everything but an explicit option. */
export const cacheDirVariable = 'ELECTRON_PYINSTALLER_CACHE';

const folderName = 'electron-pyinstaller';

/**
 * The cache folder when none is configured: `ELECTRON_PYINSTALLER_CACHE`, else below the user's cache folder as each
 * system has it (`XDG_CACHE_HOME` or `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`).
 *
 * @param env - Environment to read.
 * @param platform - Node's name of the system.
 */
export function defaultCacheDir(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const explicit = env[cacheDirVariable];
  if (explicit !== undefined && explicit !== '') return path.resolve(explicit);
  if (platform === 'win32') {
    const home = env['USERPROFILE'] ?? homedir();
    const local = env['LOCALAPPDATA'];
    return path.win32.join(
      local === undefined || local === '' ? path.win32.join(home, 'AppData', 'Local') : local,
      folderName,
      'Cache',
    );
  }
  const home = env['HOME'] ?? homedir();
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Caches', folderName);
  const xdg = env['XDG_CACHE_HOME'];
  // The specification says that relative paths are to be ignored. https://specifications.freedesktop.org/basedir-spec
  return path.posix.join(
    xdg !== undefined && path.posix.isAbsolute(xdg) ? xdg : path.posix.join(home, '.cache'),
    folderName,
  );
}
