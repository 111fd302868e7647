import { sparseDetails } from '../../hosts/shared/sparse-details.js';
import { formatDuration } from '../../lib/text.js';
import type { EngineEvent, Report } from '../../report.js';
import type { Io } from '../io.js';
import { LiveLine } from './live-line.js';
import { createTheme } from './theme.js';

/** Shows the engine's events; `close` ends the live line. */
export interface EventView {
  readonly report: Report;
  readonly close: () => void;
}

/**
 * Show progress on standard error: a live line per terminal, one line a stage elsewhere, and one every 15 s. Standard output stays free for
 * results.
 */
export function showEvents(io: Io): EventView {
  const theme = createTheme(io.color);
  const live = io.live ? new LiveLine(io) : null;
  const print = (line: string) => (live === null ? io.error(`${line}\n`) : live.printAbove(line));
  const sparse = sparseDetails();
  const report: Report = (event) => {
    const due = sparse(event);
    switch (event.type) {
      case 'stage':
        if (live === null) print(stageLine(event));
        else live.update(event.backend, event);
        break;
      case 'detail':
        if (live !== null) live.detail(event.backend, event.text);
        else if (due !== null) print(`${event.backend}  ${due}`);
        break;
      case 'warning':
        print(`${theme.careful('!')} ${event.backend}: ${event.message}`);
        break;
      case 'done':
        live?.remove(event.backend);
        print(`${theme.good('✔')} ${event.summary}`);
        break;
    }
  };
  return { report, close: () => live?.close() };
}

/** One line for a stage: `engine  Analyzing main.py (3.1 s)`. */
function stageLine(event: EngineEvent & { type: 'stage' }): string {
  return `${event.backend}  ${event.title} (${formatDuration(event.elapsedMs)})`;
}
