import { CommanderError } from 'commander';
import { isPyInstallerError } from '../errors.js';
import { exitCodes } from './exit-codes.js';
import type { Io } from './io.js';
import { createProgram } from './program.js';
import { showFailure } from './render/failure.js';

/**
 * Run the command line.
 *
 * @param args - arguments without Node and script
 * @returns the exit code
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = createProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed its message already; help and version are no failure.
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    }
    showFailure(io, error, args.includes('--json'));
    return isPyInstallerError(error) && error.code === 'ERR_CANCELLED'
      ? exitCodes.cancelled
      : exitCodes.failed;
  }
}
