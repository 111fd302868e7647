/** docs/hosts.md: what the runs saw. Pure. */
import { table } from '../markdown-table.ts';
import { managers } from './managers.ts';
import type { Played } from './play.ts';
import type { Row } from './rows.ts';

/** How a row ended. */
export type RowResult =
  | { readonly row: Row; readonly outcome: 'works'; readonly played: Played }
  | { readonly row: Row; readonly outcome: 'refused'; readonly played: Played }
  | { readonly row: Row; readonly outcome: 'fails' | 'not run'; readonly why: string };

const stages = ['install', 'init', 'development', 'package', 'packaged app'] as const;
const head = [
  'host and layout',
  'package manager',
  'result',
  'edited by hand',
  ...stages.map((stage) => `${stage}, s`),
  'app.asar',
];

function cells(result: RowResult): string[] {
  const { title, manager } = result.row;
  const first = [title, managers[manager].title];
  if (result.outcome === 'works') {
    const { seconds, edits, entries } = result.played;
    const times = stages.map((stage) => String(seconds[stage] ?? ''));
    return [...first, 'works', edits.map((file) => `\`${file}\``).join(', '), ...times, `${entries} entries`];
  }
  const why = result.outcome === 'refused' ? (result.played.refusal ?? '') : result.why;
  return [...first, `${result.outcome}: ${why}`, '', ...stages.map(() => ''), ''];
}

/** Rows of a page by what they begin with: host, layout and package manager. */
function rowsOf(page: string): Map<string, string> {
  const lines = page.split('\n').filter((line) => line.startsWith('| '));
  return new Map(lines.map((line) => [beginOf(line), line]));
}

const beginOf = (line: string): string => line.split(' | ').slice(0, 2).join(' | ');

/**
 * The page.
 *
 * @param rows - all there are, in their order
 * @param earlier - the page of an earlier run: of what was not tried now, it keeps the lines
 */
export function hostsPage(rows: readonly Row[], results: readonly RowResult[], earlier: string): string {
  const kept = rowsOf(earlier);
  const [headLine = '', rule = ''] = table(head, []).split('\n');
  const lines = rows.flatMap((row) => {
    const result = results.find((one) => one.row === row);
    const lineOf = (one: RowResult): string => table(head, [cells(one)]).split('\n')[2] ?? '';
    if (result !== undefined) return [lineOf(result)];
    return kept.get(beginOf(lineOf({ row, outcome: 'not run', why: '' }))) ?? [];
  });
  return `# Hosts that were tried

Written by \`npm run test:hosts\`; with names it tries only those rows, and the others stay as an earlier run wrote them. Each layout is made in a
fresh folder and gets the packed package. Then, with no other knowledge than what is printed: \`init --yes\`, the lines it prints for the main
process (the only file that is edited by hand), its command for development, packaging, and the packaged app. Both times the app
starts, its backend answers, the app is asked to quit, and no process is left. \`app.asar\` holds the manifest, and neither Python
sources nor secrets nor the build's own files.

The machine is Linux on x64 with a [stand-in](../test/standin/README.md) for Electron's binary; Windows, macOS and genuine Electron are not part of
it. Seconds are of one run on a machine that did other things as well; the first row that freezes fills the cache for the rest.

${[headLine, rule, ...lines].join('\n')}
`;
}
