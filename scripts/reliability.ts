/**
 * `npm run reliability`: injects every fault into real programs with the full soak (11 minutes on two idle cores), measures how long
 * readiness takes to be known, and writes docs/reliability*.md. With `--write` the pages are written again from the last run, with
 * `--lag` after measuring the readiness anew.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import type { ProgramVersions, ReliabilityRow } from '../test/runtime/faults/rows.ts';
import { reliabilityPages } from './reliability/document.ts';
import type { LagResult, Machine } from './reliability/measured.ts';
import { ensureSystemTools } from './system-tools.ts';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, '.cache', 'reliability');
const rowsFile = path.join(folder, 'rows.jsonl');

const parts = {
  unit: ['test/runtime/model'],
  e2e: [
    'test/runtime/faults',
    'test/security/token-search.e2e.test.ts',
    'test/security/browser-attack.e2e.test.ts',
    'test/companion/runtime.e2e.test.ts',
  ],
} as const;

/** Run one project's tests; what they print is shown and kept. @throws Error when one fails. */
async function runTests(project: keyof typeof parts): Promise<void> {
  const child = execa(
    'vitest',
    [
      'run',
      '--project',
      project,
      ...parts[project],
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${path.join(folder, `${project}.json`)}`,
    ],
    {
      cwd: root,
      preferLocal: true,
      stdin: 'ignore',
      stdout: ['pipe', 'inherit'],
      stderr: 'inherit',
      reject: false,
      env: { ELECTRON_PYINSTALLER_RELIABILITY: rowsFile, ELECTRON_PYINSTALLER_SOAK: '1' },
    },
  );
  const { stdout, failed } = await child;
  await writeFile(path.join(folder, `${project}.log`), stdout);
  if (failed) throw new Error(`tests failed (${project}); see above. The pages are not written`);
}

async function systemName(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? os.type();
  return `${name}, ${os.type()} ${os.release().replace(/-.*/, '')}, ${os.arch()}`;
}

async function machine(): Promise<Machine> {
  const [first] = os.cpus();
  return {
    processors: `${os.availableParallelism()} × ${first?.model ?? 'unknown'}`,
    memory: `${(os.totalmem() / 2 ** 30).toFixed(0)} GiB`,
    system: await systemName(),
    node: process.version,
    load: os
      .loadavg()
      .map((value) => value.toFixed(1))
      .join(', '),
  };
}

/** Run a command and read its last line as JSON; null when it cannot be run. */
async function lastLine([command = '', ...args]: readonly string[]): Promise<unknown> {
  const { stdout, failed } = await execa(command, args, { cwd: root, preferLocal: true, reject: false });
  return failed ? null : (JSON.parse(stdout.split('\n').at(-1) ?? '') as unknown);
}

interface Lags {
  readonly lag: LagResult;
  readonly undisturbed: readonly LagResult[];
  readonly lagLoad: string;
}

/** How often the lag is measured: the processors may be virtual, and then others take them even from real-time programs. */
const batches = 3;

async function measureLag(): Promise<void> {
  const bench = ['node', 'bench/ready-lag.ts', '30'];
  const lagLoad = (os.loadavg()[0] ?? 0).toFixed(1);
  const lag = await lastLine(bench);
  const undisturbed: unknown[] = [];
  for (let count = 0; count < batches; count++)
    undisturbed.push(await lastLine(['chrt', '-r', '1', ...bench]));
  const lags = { lag, undisturbed: undisturbed.filter((one) => one !== null), lagLoad };
  await writeFile(path.join(folder, 'ready-lag.json'), JSON.stringify(lags));
}

/** Everything that takes its time. */
async function measure(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await ensureSystemTools({ browser: true });
  await execa('node', ['scripts/build.ts'], { cwd: root, preferLocal: true });
  // First, while nothing else of ours runs.
  await measureLag();
  await runTests('unit');
  await runTests('e2e');
  const facts = { machine: await machine(), date: new Date().toISOString().slice(0, 10) };
  await writeFile(path.join(folder, 'machine.json'), JSON.stringify(facts));
}

async function readJson<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(path.join(folder, name), 'utf8')) as T;
}

interface Counts {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numPendingTests: number;
}

async function writePages(): Promise<void> {
  const lines = (await readFile(rowsFile, 'utf8')).split('\n').filter(Boolean);
  const notes = lines.map((line) => JSON.parse(line) as ReliabilityRow | ProgramVersions);
  const counts = [await readJson<Counts>('unit.json'), await readJson<Counts>('e2e.json')];
  if (!counts.every(({ success }) => success)) throw new Error('a test failed; the pages are not written');
  const log = await readFile(path.join(folder, 'e2e.log'), 'utf8');
  const versions = notes.find((note) => 'pyinstaller' in note);
  if (versions === undefined) throw new Error('no frozen program was used');
  const sum = (of: (one: Counts) => number): number => counts.reduce((total, one) => total + of(one), 0);
  const pages = reliabilityPages({
    ...(await readJson<{ date: string; machine: Machine }>('machine.json')),
    versions,
    rows: notes.filter((note) => 'number' in note),
    ...(await readJson<Lags>('ready-lag.json')),
    passed: sum(({ numPassedTests }) => numPassedTests),
    skipped: sum(({ numPendingTests }) => numPendingTests),
    tokens: /searched \d+ files and .*$/m.exec(log)?.[0] ?? 'not searched',
  });
  for (const [name, text] of Object.entries(pages)) await writeFile(path.join(root, 'docs', name), text);
}

if (process.argv.includes('--lag')) await measureLag();
else if (!process.argv.includes('--write')) await measure();
await writePages();
