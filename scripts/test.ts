/**
 * `npm test`: everything that can be tested on this machine, in this order: build, static checks, package checks, fast tests,
 * slow tests (real PyInstaller, real hosts). Goes on after a failure so that one run shows all of them; ends with
 * `N passed, N failed`.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { ensureSystemTools } from './system-tools.ts';

const root = path.resolve(import.meta.dirname, '..');
const results = path.join(root, '.cache', 'test-results');

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Run one command with its output shown; tell whether it succeeded. */
async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  const started = performance.now();
  const { failed } = await execa(command, args, {
    cwd: root,
    stdio: 'inherit',
    preferLocal: true,
    reject: false,
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
  const report: unknown = await readFile(file, 'utf8').then(JSON.parse, () => null);
  const { numPassedTests, numFailedTests, numPendingTests, numTotalTests } = (report ?? {}) as Record<
    string,
    number | undefined
  >;
  if (numTotalTests === undefined || numTotalTests === 0) return { passed: 0, failed: 1, skipped: 0 };
  // A failing hook or a file that cannot be loaded fails the run without failing a test.
  const failed = numFailedTests ?? 0;
  return {
    passed: numPassedTests ?? 0,
    failed: failed === 0 && !passed ? 1 : failed,
    skipped: numPendingTests ?? 0,
  };
}

await rm(results, { recursive: true, force: true });
await mkdir(results, { recursive: true });
await ensureSystemTools({ browser: true });

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const [command, ...args] of [
  ['npm', 'run', '-s', 'check'],
  ['npm', 'run', '-s', 'pack:check'],
] as const) {
  if (await succeeds(command, args)) total.passed += 1;
  else total.failed += 1;
}
for (const project of ['unit', 'e2e']) {
  const counts = await runTests(project);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;
