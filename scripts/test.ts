/**
 * `npm test`: everything that can be tested on this machine, in this order: build, static checks, package checks, fast tests,
 * slow tests (real PyInstaller, real hosts), and at most four minutes of figures, which decide nothing. Goes on after a failure so that one run shows all of them; ends with
 * `N passed, N failed`, after the names of what failed and of what passed only at the second try.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { ensureSystemTools } from './system-tools.ts';
import { failuresOf, retriedOf, type Report } from './test-results.ts';

const root = path.resolve(import.meta.dirname, '..');
const results = path.join(root, '.cache', 'test-results');

/** So long figures may take; what is not measured by then is left out. */
const quickBenchMs = 240_000;

interface Counts {
  passed: number;
  skipped: number;
  /** What failed, to be repeated at the end: the output is thousands of lines long. */
  failures: string[];
  /** What passed only at the second try: a fault that shows itself now and then. */
  retried: string[];
}

/** Run one command with its output shown; tell whether it succeeded. */
async function succeeds(command: string, args: readonly string[], timeout = 0): Promise<boolean> {
  const started = performance.now();
  const { failed } = await execa(command, args, {
    cwd: root,
    stdio: 'inherit',
    preferLocal: true,
    reject: false,
    timeout,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${failed ? '✖' : '✔'} ${[command, ...args].join(' ')} (${seconds} s)`);
  return !failed;
}

/** Run one vitest project and count its tests. A run that ends without results counts as one failure. */
async function runTests(project: string): Promise<Counts> {
  const file = path.join(results, `${project}.json`);
  const passed = await succeeds('vitest', [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const report = (await readFile(file, 'utf8').then(JSON.parse, () => ({}))) as Report;
  if (report.numTotalTests === undefined || report.numTotalTests === 0)
    return { passed: 0, skipped: 0, failures: [`${project}: the run ended without results`], retried: [] };
  const failures = failuresOf(report, root);
  // A failing hook or a file that cannot be loaded fails the run without failing a test.
  if (failures.length === 0 && !passed) failures.push(`${project}: vitest failed although no test did`);
  return {
    passed: report.numPassedTests ?? 0,
    skipped: report.numPendingTests ?? 0,
    failures,
    retried: retriedOf(report, root),
  };
}

await rm(results, { recursive: true, force: true });
await mkdir(results, { recursive: true });
await ensureSystemTools({ browser: true });

const total: Counts = { passed: 0, skipped: 0, failures: [], retried: [] };
for (const [command, ...args] of [
  ['npm', 'run', '-s', 'check'],
  ['npm', 'run', '-s', 'pack:check'],
] as const) {
  if (await succeeds(command, args)) total.passed += 1;
  else total.failures.push([command, ...args].join(' '));
}
for (const project of ['unit', 'e2e']) {
  const counts = await runTests(project);
  total.passed += counts.passed;
  total.skipped += counts.skipped;
  total.failures.push(...counts.failures);
  total.retried.push(...counts.retried);
}
// Reported only: how fast a machine is that has just been doing something else decides nothing.
await succeeds('node', ['bench/bench.ts', '--quick'], quickBenchMs);
for (const retried of total.retried) console.log(`↻ passed at the second try: ${retried}`);
for (const failure of total.failures) console.log(`✖ ${failure}`);
const retried = total.retried.length > 0 ? `, ${total.retried.length} at the second try` : '';
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failures.length} failed${retried}${skipped}`);
process.exitCode = total.failures.length > 0 ? 1 : 0;
