import { setTimeout } from 'node:timers/promises';

/** Milliseconds between two looks at the output. */
const lookMs = 20;

/** The last lines a program printed, and since when. */
export interface RecentOutput {
  /** The last lines, oldest first. */
  readonly lines: readonly string[];
  add(line: string): void;
  /** What {@link since} counts from. */
  mark(): number;
  /** Lines that came after a mark, as far as they are kept. */
  since(mark: number): readonly string[];
  /**
   * Wait for the traceback of a failure that was answered: servers print it a moment after the answer. Ends when one has come
   * and nothing follows it, when nothing more can come (`signal`), or after `patienceMs`.
   */
  traceback(
    mark: number,
    options: { readonly patienceMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
}

/** The line that ends a traceback: `ValueError: …`, `pkg.errors.Missing: …`, `KeyboardInterrupt`. */
const exceptionLine = /^\s*(?:\|\s*)?[A-Za-z_][\w.]*(?:: .*)?$/;
const tracebackLine = /Traceback \(most recent call last\):/;
/** Milliseconds without a line after which a traceback is taken as whole. */
const quietMs = 100;

/** Keep the last lines of a program's output. */
export function recentOutput(keptLines: number): RecentOutput {
  const lines: string[] = [];
  let count = 0;
  let lastMs = performance.now();
  const since = (mark: number): readonly string[] => {
    const fresh = count - mark;
    return fresh <= 0 ? [] : lines.slice(-fresh);
  };
  return {
    lines,
    add(line) {
      lines.push(line);
      count += 1;
      lastMs = performance.now();
      if (lines.length > keptLines) lines.shift();
    },
    mark: () => count,
    since,
    async traceback(mark, { patienceMs, signal }) {
      const deadline = performance.now() + patienceMs;
      while (performance.now() < deadline) {
        if (signal?.aborted === true) return;
        if (hasWholeTraceback(since(mark)) && performance.now() - lastMs >= quietMs) return;
        await setTimeout(lookMs);
      }
    },
  };
}

/** Whether lines hold a traceback and the exception it ends with. Pure. */
export function hasWholeTraceback(lines: readonly string[]): boolean {
  const start = lines.findLastIndex((line) => tracebackLine.test(line));
  // The frames are indented; in a group of exceptions everything is.
  return start !== -1 && lines.slice(start + 1).some((line) => exceptionLine.test(line));
}
