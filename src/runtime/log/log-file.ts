import { systemClock } from '../clock.js';
import type { Clock, TimerHandle } from '../clock.js';
import { node } from '../node.js';
import { makePrivate, makePrivateFolder } from '../private-place.js';

/** Characters that may wait for the disk; more is dropped and counted. */
const maxQueued = 8 * 1024 * 1024;

/** Milliseconds until what could not be written is tried again. */
const retryMs = 500;

/** Milliseconds without a failure after which a trouble is over; the next failure is another one. */
const calmMs = 30_000;

/** What may fail: lines are not written, or an older file cannot be moved aside. */
export type LogTrouble = 'write' | 'rotate';

/** What a {@link LogFile} is told. */
export interface LogFileOptions {
  /** Absolute. */
  readonly file: string;
  /** Files kept, the current one included. */
  readonly maxFiles: number;
  readonly maxBytes: number;
  readonly clock?: Clock;
  /** Told once per trouble, however many lines it concerns. */
  readonly onTrouble: (error: unknown, what: LogTrouble) => void;
}

/** Name of the n-th older file: `engine.log`, `engine.1.log`, `engine.2.log`, … */
export function rotatedName(file: string, index: number): string {
  if (index === 0) return file;
  const { dir, name, ext } = node.path.parse(file);
  return node.path.join(dir, `${name}.${index}${ext}`);
}

/**
 * A log file that rotates by size and at each run of the app. Lines are queued and written in the background; the queue is bounded.
 *
 * It never ends: what a full disk refuses waits and is tried again, a file that cannot be moved aside goes on growing, and the file is
 * opened for each batch of lines, so that one that was deleted or moved is made again.
 */
export class LogFile {
  readonly #options: LogFileOptions;
  readonly #clock: Clock;
  #queue: string[] = [];
  #queued = 0;
  #dropped = 0;
  /** Taken from the queue and not on the disk yet. */
  #rest: Buffer = Buffer.alloc(0);
  #writing: Promise<void> | null = null;
  #retry: TimerHandle | null = null;
  /** Monotonic time of the last failure, of troubles that are not over. */
  readonly #failedMs = new Map<LogTrouble, number>();

  constructor(options: LogFileOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Queue one line (without its end). */
  write(line: string): void {
    if (this.#queued + line.length > maxQueued) {
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0) {
      this.#queue.push(`… ${this.#dropped} lines not written: the disk is full or too slow`);
      this.#dropped = 0;
    }
    this.#queue.push(line);
    this.#queued += line.length;
    if (this.#retry === null) void this.#drain();
  }

  /** Wait for what is queued; what cannot be written is tried once more, and again with the next line. */
  async close(): Promise<void> {
    await this.#writing;
    this.#clearRetry();
    await this.#drain();
    this.#clearRetry();
  }

  #drain(): Promise<void> {
    this.#writing ??= this.#writeAll()
      .catch((error: unknown) => {
        this.#failed('write', error);
        this.#retry = this.#clock.setTimer(() => {
          this.#clearRetry();
          void this.#drain();
        }, retryMs);
        // Lines that wait must not keep the app alive.
        (this.#retry as Partial<NodeJS.Timeout>).unref?.();
      })
      .finally(() => {
        this.#writing = null;
        // Written after the last look at the queue.
        if (this.#queue.length > 0 && this.#retry === null) void this.#drain();
      });
    return this.#writing;
  }

  #clearRetry(): void {
    if (this.#retry !== null) this.#clock.clearTimer(this.#retry);
    this.#retry = null;
  }

  async #writeAll(): Promise<void> {
    while (this.#rest.length > 0 || this.#queue.length > 0) {
      if (this.#rest.length === 0) {
        this.#rest = Buffer.from(`${this.#queue.join('\n')}\n`);
        this.#queue = [];
        this.#queued = 0;
      }
      await this.#makeRoom();
      const handle = await node.fs.promises.open(this.#options.file, 'a', 0o600);
      try {
        // A disk that becomes full takes a part.
        while (this.#rest.length > 0)
          this.#rest = this.#rest.subarray((await handle.write(this.#rest)).bytesWritten);
      } finally {
        await handle.close();
      }
      this.#succeeded('write');
    }
  }

  /** Folder and files are as they must be for what is to be written. */
  async #makeRoom(): Promise<void> {
    const { file, maxFiles, maxBytes } = this.#options;
    const found = await node.fs.promises.stat(file).catch(() => null);
    const isFirst = !begunThisRun.has(file);
    if (found === null || isFirst) await makePrivateFolder(node.path.dirname(file));
    if (isFirst) {
      for (let index = 0; index < maxFiles; index++) await makePrivate(rotatedName(file, index));
      begunThisRun.add(file);
    }
    const size = found?.size ?? 0;
    if (size === 0 || (!isFirst && size + this.#rest.length <= maxBytes)) return;
    try {
      await this.#shift();
      this.#succeeded('rotate');
    } catch (error) {
      this.#failed('rotate', error);
    }
  }

  /** Move each file one number up, as far as a number is free; where none is, the oldest goes. */
  async #shift(): Promise<void> {
    const { file, maxFiles } = this.#options;
    const last = Math.max(0, maxFiles - 1);
    let free = 1;
    while (free < last && (await node.fs.promises.stat(rotatedName(file, free)).catch(() => null)) !== null)
      free += 1;
    if (free >= last) await node.fs.promises.rm(rotatedName(file, last), { force: true });
    for (let index = Math.min(free, last) - 1; index >= 0; index--)
      await node.fs.promises
        .rename(rotatedName(file, index), rotatedName(file, index + 1))
        .catch(ignoreMissing);
  }

  #failed(what: LogTrouble, error: unknown): void {
    const isKnown = this.#failedMs.has(what);
    this.#failedMs.set(what, this.#clock.now());
    if (!isKnown) this.#options.onTrouble(error, what);
  }

  #succeeded(what: LogTrouble): void {
    if (this.#clock.now() - (this.#failedMs.get(what) ?? Number.NaN) > calmMs) this.#failedMs.delete(what);
  }
}

/** Files this run of the app has begun already. */
const begunThisRun = new Set<string>();

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
