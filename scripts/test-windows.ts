/**
 * `npm run test:windows [-- part or file …]`: the Windows branch on Linux, by Windows Node and Windows Python under Wine. Makes the bench (the first
 * run takes some minutes and 1.5 GB below `~/.cache`), runs unit tests and a project end to end, and writes docs/windows.md. With names of
 * parts or test files it runs those only, and leaves the page as it is: a page tells of one run. `-- packaging` packages apps for Windows on Linux, runs them
 * there, and writes docs/windows-packaging.md.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { makeBench, runNode, windowsPath } from './windows/bench.ts';
import type { Bench } from './windows/bench.ts';
import { testPackaging } from './windows/packaging/run.ts';
import { windowsPage } from './windows/page.ts';
import { parts, partsOf } from './windows/parts.ts';
import type { Part } from './windows/parts.ts';
import { count, outcomesOf, skippedByReason } from './windows/results.ts';
import type { PartResult } from './windows/results.ts';
import { ensureWindowsTools } from './windows/tools.ts';
import { copyTree } from './windows/tree.ts';

const root = path.resolve(import.meta.dirname, '..');
const page = path.join(root, 'docs/windows.md');

async function runPart(part: Part, bench: Bench, tree: string): Promise<PartResult> {
  const started = performance.now();
  const results = path.join(bench.folder, 'results');
  const report = path.join(results, `${part.name}.json`);
  const output = path.join(results, `${part.name}.txt`);
  await mkdir(results, { recursive: true });
  await rm(report, { force: true });
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', part.project, part.filter];
  const reporters = [
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${windowsPath(report)}`,
    '--maxWorkers=1',
    // Of a test that has no limit of its own; a process starts slowly under Wine.
    ...(part.project === 'unit' ? ['--testTimeout=120000'] : []),
  ];
  await runNode(bench, [...vitest, ...reporters], { cwd: tree, output, timeoutMs: part.timeoutMs });
  const text = await readFile(report, 'utf8').catch(() => null);
  const outcomes = outcomesOf(text, windowsPath(tree).replaceAll('\\', '/'), part);
  const result = { part, outcomes, seconds: (performance.now() - started) / 1000 };
  const numbers = (['passed', 'failed', 'skipped'] as const).map((one) => `${count([result], one)} ${one}`);
  console.log(`${part.name}: ${numbers.join(', ')} (${result.seconds.toFixed(0)} s; ${output})`);
  for (const { test, status, reason } of outcomes)
    if (status === 'failed') console.log(`  ✖ ${test}: ${reason}`);
  return result;
}

const wanted = process.argv.slice(2);
if (wanted[0] === 'packaging') process.exit(await testPackaging(wanted.slice(1)));
const chosen = wanted.length === 0 ? parts : partsOf(wanted);
if (chosen === null) {
  const names = parts.map(({ name }) => name).join(', ');
  console.error(`Name files or folders below test/, or parts: ${names}.`);
  process.exit(2);
}
try {
  await ensureWindowsTools();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
await execa('npm', ['run', '-s', 'build'], { cwd: root, stdio: 'inherit' });
const bench = await makeBench((line) => console.log(line));
console.log(`${bench.versions.join(', ')} in ${bench.folder}`);
const tree = await copyTree(bench.folder);
const began = performance.now();
const results: PartResult[] = [];
for (const part of chosen) results.push(await runPart(part, bench, tree));
if (wanted.length === 0) {
  await writeFile(page, windowsPage(results, bench.versions));
  console.log(`written: ${path.relative(root, page)}`);
}
console.log('\nskipped:');
for (const [reason, tests] of skippedByReason(results)) console.log(`  ${tests.length}  ${reason}`);
const [passed, failed, skipped] = (['passed', 'failed', 'skipped'] as const).map((one) =>
  count(results, one),
);
const minutes = ((performance.now() - began) / 60_000).toFixed(0);
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped (${minutes} min)`);
process.exitCode = failed === 0 ? 0 : 1;
