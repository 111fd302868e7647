import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../fixtures/run.ts';
import { limitsPage, page, triedPage, type Stored } from './document.ts';
import { figurePlot, ratioPlot } from './plot.ts';
import type { Row } from './row.ts';

/** Every result that is kept, by the name of its row. */
export async function readResults(root: string): Promise<ReadonlyMap<string, Stored>> {
  const folder = path.join(root, 'bench', 'results');
  const names = await readdir(folder).catch(() => []);
  const stored = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => JSON.parse(await readFile(path.join(folder, name), 'utf8')) as Stored),
  );
  return new Map(stored.map((one) => [one.name, one]));
}

/** Keep one result, laid out as the formatter wants it. Figures in thousandths: more is noise. */
export async function writeResult(root: string, result: Stored): Promise<void> {
  const folder = path.join(root, 'bench', 'results');
  const file = path.join(folder, `${result.name}.json`);
  await mkdir(folder, { recursive: true });
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
  await writeFile(file, JSON.stringify(result, rounded, 2));
  const formatter = path.resolve(import.meta.dirname, '../../node_modules/oxfmt/bin/oxfmt');
  await run(process.execPath, [formatter, file]);
}

/** What is made of the results, by its path under the root. */
export async function documents(
  root: string,
  rows: readonly Row[],
): Promise<Readonly<Record<string, string>>> {
  const results = await readResults(root);
  return {
    'docs/performance.md': page(rows, results),
    'docs/performance-limits.md': limitsPage(rows, results),
    'docs/performance-tried.md': triedPage(),
    'docs/performance-ratios.svg': ratioPlot(rows, results),
    'docs/performance-figures.svg': figurePlot(rows, results),
  };
}
