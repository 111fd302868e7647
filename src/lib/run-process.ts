import { spawn, type ChildProcess } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { killTree } from './kill-tree.js';

/** How a process ended. Never an exception: callers turn it into an error that says what they were doing. */
export interface ProcessResult {
  /** null: ended by a signal, or never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly cancelled: boolean;
  /** Set when the process could not be started, e.g. code `ENOENT`. */
  readonly spawnError: NodeJS.ErrnoException | null;
}

/** Options of {@link runProcess}. */
export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Called for each line of stdout and stderr, without its end. */
  readonly onLine?: (line: string) => void;
  /** Keep stdin open as a lifeline (see companion/tools/guard.py) instead of giving the program an empty one. */
  readonly lifeline?: boolean;
}

/** Output kept in memory, in characters per stream; older text is dropped. */
const keptCharacters = 4_000_000;

/** After the process ended, grandchildren may still hold its pipes open; wait this long for the rest of the output. */
const drainMs = 500;

/**
 * Run a program to its end, collecting its output as UTF-8.
 *
 * It gets its own process group, so that a timeout or a cancellation ends everything it started.
 */
export function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  return new Promise((resolve) => {
    let timedOut = false;
    let cancelled = options.signal?.aborted ?? false;
    const finish = (
      exitCode: number | null,
      signal: string | null,
      spawnError: NodeJS.ErrnoException | null,
    ) => {
      resolve({
        exitCode,
        signal,
        stdout: stdout.text(),
        stderr: stderr.text(),
        timedOut,
        cancelled,
        spawnError,
      });
    };
    const stdout = new Collector(options.onLine);
    const stderr = new Collector(options.onLine);
    if (cancelled) {
      finish(null, null, null);
      return;
    }
    let child: ChildProcess;
    try {
      child = spawn(command, args, {
        cwd: options.cwd,
        env: options.env,
        stdio: [options.lifeline === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
        windowsHide: true,
        detached: process.platform !== 'win32',
      });
    } catch (error) {
      finish(null, null, error as NodeJS.ErrnoException);
      return;
    }
    child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
    // A program that ends without reading its stdin makes the pipe fail; its exit code says more.
    child.stdin?.on('error', () => undefined);

    const onAbort = () => {
      cancelled = true;
      killTree(child);
    };
    options.signal?.addEventListener('abort', onAbort, { once: true });
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            killTree(child);
          }, options.timeoutMs);

    let settled = false;
    const settle = (exitCode: number | null, signal: string | null, error: NodeJS.ErrnoException | null) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      clearTimeout(drain);
      options.signal?.removeEventListener('abort', onAbort);
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.stdin?.destroy();
      stdout.end();
      stderr.end();
      finish(exitCode, signal, error);
    };
    let drain: NodeJS.Timeout | undefined;
    child.once('error', (error) => settle(null, null, error));
    child.once('exit', (code, signal) => {
      drain = setTimeout(() => settle(code, signal, null), drainMs);
    });
    child.once('close', (code, signal) => settle(code, signal, null));
  });
}

class Collector {
  private readonly decoder = new StringDecoder('utf8');
  private readonly onLine: ((line: string) => void) | undefined;
  private collected = '';
  private pending = '';

  constructor(onLine: ((line: string) => void) | undefined) {
    this.onLine = onLine;
  }

  add(chunk: Buffer): void {
    this.push(this.decoder.write(chunk));
  }

  end(): void {
    this.push(this.decoder.end());
    if (this.pending.trim() !== '') this.onLine?.(this.pending.trimEnd());
    this.pending = '';
  }

  text(): string {
    return this.collected;
  }

  private push(text: string): void {
    this.collected = (this.collected + text).slice(-keptCharacters);
    if (this.onLine === undefined) return;
    const lines = (this.pending + text).split(/\r\n|\r|\n/);
    this.pending = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') this.onLine(line.trimEnd());
  }
}
