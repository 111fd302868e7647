/** The pages that say what each fault did. Pure. */
import { faults, type FaultNumber } from '../../test/runtime/faults/catalogue.ts';
import type { ReliabilityRow } from '../../test/runtime/faults/rows.ts';
import { table } from '../markdown-table.ts';

/** A page of faults that belong together. */
export interface FaultPage {
  readonly file: string;
  readonly title: string;
  readonly about: string;
  readonly numbers: readonly FaultNumber[];
}

/** Has a table of another shape, on the first page. */
export const soakNumber = 26;

export const faultPages: readonly FaultPage[] = [
  {
    file: 'reliability-starts.md',
    title: 'Faults at the start and at the stop',
    about: 'Programs that hang, end, are damaged or find no room, and ports that are taken.',
    numbers: [5, 6, 7, 8, 9, 10, 11, 12, 18, 19],
  },
  {
    file: 'reliability-processes.md',
    title: 'Faults of processes',
    about: 'What is killed, what resists, what stays behind: backend, app, workers, other instances.',
    numbers: [1, 2, 3, 4, 20, 22, 29, 30, 31, 32],
  },
  {
    file: 'reliability-running.md',
    title: 'Faults while it runs',
    about: 'Load, clocks, sleep, logs that cannot be written, foreign requests, random commands.',
    numbers: [13, 14, 15, 16, 17, 23, 24, 25, 27, 28],
  },
];

const programs = ['development', 'onedir', 'onefile'] as const;

function faultTable(rows: readonly ReliabilityRow[], number: number): string {
  const own = rows.filter((row) => row.number === number && row.program !== 'model');
  return table(
    ['what', 'injected', 'expected', ...programs],
    Array.from(new Set(own.map(({ fault }) => fault)), (fault) => {
      const of = own.filter((row) => row.fault === fault);
      const measured = programs.map((name) => of.find(({ program }) => program === name)?.measured ?? '—');
      return [fault, of[0]?.injected ?? '', of[0]?.expected ?? '', ...measured];
    }),
  );
}

/** One page, from the last try of each row. */
export function faultPage({ title, about, numbers }: FaultPage, rows: readonly ReliabilityRow[]): string {
  const own = faults.filter(({ number }) => numbers.includes(number));
  return `# ${title}

${about} How it was measured, and on which machine: [Reliability](reliability.md).
"—": not measured with this program, or it cannot happen to it.

${own.map(({ number, title: name }) => `## ${number}: ${name}\n\n${faultTable(rows, number)}`).join('\n\n')}
`;
}
