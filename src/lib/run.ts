import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** What the command interpreter of Windows, which may be asked to start a program, says of one that is not there. */
const notFoundCode = 9009;

/** How a program ended. Never an exception: callers turn it into an error that says what they were doing. */
export interface RunResult {
  /** null: ended by a signal, or never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Empty with {@link RunOptions.onLine}. */
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly cancelled: boolean;
  /** Set when the program could not be started, e.g. code `ENOENT`. */
  readonly startError: { readonly code?: string | undefined; readonly message: string } | null;
}

/** Options of {@link run}. */
export interface RunOptions {
  readonly cwd?: string | undefined;
  /** The whole environment. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Text for stdin, which then ends. */
  readonly input?: string | undefined;
  /** Called for each line, without its end, instead of keeping the output. */
  readonly onLine?: ((line: string, from: 'stdout' | 'stderr') => void) | undefined;
  /** Keep stdin open, so that the program notices our end (see companion/tools/guard.py), instead of giving it an empty one. */
  readonly lifeline?: boolean;
}

/** After a program ended, its children may still hold its pipes open; wait this long for the rest of the output. */
const drainMs = 500;

/**
 * Run a program to its end, collecting its output as UTF-8.
 *
 * It leads a process group of its own, so that a time-out or a cancellation ends everything it started. The sudden end of
 * this process does so only with a lifeline.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const nothing = { exitCode: null, signal: null, stdout: '', stderr: '', timedOut: false, startError: null };
  if (options.signal?.aborted === true) return { ...nothing, cancelled: true };
  // Loaded when it is needed: a build with nothing to do starts no program.
  const { execa } = await import('execa');
  const program = execa(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env ?? process.env,
    extendEnv: false,
    ...(options.input === undefined
      ? { stdin: options.lifeline === true ? 'pipe' : 'ignore' }
      : { input: options.input }),
    buffer: options.onLine === undefined,
    stripFinalNewline: false,
    reject: false,
    killDescendants: true,
    // It would listen to signals, and end this process before its own listeners, which cancel, have done their work.
    cleanup: false,
    killSignal: 'SIGKILL',
    timeout: options.timeoutMs ?? 0,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  for (const from of ['stdout', 'stderr'] as const) {
    if (options.onLine === undefined) continue;
    createInterface({ input: program[from] }).on('line', (line) => options.onLine?.(line, from));
  }
  program.nodeChildProcess.once('exit', () => {
    const drain = setTimeout(() => {
      // Elsewhere than on Windows this reaches the group of an ended leader too; what has left the group keeps running.
      program.kill();
      program.stdout.destroy();
      program.stderr.destroy();
    }, drainMs);
    program.nodeChildProcess.once('close', () => clearTimeout(drain));
  });
  const result = await program;
  if (result.exitCode === notFoundCode && path.isAbsolute(command) && !existsSync(command))
    return {
      ...nothing,
      cancelled: false,
      startError: { code: 'ENOENT', message: `spawn ${command} ENOENT` },
    };
  const started = result.exitCode !== undefined || result.signal !== undefined;
  return {
    exitCode: result.exitCode ?? null,
    signal: result.signal ?? null,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    timedOut: result.timedOut,
    cancelled: result.isCanceled,
    startError: started
      ? null
      : { code: result.code, message: result.originalMessage ?? result.message ?? '' },
  };
}

/** How a program ended, in a few words: `exit code 3`, `signal SIGKILL`, or why it was not started. */
export function describeEnd(result: Pick<RunResult, 'exitCode' | 'signal' | 'startError'>): string {
  if (result.startError !== null) return result.startError.message;
  return result.signal === null ? `exit code ${result.exitCode ?? 'unknown'}` : `signal ${result.signal}`;
}
