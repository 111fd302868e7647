import type { Clock, TimerHandle } from '../clock.js';
import { countLines, LineSplitter } from './lines.js';
import { maxMessageMiB } from '../talk/protocol-lines.js';
import { lineCostBytes, RateLimit } from '../log/rate-limit.js';
import type { Redact } from '../log/redact.js';

/** Characters of a line that are kept. */
export const maxLineLength = 16 * 1024;

/** A secret that begins before the cut is whole within this many more bytes, and can be recognised. */
const redactionMargin = 256;

/** The budget is asked for in pieces, so that one dense chunk is not lost as a whole. */
const pieceBytes = 8 * 1024;

/** Progress lines per second that are passed on. */
const progressIntervalMs = 100;

/** Whom a line is for: `run({ onLine })` gets every line of the program, the log no more than it can take. */
export type Audience = 'all' | 'log' | 'caller';

/** Receives what a stream says. */
export interface OutputSink {
  line(text: string, truncated: boolean, progress: boolean, audience: Audience): unknown;
  frame(text: string): void;
}

/**
 * One output stream of a backend: bytes in, lines and protocol frames out; bounded in time and memory whatever comes. A flood is
 * dropped and counted rather than held back, because holding it back would block the backend's threads inside `write`. Where its reader
 * holds it back (`isPatient`), only the log is spared.
 */
export class Output {
  readonly #clock: Clock;
  readonly #redact: Redact;
  readonly #sink: OutputSink;
  readonly #splitter: LineSplitter;
  readonly #limit: RateLimit;
  readonly #isPatient: boolean;
  #dropped = 0;
  #droppedBytes = 0;
  #dropTimer: TimerHandle | null = null;
  #lastProgressMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, redact: Redact, frames: boolean, sink: OutputSink, isPatient = false) {
    this.#clock = clock;
    this.#isPatient = isPatient;
    this.#redact = redact;
    this.#sink = sink;
    this.#limit = new RateLimit(clock.now());
    this.#splitter = new LineSplitter(
      {
        line: (text, truncated, progress) => this.#line(text, truncated, progress),
        frame: (text) =>
          text === null
            ? sink.line(`… a message of more than ${maxMessageMiB} MiB was dropped`, false, false, 'all')
            : sink.frame(text),
      },
      { maxLineBytes: maxLineLength + redactionMargin, maxFrameBytes: maxMessageMiB * 1024 * 1024, frames },
    );
  }

  push(chunk: Uint8Array): void {
    if (this.#isPatient) return this.#splitter.push(chunk);
    const nowMs = this.#clock.now();
    for (let from = 0; from < chunk.length; from += pieceBytes) {
      const piece = chunk.subarray(from, from + pieceBytes);
      const lines = countLines(piece);
      const isKept = this.#limit.take(piece.length + lines * lineCostBytes, nowMs);
      if (isKept) this.#splitter.push(piece);
      else this.#dropped += this.#splitter.skip(piece, lines);
      // Frames are never dropped, and cost nothing of what lines may cost.
      const framed = this.#splitter.takeFramed();
      if (isKept) this.#limit.take(-(framed.bytes + framed.lines * lineCostBytes), nowMs);
      else this.#drop(piece.length - framed.bytes);
    }
  }

  /** The stream ended: deliver the rest. */
  end(): void {
    this.#splitter.end();
    this.#reportDropped();
  }

  #drop(bytes: number): void {
    this.#droppedBytes += bytes;
    this.#dropTimer ??= this.#clock.setTimer(() => this.#reportDropped(), 1000);
  }

  #reportDropped(): void {
    if (this.#dropTimer !== null) this.#clock.clearTimer(this.#dropTimer);
    this.#dropTimer = null;
    if (this.#dropped === 0 && this.#droppedBytes <= 0) return;
    const text = `… ${this.#dropped} lines dropped (${this.#droppedBytes} bytes): too much output at once`;
    this.#dropped = 0;
    this.#droppedBytes = 0;
    this.#sink.line(text, false, false, this.#isPatient ? 'log' : 'all');
  }

  #line(text: string, truncated: boolean, progress: boolean): void {
    if (progress) {
      const nowMs = this.#clock.now();
      if (nowMs - this.#lastProgressMs < progressIntervalMs) return;
      this.#lastProgressMs = nowMs;
    }
    const clean = this.#redact(text);
    const isLogged = !this.#isPatient || this.#limit.take(clean.length + lineCostBytes, this.#clock.now());
    if (!isLogged) {
      this.#dropped += 1;
      this.#drop(clean.length + 1);
    }
    const audience = isLogged ? 'all' : 'caller';
    if (!truncated && clean.length <= maxLineLength) this.#sink.line(clean, false, progress, audience);
    else this.#sink.line(`${clean.slice(0, maxLineLength)} …`, true, progress, audience);
  }
}
