import type { Io } from '../../src/cli/io.js';
import { run } from '../../src/cli/run.js';

/** What a command printed, and how it ended. */
export interface CliResult {
  readonly exitCode: number;
  readonly out: string;
  readonly error: string;
}

/** Streams nobody reads, for tests that only look at which commands there are. */
export const silentIo: Io = {
  out: () => undefined,
  error: () => undefined,
  env: {},
  cwd: '/',
  live: false,
  color: false,
  width: 100,
  ask: null,
  choose: null,
};

/** Run the command line inside this process, with streams that are kept. */
export async function runCli(
  args: readonly string[],
  cwd: string,
  changes: Partial<Io> = {},
): Promise<CliResult> {
  let out = '';
  let error = '';
  const io: Io = {
    ...silentIo,
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    cwd,
    ...changes,
  };
  return { exitCode: await run(args, io), out, error };
}
