import { promises } from 'node:fs';
import path from 'node:path';

/** Characters that may wait for the disk; more is dropped and counted. */
const maxQueued = 8 * 1024 * 1024;

/** What a {@link LogFile} is told. */
export interface LogFileOptions {
  /** Absolute. */
  readonly file: string;
  /** Files kept, the current one included. */
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** Told once when the disk refuses; nothing is written afterwards. */
  readonly onTrouble: (error: unknown) => void;
}

/** Name of the n-th older file: `engine.log`, `engine.1.log`, `engine.2.log`, … */
export function rotatedName(file: string, index: number): string {
  if (index === 0) return file;
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}.${index}${ext}`);
}

/**
 * A log file that rotates by size and at each run of the app. Lines are queued and written in the background; the queue is bounded, and
 * a full disk ends the writing, never the app.
 */
export class LogFile {
  readonly #options: LogFileOptions;
  #handle: promises.FileHandle | null = null;
  #size = 0;
  #queue: string[] = [];
  #queued = 0;
  #dropped = 0;
  #writing: Promise<void> | null = null;
  #dead = false;

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  /** Queue one line (without its end). */
  write(line: string): void {
    if (this.#dead) return;
    if (this.#queued + line.length > maxQueued) {
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0) {
      this.#queue.push(`… ${this.#dropped} lines not written: the disk is too slow`);
      this.#dropped = 0;
    }
    this.#queue.push(line);
    this.#queued += line.length;
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = null;
    });
  }

  /** Wait for what is queued and close the file; it is opened again by the next write. */
  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close().catch(() => undefined);
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const text = `${this.#queue.join('\n')}\n`;
        this.#queue = [];
        this.#queued = 0;
        if (this.#handle === null) await this.#open();
        const bytes = Buffer.from(text);
        if (this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes) await this.#rotate();
        await this.#handle?.appendFile(bytes);
        this.#size += bytes.length;
      }
    } catch (error) {
      this.#dead = true;
      this.#queue = [];
      this.#queued = 0;
      await this.#handle?.close().catch(() => undefined);
      this.#handle = null;
      this.#options.onTrouble(error);
    }
  }

  async #open(): Promise<void> {
    const { file } = this.#options;
    await promises.mkdir(path.dirname(file), { recursive: true });
    const found = await promises.stat(file).catch(() => null);
    const isFirst = !rotatedThisRun.has(file);
    rotatedThisRun.add(file);
    if (found !== null && found.size > 0 && isFirst) await this.#shift();
    this.#handle = await promises.open(file, 'a', 0o600);
    this.#size = (await this.#handle.stat()).size;
  }

  async #rotate(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
    await this.#shift();
    this.#handle = await promises.open(this.#options.file, 'a', 0o600);
    this.#size = 0;
  }

  /** Move each file one number up; the oldest goes. */
  async #shift(): Promise<void> {
    const { file, maxFiles } = this.#options;
    await promises.rm(rotatedName(file, Math.max(0, maxFiles - 1)), { force: true });
    for (let index = maxFiles - 2; index >= 0; index--) {
      await promises.rename(rotatedName(file, index), rotatedName(file, index + 1)).catch(ignoreMissing);
    }
  }
}

/** Files this run of the app has begun already. */
const rotatedThisRun = new Set<string>();

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
