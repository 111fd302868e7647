import { formatDuration } from '../../lib/text.js';
import type { Report } from '../../report.js';
import { sparseDetails } from '../shared/sparse-details.js';

/**
 * Print one line the way electron-builder prints its own: it gives hooks nothing to report with. The one place outside of
 * the command line that prints.
 */
// oxlint-disable-next-line no-restricted-properties
export function logLine(message: string, stream: NodeJS.WritableStream = process.stdout): void {
  const [first = '', ...rest] = message.split('\n');
  stream.write([`  • ${first}`, ...rest.map((line) => `    ${line}`), ''].join('\n'));
}

/**
 * Progress as lines: one a stage and every 15 s, every warning, and the summary. electron-builder has no live line.
 *
 * @param label - what is frozen for, e.g. `linux-x64`
 */
export function reportAsLines(label: string, write: (line: string) => void = logLine): Report {
  const sparse = sparseDetails();
  return (event) => {
    const due = sparse(event);
    switch (event.type) {
      case 'stage':
        write(
          `python backend  ${event.backend} ${label}: ${event.title} (${formatDuration(event.elapsedMs)})`,
        );
        break;
      case 'warning':
        write(`python backend  ${event.backend} ${label}: warning: ${event.message}`);
        break;
      case 'done':
        write(`python backend  ${event.summary}`);
        break;
      case 'detail':
        if (due !== null) write(`python backend  ${event.backend} ${label}: ${due}`);
        break;
    }
  };
}
