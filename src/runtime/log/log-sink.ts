import { guardedCall } from '../guarded-call.js';
import { stripAnsi } from './ansi.js';
import type { Terminal } from '../dev/terminal.js';
import { LogFile } from './log-file.js';

/**
 * Anything that takes log lines: `console`, electron-log, pino, winston. Given as the option `logger`, it receives every line of the
 * backend's output and the supervisor's own remarks.
 */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Where a backend's lines go. */
export interface LogSinkOptions {
  readonly name: string;
  /** Absolute; null: no file. */
  readonly file: string | null;
  readonly maxFiles: number;
  readonly maxBytes: number;
  readonly logger: Logger | null;
  /** Where developers see it. */
  readonly terminal?: Terminal | undefined;
}

const troubles = {
  write: 'cannot be written, and is tried again',
  rotate: 'cannot be moved aside, and grows',
};

/** Distributes lines to the log file and the app's own logger. */
export class LogSink {
  readonly #options: LogSinkOptions;
  readonly #file: LogFile | null;

  constructor(options: LogSinkOptions) {
    this.#options = options;
    this.#file =
      options.file === null
        ? null
        : new LogFile({
            file: options.file,
            maxFiles: options.maxFiles,
            maxBytes: options.maxBytes,
            onTrouble: (error, what) =>
              this.#tell('warn', `the log file ${options.file ?? ''} ${troubles[what]}: ${String(error)}`),
          });
  }

  /** A line of the backend, secrets removed. */
  output(stream: 'stdout' | 'stderr', line: string, progress: boolean): void {
    const text = stripAnsi(line);
    if (!progress) this.#file?.write(`${timestamp()} ${stream} ${text}`);
    // Many Python programs log everything to stderr: it is not a severity.
    if (!progress) this.#tell('info', text);
    this.#options.terminal?.output(stream, line, progress);
  }

  /** A remark of the supervisor. */
  remark(level: 'info' | 'warn' | 'error', text: string): void {
    this.note(level, text);
    this.#options.terminal?.remark(level, text);
  }

  /** A remark on an event, which a terminal shows in its own words. */
  note(level: 'info' | 'warn' | 'error', text: string): void {
    const indented = text.replaceAll('\n', '\n  ');
    this.#file?.write(`${timestamp()} ${level === 'info' ? 'backend' : level} ${indented}`);
    this.#tell(level, text);
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  #tell(level: 'info' | 'warn' | 'error', text: string): void {
    // The app's logger is the app's business; a broken one must not stop its backend.
    void guardedCall(
      () => this.#options.logger?.[level](`[${this.#options.name}] ${text}`),
      () => undefined,
    );
  }
}

let stampedAt = 0;
let stamp = '';

/** Now, for a log line. Made anew once a millisecond: in a burst of lines it is what takes longest. */
function timestamp(): string {
  const now = Date.now();
  if (now !== stampedAt) {
    stampedAt = now;
    stamp = new Date(now).toISOString();
  }
  return stamp;
}
