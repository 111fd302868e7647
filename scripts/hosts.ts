/**
 * `npm run test:hosts`: real hosts with real package managers, each from the packed package in a fresh folder. `npm run test:hosts -- <name> …` runs
 * those rows alone (`newcomer`: all whose names begin so, which is `npm run test:newcomer`). Each run writes what it saw into docs/hosts.md. Logs: .cache/hosts/logs.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tailOf } from './demo/failure.ts';
import { startElectronMirror } from './hosts/electron-mirror.ts';
import { RowFailure } from './hosts/failure.ts';
import { needsOfAll, whatIsMissing } from './hosts/machine.ts';
import { packPackage } from './hosts/packed.ts';
import { hostsPage, type RowResult } from './hosts/page.ts';
import { playRow } from './hosts/play.ts';
import { type Row, rows } from './hosts/rows.ts';

const repository = path.resolve(import.meta.dirname, '..');
const cache = path.join(repository, '.cache', 'hosts');
const pageFile = path.join(repository, 'docs', 'hosts.md');
const wanted = process.argv.slice(2);
const isMeant = (row: Row, name: string): boolean => row.name === name || row.name.startsWith(`${name}-`);
const unknown = wanted.filter((name) => !rows.some((row) => isMeant(row, name)));
if (unknown.length > 0)
  throw new Error(
    `No row is called ${unknown.join(', ')}. There are: ${rows.map(({ name }) => name).join(', ')}.`,
  );

await rm(path.join(cache, 'electron'), { recursive: true, force: true });
const tarball = await packPackage(path.join(cache, 'packed'));

const mirror = await startElectronMirror(path.join(cache, 'electron'));
// Outside of the repository, whose node_modules would be found.
const work = path.join(tmpdir(), `electron-pyinstaller-hosts-${process.pid}`);
const results: RowResult[] = [];
try {
  for (const row of rows.filter((row) => wanted.length === 0 || wanted.some((one) => isMeant(row, one)))) {
    const why = row.skip ?? (await whatIsMissing([...needsOfAll, ...(row.needs ?? [])]));
    if (why !== null) {
      results.push({ row, outcome: 'not run', why });
      console.log(`- ${row.name}: not run: ${why}`);
      continue;
    }
    try {
      const played = await playRow(row, {
        work,
        tools: path.join(cache, 'tools'),
        logs: path.join(cache, 'logs'),
        tarball,
        env: {
          ...mirror.env,
          CI: '1',
          NO_COLOR: '1',
          ELECTRON_PYINSTALLER_CACHE: path.join(cache, 'backends'),
        },
      });
      results.push({ row, outcome: played.refusal === null ? 'works' : 'refused', played });
      const times = Object.entries(played.seconds).map(([name, seconds]) => `${name} ${seconds} s`);
      console.log(
        `✔ ${row.name}: ${times.join(', ')}; ${played.refusal ?? `edited: ${played.edits.join(', ')}`}`,
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      results.push({ row, outcome: 'fails', why: (message.split('\n')[0] ?? '').replaceAll(work, '') });
      console.log(`✖ ${row.name}: ${message}`);
      if (error instanceof RowFailure) console.log(await tailOf(error.log));
    }
    await writeFile(pageFile, hostsPage(rows, results, await readFile(pageFile, 'utf8').catch(() => '')));
  }
} finally {
  mirror.close();
  await rm(work, { recursive: true, force: true, maxRetries: 5 });
}
const count = (outcome: RowResult['outcome']): number =>
  results.filter((one) => one.outcome === outcome).length;
console.log(
  `${count('works')} work, ${count('refused')} refused as they should be, ${count('fails')} fail, ${count('not run')} not run`,
);
process.exitCode = count('fails') > 0 ? 1 : 0;
