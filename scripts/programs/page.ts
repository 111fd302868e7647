/** docs/programs.md: the rows of the table, and the configurations that stand below it. */
import { table } from '../markdown-table.ts';
import type { Program } from '../programs.ts';

/** What a run showed. */
export interface Measured {
  readonly versions: readonly string[];
  readonly seconds: number;
  readonly sizeBytes: number;
  /** Null: it works. */
  readonly failure: string | null;
}

const head = ['program', 'versions', 'used for', 'lines', 'builds', 'freeze, s', 'size, MB', 'result'];

/** Lines of a backend's configuration, as one writes it. */
export function configLines(config: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(config).map(([key, value]) => `${key}: ${literal(value)},`);
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", String.raw`\'`)}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, member]) => `${key}: ${literal(member)}`);
    return `{ ${members.join(', ')} }`;
  }
  return String(value);
}

function rowOf(name: string, program: Program, measured: Measured): string[] {
  const works = measured.failure === null;
  return [
    `\`${name}\``,
    measured.versions.join(', '),
    program.used,
    String(configLines(program.config).length),
    works ? '1' : '–',
    measured.seconds === 0 ? '–' : measured.seconds.toFixed(0),
    measured.sizeBytes === 0 ? '–' : (measured.sizeBytes / 1_000_000).toFixed(0),
    works ? 'works' : `fails: \`${(measured.failure ?? '').replaceAll('`', "'")}\``,
  ];
}

/** The rows of the table in a page, by name. */
export function rowsOf(page: string): Map<string, string> {
  const rows = page.split('\n').flatMap((line) => {
    const name = /^\| `([^`]+)` \|/.exec(line)?.[1];
    return name === undefined ? [] : [[name, line] as const];
  });
  return new Map(rows);
}

/** The whole page. Rows that were not measured now are kept as they stand in `before`. */
export function renderPage(
  before: string,
  programs: Readonly<Record<string, Program>>,
  measured: ReadonlyMap<string, Measured>,
  machine: string,
  sources: Readonly<Record<string, string>>,
): string {
  const kept = rowsOf(before);
  const rows = Object.entries(programs).flatMap(([name, program]) => {
    const now = measured.get(name);
    const line =
      now === undefined
        ? kept.get(name)
        : table([], [rowOf(name, program, now)])
            .split('\n')
            .at(-1);
    return line === undefined ? [] : [line];
  });
  const works = rows.filter((row) => row.endsWith('| works |')).length;
  return [
    '<!-- Written by scripts/measure-programs.ts. Do not edit. -->',
    '# Programs',
    '',
    'Well-known packages of PyPI, each frozen from the configuration that a newcomer would write, by `electron-pyinstaller build`, and then *used*: not only started. The environment',
    'is made from the requirements, the frozen program runs without a Python in reach (`PATH=/nowhere`), and what it answers is compared. *Lines*: of the configuration, one for each key.',
    '*Builds*: how many it took until it worked; a dash means that it did not. *Freeze*: the whole `build`, checks included, on a machine that did other things too.',
    '',
    `${works} of ${rows.length} work. ${machine}`,
    '',
    ...table(head, []).split('\n'),
    ...rows,
    '',
    '`npm run measure:programs` makes this page (with names: only those rows) of the programs in `scripts/programs/`.',
    '',
    '## As it is written',
    '',
    ...Object.entries(sources).flatMap(([name, source]) => {
      const config = programs[name]?.config ?? {};
      const lines = configLines(config).map((line) => `      ${line}`);
      return [
        `### ${name}`,
        '',
        '```js',
        '// pyinstaller.config.mjs',
        'export default {',
        '  backends: {',
        '    engine: {',
        ...lines,
        '    },',
        '  },',
        '};',
        '```',
        '',
        '```python',
        source.trim(),
        '```',
        '',
      ];
    }),
  ].join('\n');
}
