import { formatDuration } from '../../lib/text.js';
import type { EngineEvent } from '../../report.js';

/** Milliseconds without a line after which the next detail becomes one: a log that is silent for longer looks hung. */
const silenceMs = 15_000;

/**
 * Which details become lines where there is no live line: one when nothing was printed for a while, with the time and what is
 * going on. Every event passes through, so that it knows when the last line was; the clock is that of the events.
 *
 * @returns the line, without the name of the backend; null: none.
 */
export function sparseDetails(): (event: EngineEvent) => string | null {
  const lastLines = new Map<string, { title: string; atMs: number }>();
  return (event) => {
    if (event.type === 'stage') lastLines.set(event.backend, { title: event.title, atMs: event.elapsedMs });
    if (event.type !== 'detail') return null;
    const last = lastLines.get(event.backend) ?? { title: 'working', atMs: 0 };
    if (event.elapsedMs - last.atMs < silenceMs) return null;
    lastLines.set(event.backend, { ...last, atMs: event.elapsedMs });
    return describe(last.title, event.text, event.elapsedMs);
  };
}

/** A heartbeat says all by itself; a line of pip says nothing without what it is part of. */
function describe(title: string, detail: string, elapsedMs: number): string {
  const [line = ''] = detail.trim().split('\n', 1);
  if (/^still .* s$/.test(line)) return line;
  const text = line.length > 100 ? `${line.slice(0, 99)}…` : line;
  return `still ${title.charAt(0).toLowerCase()}${title.slice(1)}, ${formatDuration(elapsedMs)}: ${text}`;
}
