/** Bytes (characters, in fact) a {@link LogBuffer} holds at most. */
const maxCharacters = 64 * 1024;

/** The last lines of output, for error messages. A progress line is replaced by the next line of its stream. */
export class LogBuffer {
  readonly #maxLines: number;
  readonly #lines: { readonly text: string; readonly stream: string; readonly progress: boolean }[] = [];
  #characters = 0;

  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  add(stream: string, text: string, progress: boolean): void {
    const last = this.#lines.at(-1);
    if (last !== undefined && last.progress && last.stream === stream) {
      this.#lines.pop();
      this.#characters -= last.text.length;
    }
    this.#lines.push({ text, stream, progress });
    this.#characters += text.length;
    while (
      this.#lines.length > 1 &&
      (this.#lines.length > this.#maxLines || this.#characters > maxCharacters)
    )
      this.#characters -= this.#lines.shift()?.text.length ?? 0;
  }

  /** The lines, oldest first. */
  lines(): readonly string[] {
    return this.#lines.map((line) => line.text);
  }
}
