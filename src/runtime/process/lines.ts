/** Bytes a protocol frame begins with: record separator and `EPY1 `. */
const framePrefix = [0x1e, 0x45, 0x50, 0x59, 0x31, 0x20] as const;
const newline = 0x0a;
const carriageReturn = 0x0d;

/** Receives what a {@link LineSplitter} finds. */
export interface LineSink {
  /**
   * One line without its end. `truncated`: the rest was longer than allowed. `progress`: it ended with a lone carriage return,
   * so the next line replaces it.
   */
  line(text: string, truncated: boolean, progress: boolean): void;
  /** The JSON text of one protocol frame; null: it was longer than allowed. */
  frame(text: string | null): void;
}

/** Limits of a {@link LineSplitter}. */
export interface LineLimits {
  readonly maxLineBytes: number;
  readonly maxFrameBytes: number;
  /** Look for protocol frames. */
  readonly frames: boolean;
}

/**
 * Cuts bytes into lines and protocol frames, whatever the chunking.
 *
 * Works on bytes and decodes whole lines: the bytes looked for never occur inside a UTF-8 sequence, so that a character cut in two
 * by a chunk's end survives. A frame is found in the middle of a line too, since it is written straight to the descriptor while
 * `print` may have left half a line.
 */
export class LineSplitter {
  readonly #sink: LineSink;
  readonly #limits: LineLimits;
  #parts: Uint8Array[] = [];
  #length = 0;
  #truncated = false;
  /** Bytes of the frame prefix seen so far. */
  #matched = 0;
  #inFrame = false;
  /** A carriage return was seen; what follows decides what it means. */
  #returned = false;
  /** Part of the current line was dropped; so is the rest. */
  #lost = false;
  #dropped = 0;
  #framed = { bytes: 0, lines: 0 };

