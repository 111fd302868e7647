/** The table that grows while the demo runs: one line for each step, with a live line under it on a terminal. */

const wide = 82;

/** Writes steps to standard output. */
export class Progress {
  readonly #started = performance.now();
  readonly #isLive = process.stdout.isTTY && process.env['CI'] === undefined;
  #stepStarted = 0;
  #title = '';
  #detail = '';
  #timer: ReturnType<typeof setInterval> | null = null;

  heading(text: string): void {
    process.stdout.write(`\n${this.#paint(1, text)}\n`);
  }

  /**
   * Run a step: shows its title, what it says meanwhile, and how long it took.
   *
   * @param act may return a text that is shown in place of the title when done
   */
  async step<T>(title: string, act: () => Promise<T>, summary?: (value: T) => string): Promise<T> {
    this.#stepStarted = performance.now();
    this.#title = title;
    this.#detail = '';
    if (this.#isLive) this.#timer = setInterval(() => this.#drawLive(), 100);
    let ok = false;
    let text = title;
    try {
      const value = await act();
      ok = true;
      if (summary !== undefined) text = summary(value);
      return value;
    } finally {
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
      if (this.#isLive) process.stdout.write('\r\x1b[2K');
      const mark = ok ? this.#paint(32, '✔') : this.#paint(31, '✖');
      process.stdout.write(
        `  ${mark} ${text.padEnd(wide)} ${this.#paint(2, elapsed(this.#stepStarted).padStart(12))}\n`,
      );
    }
  }

  /** What the running step is doing right now. */
  detail(text: string): void {
    if (text === this.#detail) return;
    if (!this.#isLive && this.#detail === '') process.stdout.write(`  … ${this.#title}\n`);
    this.#detail = text;
    if (!this.#isLive) process.stdout.write(`      ${elapsed(this.#stepStarted).padStart(12)}  ${text}\n`);
  }

  /** Rows of a table; numbers are aligned to the right. */
  table(rows: readonly (readonly string[])[]): void {
    const widths = (rows[0] ?? []).map((_cell, column) =>
      Math.max(...rows.map((row) => (row[column] ?? '').length)),
    );
    for (const [index, row] of rows.entries()) {
      const cells = row.map((cell, column) => {
        const room = ' '.repeat((widths[column] ?? 0) - cell.length);
        return column === 0 ? cell + room : room + cell;
      });
      const line = `  ${cells.join('   ')}`;
      process.stdout.write(`${index === 0 ? this.#paint(2, line) : line}\n`);
    }
  }

  /** Time since the beginning, for people. */
  total(): string {
    return elapsed(this.#started);
  }

  #drawLive(): void {
    // Some terminals say that they are 0 wide.
    const { columns } = process.stdout;
    const room = (columns > 0 ? columns : 80) - 4;
    const time = elapsed(this.#stepStarted);
    const text = this.#detail === '' ? this.#title : `${this.#title}: ${this.#detail}`;
    const cut = text.slice(0, room - time.length - 2);
    process.stdout.write(`\r\x1b[2K  ${this.#paint(36, '›')} ${cut}  ${this.#paint(2, time)}`);
  }

  #paint(code: number, text: string): string {
    return process.stdout.isTTY && process.env['NO_COLOR'] === undefined
      ? `\x1b[${code}m${text}\x1b[0m`
      : text;
  }
}

/** Seconds below a minute, then minutes and seconds. */
function elapsed(since: number): string {
  const seconds = (performance.now() - since) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
}
