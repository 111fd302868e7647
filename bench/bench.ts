/**
 * `npm run bench` measures every row, `npm run bench -- start stop` these; writes bench/results/<name>.json and docs/performance.md.
 * `--quick`: the short rows with few runs, nothing is written; fails when a ratio is worse than 1.3 times its goal.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cells } from './frame/document.ts';
import { gotWorse } from './frame/judge.ts';
import { thisMachine } from './frame/machine.ts';
import { measure } from './frame/measure.ts';
import { documents, writeResult } from './frame/results.ts';
import { Workplace } from './frame/workplace.ts';
import { rows } from './rows/index.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, runs: { type: 'string' } },
});
const { quick } = values;
const unknown = positionals.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0)
  throw new Error(`no row ${unknown.join(', ')}; there are ${rows.map((row) => row.name).join(', ')}`);

const place = new Workplace();
const worse: string[] = [];
const failed: string[] = [];
try {
  for (const row of rows) {
    const wanted = positionals.length === 0 || positionals.includes(row.name);
    const runs = Number(values.runs ?? (quick ? (row.quickRuns ?? 0) : row.runs));
    if (!wanted || runs === 0) continue;
    try {
      for (const { figure, result } of await measure(row, place, runs)) {
        const { name, unit, goal } = figure;
        process.stdout.write(`${name}: ${cells(figure, result).join(' | ')}\n`);
        if (gotWorse(goal, result)) worse.push(name);
        if (!quick) await writeResult(place.root, { name, unit, goal, machine: thisMachine(), ...result });
      }
    } catch (error) {
      failed.push(row.name);
      process.stderr.write(
        `${row.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
    } finally {
      await place.clear();
    }
  }
  if (!quick) {
    for (const [file, content] of Object.entries(await documents(place.root, rows)))
      await writeFile(path.join(place.root, file), content);
  }
} finally {
  await place.clear();
}
if (quick && worse.length > 0) process.stderr.write(`worse than 1.3 times the goal: ${worse.join(', ')}\n`);
process.exitCode = failed.length > 0 || (quick && worse.length > 0) ? 1 : 0;
