import { isPyInstallerError } from '../../errors.js';
import type { Io } from '../io.js';
import { createTheme } from './theme.js';

/**
 * Show why a command failed. An error of ours is its message; anything else is a bug and comes with its stack.
 *
 * @param json - print one JSON object on standard output instead
 */
export function showFailure(io: Io, error: unknown, json: boolean): void {
  if (json) {
    io.out(`${JSON.stringify({ ok: false, error: describeFailure(error) }, null, 2)}\n`);
    return;
  }
  const theme = createTheme(io.color);
  if (isPyInstallerError(error)) {
    const [first = '', ...rest] = error.message.split('\n');
    io.error([`${theme.bad('✖')} ${first}`, ...rest.map((line) => `  ${line}`), ''].join('\n'));
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.error(`${theme.bad('✖')} Unexpected error, please report it:\n${text}\n`);
  }
}

/** The fields of an error that a program can use. */
function describeFailure(error: unknown): Record<string, unknown> {
  if (!isPyInstallerError(error)) {
    return { code: 'ERR_UNEXPECTED', message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, backend, file, path, hint, log } = error;
  return Object.fromEntries(
    Object.entries({ code, message, backend, file, path, hint, log }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}
