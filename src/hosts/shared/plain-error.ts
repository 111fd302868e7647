import { isPyInstallerError } from '../../errors.js';

/**
 * The form of an error that a host may print as it stands: one message, no stack of ours.
 *
 * Forge and electron-builder print `error.stack` below the message. For a mistake in a configuration or a failed freeze
 * that stack says nothing to the reader and buries the sentence that helps, so it is replaced by the message itself.
 * Errors that are not ours are bugs: they keep their stack. With `DEBUG` naming this package nothing is changed.
 *
 * @param error - whatever was thrown
 * @param env - environment that `DEBUG` is read from; default `process.env`
 */
export function plainError(error: unknown, env: NodeJS.ProcessEnv = process.env): unknown {
  if (!isPyInstallerError(error)) return error;
  if (env['DEBUG']?.includes('electron-pyinstaller') === true) return error;
  const plain = new Error(error.message, { cause: error.cause });
  plain.name = 'electron-pyinstaller';
  plain.stack = `${plain.name}: ${plain.message}`;
  return Object.assign(plain, { code: error.code });
}
