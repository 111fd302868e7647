import { table } from '../../scripts/markdown-table.ts';
import type { Result } from './judge.ts';
import type { Machine } from './machine.ts';
import { tried } from './tried.ts';
import { figuresOf, type Figure, type Goal, type Row } from './row.ts';

/** What `bench/results/<name>.json` holds. */
export interface Stored extends Result {
  readonly name: string;
  readonly unit: Figure['unit'];
  readonly goal: Goal;
  readonly machine: Machine;
}

const head = ['what', 'unit', 'ours (p90)', 'other (p90)', 'against', 'runs', 'ratio', 'at most', 'met'];

/** A figure with as many places as can be told apart. */
export function figure(value: number): string {
  if (value >= 10_000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

const goalText = (goal: Goal, unit: string): string =>
  [
    ...(goal.ratio === undefined ? [] : [String(goal.ratio)]),
    ...(goal.ours === undefined ? [] : [`${goal.ours} ${unit}`]),
    ...(goal.more === undefined ? [] : [`${goal.more} ${unit} more`]),
  ].join(', ');

/** The cells of one row of the table. */
export function cells(line: Figure, result: Result): readonly string[] {
  const side = (summary: Result['other']): string =>
    summary === null ? '–' : `${figure(summary.median)} (${figure(summary.p90)})`;
  return [
    line.ours,
    line.unit,
    side(result.ours),
    side(result.other),
    line.other ?? '–',
    String(result.ours.values.length),
    result.ratio === null ? '–' : result.ratio.toFixed(2),
    goalText(line.goal, line.unit),
    result.met ? 'yes' : '**no**',
  ];
}

/** The lines of the table of which something is known, with it. */
export function measuredOf(
  rows: readonly Row[],
  results: ReadonlyMap<string, Stored>,
): readonly { readonly line: Figure; readonly result: Stored }[] {
  return rows.flatMap(figuresOf).flatMap((line) => {
    const result = results.get(line.name);
    return result === undefined ? [] : [{ line, result }];
  });
}

const generated =
  '<!-- Written by `npm run bench` out of bench/results; edit bench/frame/document.ts and bench/rows. -->';

/** The page `docs/performance.md`. */
export function page(rows: readonly Row[], results: ReadonlyMap<string, Stored>): string {
  const measured = measuredOf(rows, results);
  const machine = measured[0]?.result.machine;
  const machineText =
    machine === undefined
      ? 'Nothing was measured yet.'
      : `${machine.system}, ${machine.cores} × ${machine.processor}, ${machine.memoryGb} GB, Node ${machine.node}.`;
  return `${generated}

# Performance

What electron-pyinstaller costs, beside what one would do without it. Both sides are measured in turn within one run; the ratio is the median of the pairs.
A start ends when the server can be used; the other side asks it every 5 ms. How near each row is to what is possible: [limits](performance-limits.md).

\`npm run bench\` measures everything (half an hour, ten minutes of it idle), \`npm run bench -- start stop\` these rows, \`npm run bench -- --quick\` the short ones in
a few minutes.

${machineText}

${table(
  head,
  measured.map(({ line, result }) => cells(line, result)),
)}

![The ratio of each row and its goal](performance-ratios.svg)

![All figures of each row](performance-figures.svg)
`;
}

/** The page `docs/performance-limits.md`. */
export function limitsPage(rows: readonly Row[], results: ReadonlyMap<string, Stored>): string {
  return `${generated}

# How near the limit

What stands in the way of each row of the table of [performance](performance.md) becoming quicker or smaller.

${table(
  ['row', 'what', 'the limit, or what stands in the way'],
  measuredOf(rows, results).map(({ line }) => [`\`${line.name}\``, line.ours, line.limit]),
)}

What was tried to make a start shorter: [attempts](performance-tried.md).
`;
}

/** The page `docs/performance-tried.md`. */
export function triedPage(): string {
  return `${generated}

# What was tried for the start

Processor time of the example's program until it is ready, 20 starts of each variant in turn. What is measured now: [performance](performance.md).

${table(['what', 'what it gave'], tried)}
`;
}
