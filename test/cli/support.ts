import type { Io } from '../../src/cli/io.js';
import { run } from '../../src/cli/run.js';

/** What a command printed, and how it ended. */
export interface CliResult {
  readonly exitCode: number;
  readonly out: string;
  readonly error: string;
}

/** Run the command line inside this process, with streams that are kept. */
export async function runCli(
  args: readonly string[],
  cwd: string,
  changes: Partial<Io> = {},
): Promise<CliResult> {
  let out = '';
  let error = '';
  const io: Io = {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    env: {},
    cwd,
    live: false,
    color: false,
    width: 100,
    ask: null,
    ...changes,
  };
  return { exitCode: await run(args, io), out, error };
}
