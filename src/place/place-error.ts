import { isPyInstallerError, PyInstallerError } from '../errors.js';

/** What to do about the errors of a file system, by code. */
const hints: Readonly<Record<string, string>> = {
  ENOSPC:
    'The disk is full. Free some space (`npx electron-pyinstaller clean` removes cached bundles) and try again.',
  EDQUOT: 'The disk quota is used up. Free some space and try again.',
  EACCES:
    'Permission denied. Check the owner and the permissions of that folder; was it made by another user, or by `sudo`?',
  EPERM:
    'Not permitted. On Windows a program inside may still be running, or a virus scanner may hold it: stop the app and try again.',
  EBUSY: 'The file is in use. Stop the app (and its backend) that runs from this folder, then try again.',
  ETXTBSY: 'The program is running. Stop the app that runs from this folder, then try again.',
  EROFS: 'The file system is read-only. Choose another output folder.',
  ENAMETOOLONG:
    'The path is too long. Move the project, or the output folder, closer to the root of the drive.',
  EMFILE: 'Too many open files. Raise the limit (`ulimit -n 4096`) and try again.',
  ENOTDIR: 'A file stands where a folder is needed. Remove it.',
};

/**
 * Turn an error of the file system into one that says what to do. Errors that already do are returned as they are.
 *
 * @param doing - What was being done, e.g. `Copying a to b`.
 */
export function placeError(doing: string, error: unknown): PyInstallerError {
  if (isPyInstallerError(error)) return error;
  const { code, path: file, message } = error as NodeJS.ErrnoException;
  const hint = code === undefined ? undefined : hints[code];
  return new PyInstallerError('ERR_PLACE', `${doing} failed: ${message ?? String(error)}.`, {
    cause: error,
    ...(file === undefined ? {} : { file }),
    ...(hint === undefined ? {} : { hint }),
  });
}
