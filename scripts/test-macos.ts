/**
 * `npm run test:macos`: real macOS bundles on Linux. Makes the bench (the first run takes ten minutes and 600 MB below `~/.cache`),
 * runs the tests in test/macos, and writes docs/macos.md.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { makeBench } from './macos/bench.ts';
import { macosPage } from './macos/page.ts';
import { outcomesOf, summary } from './outcomes.ts';
import type { Report } from './test-results.ts';

const root = path.resolve(import.meta.dirname, '..');
const page = path.join(root, 'docs/macos.md');

const bench = await makeBench((line) => console.log(line)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
await execa('npm', ['run', '-s', 'build'], { cwd: root, stdio: 'inherit' });
const temporary = await mkdtemp(path.join(tmpdir(), 'test-macos-'));
const file = path.join(temporary, 'report.json');
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${file}`];
await execa(process.execPath, [vitest, 'run', '--project', 'macos', ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  env: { MACOS_BENCH: bench.folder, MACOS_RCODESIGN: bench.rcodesign },
  stdio: 'inherit',
  reject: false,
});
const report = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Report;
const whySkipped = 'Electron Forge joins two architectures on a Mac only';
const outcomes = outcomesOf(report, 'test/macos', whySkipped);
await rm(temporary, { recursive: true, force: true });
if (process.argv.length === 2) {
  await writeFile(page, macosPage(outcomes, bench.versions));
  console.log(`written: ${path.relative(root, page)}`);
}
for (const { test, status, reason } of outcomes)
  if (status !== 'passed') console.log(`${status}: ${test}: ${reason}`);
console.log(`\n${summary(outcomes)}`);
process.exitCode = outcomes.some(({ status }) => status === 'failed') ? 1 : 0;
