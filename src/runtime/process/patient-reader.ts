import type { Readable } from 'node:stream';

/** Bytes that are worked on between two turns of the event loop. */
const pieceBytes = 8 * 1024;

/** Bytes that may still be in the pipe when the program has ended. */
const pipeBytes = 1024 * 1024;

/** What takes a piece of a stream; a promise is waited for. Null: the stream ended. */
export type TakePiece = (piece: Buffer | null) => Promise<void> | undefined;

/**
 * Reads a stream only as fast as its lines are taken. The program waits in `write` meanwhile, the event loop for one piece at most, and
 * nothing is lost.
 */
export class PatientReader {
  /** Resolves when all that was read is delivered. */
  readonly done: Promise<void>;
  readonly #stream: Readable;
  readonly #take: TakePiece;
  readonly #chunks: Buffer[] = [];
  #isClosed = false;
  #isWorking = false;
  #hasWorked = true;
  #sinceTurn = 0;
  #left = Number.POSITIVE_INFINITY;

  constructor(stream: Readable, take: TakePiece) {
    this.#stream = stream;
    this.#take = take;
    this.done = new Promise((resolve) => {
      stream.on('data', (chunk: Buffer) => {
        this.#chunks.push(chunk);
        if (!this.#isWorking) void this.#work(resolve);
      });
      stream.once('close', () => {
        this.#isClosed = true;
        if (!this.#isWorking) void this.#work(resolve);
      });
    });
  }

  /** The program ended; whoever else holds the pipe is not read for ever. */
  over(): void {
    this.#left = pipeBytes;
  }

  /** Something was read since this was asked last, or is still being delivered. */
  isBusy(): boolean {
    const isBusy = this.#isWorking || this.#hasWorked;
    this.#hasWorked = false;
    return isBusy;
  }

  async #work(onEnd: () => void): Promise<void> {
    this.#isWorking = this.#hasWorked = true;
    for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) {
      for (let from = 0; from < chunk.length; from += pieceBytes) {
        const piece = chunk.subarray(from, from + pieceBytes);
        const taken = this.#take(piece);
        this.#sinceTurn += piece.length;
        if (taken === undefined && this.#sinceTurn < pieceBytes) continue;
        this.#stream.pause();
        await taken;
        if (this.#sinceTurn < pieceBytes) continue;
        this.#sinceTurn = 0;
        await new Promise(setImmediate);
      }
      this.#left -= chunk.length;
      if (this.#left < 0) this.#stream.destroy();
    }
    if (this.#isClosed) {
      await this.#take(null);
      onEnd();
    } else this.#stream.resume();
    this.#isWorking = false;
  }
}
