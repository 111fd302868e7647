import { table } from '../../scripts/markdown-table.ts';
import type { Result } from './judge.ts';
import type { Machine } from './machine.ts';
import type { Goal, Row } from './row.ts';

/** What `bench/results/<name>.json` holds. */
export interface Stored extends Result {
  readonly name: string;
  readonly unit: Row['unit'];
  readonly goal: Goal;
  readonly machine: Machine;
}

const head = ['what', 'ours (p90)', 'other (p90)', 'against', 'runs', 'ratio', 'goal', 'met'];

/** A figure with as many places as can be told apart. */
export function figure(value: number): string {
  if (value >= 10_000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

const goalText = (goal: Goal, unit: string): string =>
  [
    ...(goal.ratio === undefined ? [] : [`≤ ${goal.ratio}`]),
    ...(goal.ours === undefined ? [] : [`≤ ${goal.ours} ${unit}`]),
    ...(goal.more === undefined ? [] : [`≤ ${goal.more} ${unit} more`]),
  ].join(', ');

/** The cells of one row of the table. */
export function cells(row: Row, result: Result): readonly string[] {
  const side = (summary: Result['other']): string =>
    summary === null ? '–' : `${figure(summary.median)} ${row.unit} (${figure(summary.p90)})`;
  return [
    row.ours,
    side(result.ours),
    side(result.other),
    row.other === '' ? '–' : row.other,
    String(result.ours.values.length),
    result.ratio === null ? '–' : result.ratio.toFixed(2),
    goalText(row.goal, row.unit),
    result.met ? 'yes' : '**no**',
  ];
}

/** The page `docs/performance.md`. */
export function page(rows: readonly Row[], results: ReadonlyMap<string, Stored>): string {
  const measured = rows.flatMap((row) => {
    const result = results.get(row.name);
    return result === undefined ? [] : [{ row, result }];
  });
  const machine = measured[0]?.result.machine;
  const machineText =
    machine === undefined
      ? 'Nothing was measured yet.'
      : `${machine.system}, ${machine.cores} × ${machine.processor}, ${machine.memoryGb} GB, Node ${machine.node}.`;
  return `<!-- Written by \`npm run bench\` out of bench/results; edit bench/frame/document.ts. -->

# Performance

What electron-pyinstaller costs, beside what one would do without it. Both sides are measured in turn within one run, on the same machine; the ratio is the median
of the pairs. \`npm run bench\` measures everything, \`npm run bench -- start stop\` these rows, \`npm run bench -- --quick\` the short ones in a few minutes.

${machineText}

${table(
  head,
  measured.map(({ row, result }) => cells(row, result)),
)}

![The ratio of each row and its goal](performance-ratios.svg)

![All figures of each row](performance-figures.svg)

## How near the limit

${table(
  ['row', 'what', 'the limit, or what stands in the way'],
  measured.map(({ row }) => [`\`${row.name}\``, row.ours, row.limit]),
)}
`;
}