  constructor(sink: LineSink, limits: LineLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Deliver what the chunk completes. */
  push(chunk: Uint8Array): void {
    this.#consume(bufferOf(chunk), true);
  }

  /**
   * Deliver only the frames; return how many lines were dropped.
   *
   * @param lines The chunk's {@link countLines}.
   */
  skip(chunk: Uint8Array, lines: number): number {
    this.#dropped = 0;
    const bytes = bufferOf(chunk);
    if (this.#inFrame || this.#matched > 0 || bytes.includes(framePrefix[0])) this.#consume(bytes, false);
    else if (bytes.length > 0) {
      // The way of a flood, so it must be quick.
      this.#discard();
      this.#returned = false;
      this.#dropped = lines;
      this.#lost = bytes.at(-1) !== newline;
    }
    return this.#dropped;
  }

  /** How much belonged to frames since this was asked last. */
  takeFramed(): { readonly bytes: number; readonly lines: number } {
    const framed = this.#framed;
    this.#framed = { bytes: 0, lines: 0 };
    return framed;
  }

  /** Deliver what is left when the stream ends. */
  end(): void {
    if (this.#inFrame) this.#discard();
    else {
      this.#unmatch(true);
      const hasRest = this.#length > 0 || this.#returned;
      this.#returned = false;
      if (hasRest) this.#endLine(false);
    }
  }

  #consume(chunk: Buffer, keep: boolean): void {
    let from = 0;
    if (!keep && !this.#inFrame) this.#lose();
    if (this.#matched === 0 && !this.#returned && !hasControls(chunk)) {
      if (this.#inFrame) this.#appendFrame(chunk, 0, chunk.length);
      else this.#take(chunk, 0, chunk.length, keep);
      return;
    }
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] as number;
      // Most bytes are none of those looked for.
      if (byte > 0x1e && this.#matched === 0 && !this.#returned) continue;
      if (this.#inFrame) {
        if (byte !== newline) continue;
        this.#appendFrame(chunk, from, index);
        this.#endFrame();
        if (!keep) this.#lost = false;
        from = index + 1;
        continue;
      }
      if (this.#matched > 0) {
        if (byte === framePrefix[this.#matched]) {
          this.#matched += 1;
          if (this.#matched === framePrefix.length) {
            this.#beginFrame();
            from = index + 1;
          }
          continue;
        }
        // Not a prefix after all: its bytes belong to the line.
        this.#unmatch(keep);
        from = index;
      }
      if (this.#returned) {
        if (byte === carriageReturn) {
          from = index + 1;
          continue;
        }
        this.#returned = false;
        if (byte !== newline) {
          if ((this.#length > 0 || this.#lost) && keep) this.#endLine(true);
          else this.#discard();
          from = index;
        }
      }
      if (byte === newline && keep && this.#isFresh && index - from <= this.#limits.maxLineBytes) {
        // Most lines lie in one chunk as a whole.
        this.#sink.line(chunk.toString('utf8', from, index), false, false);
        from = index + 1;
      } else if (byte === newline) {
        this.#take(chunk, from, index, keep);
        if (!keep) this.#lost = true;
        this.#endLine(false);
        from = index + 1;
      } else if (byte === carriageReturn) {
        this.#take(chunk, from, index, keep);
        this.#returned = true;
        from = index + 1;
      } else if (byte === framePrefix[0] && this.#limits.frames) {
        this.#take(chunk, from, index, keep);
        this.#matched = 1;
        from = index + 1;
      }
    }
    if (this.#matched > 0) return;
    if (this.#inFrame) this.#appendFrame(chunk, from, chunk.length);
    else this.#take(chunk, from, chunk.length, keep);
  }

  /** Nothing of the current line came with an earlier chunk. */
  get #isFresh(): boolean {
    return this.#length === 0 && !this.#lost && !this.#truncated;
  }

  #take(chunk: Buffer, from: number, to: number, keep: boolean): void {
    if (to <= from) return;
    if (keep && !this.#lost) this.#append(chunk, from, to, this.#limits.maxLineBytes);
    else this.#lost = true;
  }

  #appendFrame(chunk: Uint8Array, from: number, to: number): void {
    this.#framed.bytes += to - from;
    this.#append(chunk, from, to, this.#limits.maxFrameBytes);
  }

  #append(chunk: Uint8Array, from: number, to: number, limit: number): void {
    const room = limit - this.#length;
    if (to - from > room) this.#truncated = true;
    const end = Math.min(to, from + room);
    if (end <= from) return;
    // A copy: the chunk is often a 64 KiB buffer, which a short rest of a line would keep alive.
    this.#parts.push(Uint8Array.prototype.slice.call(chunk, from, end));
    this.#length += end - from;
  }

  /** The bytes that looked like a frame's prefix were ordinary ones. */
  #unmatch(keep: boolean): void {
    if (this.#matched === 0) return;
    const bytes = Uint8Array.from(framePrefix.slice(0, this.#matched));
    this.#matched = 0;
    if (!keep) this.#lost = true;
    if (!this.#lost) this.#append(bytes, 0, bytes.length, this.#limits.maxLineBytes);
  }

  #lose(): void {
    if (this.#length > 0) {
      this.#discard();
      this.#lost = true;
    }
  }

  #beginFrame(): void {
    this.#matched = 0;
    this.#returned = false;
    if (this.#length > 0) this.#endLine(false);
    else this.#discard();
    this.#lost = false;
    this.#inFrame = true;
    this.#framed.bytes += framePrefix.length;
  }

  #endFrame(): void {
    const text = this.#truncated ? null : this.#decode();
    this.#discard();
    this.#inFrame = false;
    this.#framed.bytes += 1;
    this.#framed.lines += 1;
    this.#sink.frame(text);
  }

  #endLine(progress: boolean): void {
    if (this.#lost) {
      this.#discard();
      this.#lost = false;
      if (!progress) this.#dropped += 1;
      return;
    }
    const text = this.#decode();
    const truncated = this.#truncated;
    this.#discard();
    this.#sink.line(text, truncated, progress);
  }

  #decode(): string {
    const [first] = this.#parts;
    const bytes = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    return Buffer.from(bytes.buffer, bytes.byteOffset, wholeCharacters(bytes, this.#truncated)).toString(
      'utf8',
    );
  }

  #discard(): void {
    this.#parts = [];
    this.#length = 0;
    this.#truncated = false;
  }
}

/** True when a chunk holds any of the bytes looked for. Searching is many times faster than walking. */
function hasControls(chunk: Buffer): boolean {
  return chunk.includes(newline) || chunk.includes(carriageReturn) || chunk.includes(framePrefix[0]);
}

/** Line feeds in a chunk. */
export function countLines(chunk: Uint8Array): number {
  if (!bufferOf(chunk).includes(newline)) return 0;
  let lines = 0;
  for (let index = 0; index < chunk.length; index++) if (chunk[index] === newline) lines += 1;
  return lines;
}

/** The same bytes with a buffer's methods. */
function bufferOf(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** Length without a UTF-8 sequence that the truncation cut in two. */
function wholeCharacters(bytes: Uint8Array, truncated: boolean): number {
  if (!truncated) return bytes.length;
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
