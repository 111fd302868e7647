import type { Readable, Writable } from 'node:stream';

const prefix = Buffer.from('\u001EEPY1 ', 'latin1');
const newline = 0x0a;

/** A frame longer than this is taken for the program's own bytes. */
const maxFrameBytes = 64 * 1024;

/**
 * Strips protocol frames from a program's raw output and passes the rest on, byte for byte, with back-pressure.
 */
export class RawFilter {
  readonly #output: Writable;
  readonly #source: Readable;
  readonly #sink: { frame(text: string): void };
  #held: Buffer = Buffer.alloc(0);
  #isOver = false;

  constructor(output: Writable, source: Readable, sink: { frame(text: string): void }) {
    this.#output = output;
    this.#source = source;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    for (;;) {
      const at = rest.indexOf(prefix);
      if (at < 0) {
        const keep = partialPrefix(rest);
        this.#pass(rest.subarray(0, rest.length - keep));
        this.#held = Buffer.from(rest.subarray(rest.length - keep));
        return;
      }
      this.#pass(rest.subarray(0, at));
      const end = rest.indexOf(newline, at);
      if (end < 0) {
        const open = rest.subarray(at);
        if (open.length > maxFrameBytes) this.#pass(open);
        else this.#held = Buffer.from(open);
        return;
      }
      this.#sink.frame(rest.toString('utf8', at + prefix.length, end));
      rest = rest.subarray(end + 1);
    }
  }

  /** The program ended: what the pipe still holds is little, and is read without waiting for the reader. */
  over(): void {
    this.#isOver = true;
    this.#source.resume();
  }

  end(): void {
    this.#pass(this.#held);
    this.#held = Buffer.alloc(0);
    this.#output.end();
  }

  #pass(bytes: Buffer): void {
    if (bytes.length === 0 || this.#output.writableEnded) return;
    if (this.#output.write(bytes) || this.#isOver) return;
    this.#source.pause();
    this.#output.once('drain', () => this.#source.resume());
  }
}

/** Bytes at the end that may be the beginning of the prefix. */
function partialPrefix(bytes: Buffer): number {
  for (let length = Math.min(prefix.length - 1, bytes.length); length > 0; length--)
    if (bytes.subarray(bytes.length - length).equals(prefix.subarray(0, length))) return length;
  return 0;
}
