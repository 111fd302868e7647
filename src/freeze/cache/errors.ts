import { PyInstallerError } from '../../errors.js';
import { errorCode } from '../../lib/files.js';

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  ENOTDIR: 'a part of the path is a file',
  EMFILE: 'too many files are open',
};

/** The error for a cache folder that cannot be used; errors that are no file-system trouble come back as they are. */
export function cacheError(action: string, cacheDir: string, error: unknown): unknown {
  const code = errorCode(error);
  const reason = code === undefined ? undefined : reasons[code];
  if (reason === undefined) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const place = (error as NodeJS.ErrnoException).path ?? cacheDir;
  return new PyInstallerError('ERR_CACHE', `${action}: ${reason} (${code} at ${place}).`, {
    file: cacheDir,
    hint: full
      ? `Free some space, for example with \`npx electron-pyinstaller clean\`, or put the cache elsewhere: ELECTRON_PYINSTALLER_CACHE=<folder>.`
      : `Make ${cacheDir} writable, or put the cache elsewhere: ELECTRON_PYINSTALLER_CACHE=<folder>.`,
    cause: error,
  });
}
