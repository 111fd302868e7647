import { PyInstallerError, isPyInstallerError } from '../errors.js';
import { asSentence } from './diagnose.js';

const freeSpace =
  'Free some space on the disk of that folder (`npx electron-pyinstaller clean`, when the cache is there too)';

/** What the errors of a file system mean, and what to do about them, by code. */
const meanings: Readonly<Record<string, readonly [reason: string, edit: string]>> = {
  ENOSPC: ['the disk is full', freeSpace],
  EDQUOT: ['the disk quota is used up', freeSpace],
  EACCES: [
    'permission denied',
    'Check the owner and the permissions of that folder (was it made by another user, or by `sudo`?)',
  ],
  EPERM: [
    'not permitted',
    'Stop the app, whose program may still run from there, and keep virus scanners out of that folder',
  ],
  EBUSY: ['the file is in use', 'Stop the app (and its backend) that runs from this folder'],
  ETXTBSY: ['the program is running', 'Stop the app that runs from this folder'],
  EROFS: ['the file system is read-only', 'Make that folder writable'],
  ENAMETOOLONG: [
    'the path is too long',
    'Move the project, or the output folder, closer to the root of the drive',
  ],
  EMFILE: ['too many files are open', 'Raise the limit (`ulimit -n 4096`)'],
  // `mkdir` of a folder whose name a file has.
  EEXIST: ['a file stands where a folder is needed', 'Remove the file'],
  ENOTDIR: ['a file stands where a folder is needed', 'Remove the file'],
};

/** The error for a cache folder that cannot be used; what is no trouble of a file system comes back as it is. */
export function cacheError(doing: string, cacheDir: string, error: unknown): unknown {
  const { code, path: file = cacheDir } = asSystemError(error);
  const meaning = meanings[code ?? ''];
  if (meaning === undefined) return error;
  const [reason, edit] = meaning;
  return new PyInstallerError('ERR_CACHE', `${doing}: ${reason} (${code} at ${file}).`, {
    file: cacheDir,
    hint: `${edit}, or put the cache elsewhere: ELECTRON_PYINSTALLER_CACHE=<folder>.`,
    cause: error,
  });
}

/**
 * The error for something that cannot be put into its place. One that says what to do already comes back as it is.
 *
 * @param doing - What was being done, e.g. `Copying a to b`.
 */
export function placeError(doing: string, error: unknown): PyInstallerError {
  if (isPyInstallerError(error)) return error;
  const { code, path: file, message } = asSystemError(error);
  const meaning = meanings[code ?? ''];
  return new PyInstallerError('ERR_PLACE', `${doing} failed: ${message ?? String(error)}.`, {
    cause: error,
    file,
    hint: meaning && `${asSentence(meaning[0])} ${meaning[1]}, or choose another output folder.`,
  });
}

function asSystemError(error: unknown): Partial<NodeJS.ErrnoException> {
  return error instanceof Error ? error : {};
}
