/**
 * Freezes one small program for each preset, starts it three times with the runtime, and writes what that took into docs/presets.md.
 * Run after a build: `npm run build && npm run measure:presets`. With names of presets it measures only those and keeps the rows of the others, which should come from the same machine.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { loadConfig, resolveConfig } from '../dist/config/index.js';
import type { FrozenBackend } from '../dist/bundle/frozen.js';
import { createManifest, freezeBackend } from '../dist/freeze/index.js';
import { verifyBundle } from '../dist/verify/index.js';
import { placeBackends } from '../dist/place/index.js';
import { presetTable } from '../dist/config/presets/index.js';
import { provisionEnvironment, type PythonEnvironment } from '../dist/python/index.js';
import { createBackend } from '../dist/runtime/index.js';
import { hostTarget } from '../dist/target.js';
import { presetPrograms, type PresetProgram } from '../test/presets/programs.ts';
import { measuredOf, replaceMeasured } from './measured-block.ts';

const root = path.resolve(import.meta.dirname, '..');
const page = path.join(root, 'docs', 'presets.md');
// Environments are kept from one run to the next; bundles are not, so that every one is frozen.
const cacheDir = path.join(root, '.cache', 'measure');
const starts = 3;

interface Measured {
  readonly preset: string;
  readonly versions: readonly string[];
  readonly freezeSeconds: number;
  /** Of processors, over all processes of the freeze; null where the system does not tell. */
  readonly cpuSeconds: number | null;
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly startMs: number;
  readonly environment: PythonEnvironment;
}

async function measure(preset: string, program: PresetProgram): Promise<Measured> {
  const projectDir = await mkdtemp(path.join(os.tmpdir(), 'measure-preset-'));
  try {
    await cp(path.join(root, 'test/presets/apps', program.folder), path.join(projectDir, 'backend'), {
      recursive: true,
    });
    const { entry, requirements, config, check } = program;
    const inline = { backends: { engine: { source: 'backend', entry, requirements, ...config } } };
    const loaded = await loadConfig({ projectDir, inline, inlineSource: 'measure-presets' });
    const [backend] = resolveConfig(loaded, { target: hostTarget(), cacheDir }).backends;
    if (backend === undefined) throw new Error(`${preset}: no backend`);
    // First, so that downloading and installing packages is no part of the freeze.
    const environment = await provisionEnvironment(backend, { cacheDir });
    const cpuBefore = await cpuSeconds();
    const frozen = await freezeBackend(backend, { cacheDir, verify: verifyBundle });
    const cpuAfter = await cpuSeconds();
    if (frozen.cached) throw new Error(`${preset}: the bundle came out of the cache`);
    const times: number[] = [];
    for (let turn = 0; turn < starts; turn += 1)
      times.push(await startOnce(frozen, path.join(projectDir, `start ${turn}`), check));
    return {
      preset,
      versions: requirements.map((requirement) => versionOf(requirement, environment)),
      freezeSeconds: frozen.elapsedMs / 1000,
      cpuSeconds: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore,
      sizeBytes: frozen.sizeBytes,
      fileCount: frozen.fileCount,
      startMs: times.sort((a, b) => a - b)[Math.floor(starts / 2)] ?? Number.NaN,
      environment,
    };
  } finally {
    await rm(projectDir, { recursive: true, force: true });
  }
}

/** Seconds of processors that this process and those it has waited for have used; null on other systems than Linux. */
async function cpuSeconds(): Promise<number | null> {
  if (process.platform !== 'linux') return null;
  const text = await readFile('/proc/self/stat', 'utf8');
  // The name in parentheses may hold spaces. After it: state, and from the 12th on utime, stime, cutime, cstime in ticks of 10 ms.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / 100;
}

/** Start the placed program as an app does; it must also answer rightly. Milliseconds until it was ready. */
async function startOnce(
  frozen: FrozenBackend,
  appDir: string,
  check: PresetProgram['check'],
): Promise<number> {
  const resourcesPath = path.join(appDir, 'resources');
  await placeBackends([frozen], resourcesPath);
  const backend = createBackend({
    app: {
      isPackaged: true,
      getAppPath: () => appDir,
      getPath: (name) => path.join(appDir, name),
      on: () => undefined,
      quit: () => undefined,
    },
    name: frozen.backend.name,
    manifest: createManifest([frozen]),
    resourcesPath,
    stopOnQuit: false,
  });
  try {
    const began = performance.now();
    await backend.start();
    const startMs = performance.now() - began;
    const answer = await (await backend.fetch(check.path)).text();
    // Separators differ between the frameworks that write the JSON.
    if (!compact(answer).includes(compact(check.contains)))
      throw new Error(`${check.path} answered ${answer}, not ${check.contains}`);
    return startMs;
  } finally {
    await backend[Symbol.asyncDispose]();
  }
}

const compact = (text: string): string => text.replaceAll(/(?<=[:,]) /g, '');

/** `sqlalchemy[asyncio]` → `sqlalchemy 2.0.51`. */
function versionOf(requirement: string, { distributions }: PythonEnvironment): string {
  const name = /^[\w.-]+/.exec(requirement)?.[0] ?? requirement;
  const found = distributions.find((distribution) => distribution.name === name);
  return found === undefined ? name : `${name} ${found.version}`;
}

/** The row of the table. */
function rowOf(row: Measured): string {
  const cells = [
    `\`${row.preset}\``,
    row.versions.join(', '),
    row.freezeSeconds.toFixed(0),
    row.cpuSeconds?.toFixed(0) ?? '?',
    (row.sizeBytes / 1_000_000).toFixed(0),
    String(row.fileCount),
    row.startMs.toFixed(0),
  ];
  return `| ${cells.join(' | ')} |`;
}

function machineOf({ environment }: Measured): string {
  const { probe, pyinstallerVersion, hooksVersion } = environment;
  return [
    `${os.cpus().length} CPUs`,
    `${os.type()} ${os.arch()}`,
    `Python ${probe.version.join('.')}`,
    `PyInstaller ${pyinstallerVersion}`,
    `pyinstaller-hooks-contrib ${hooksVersion}`,
    `Node ${process.versions.node}`,
  ].join(', ');
}

/** What stands in the page, with the rows of what was measured now. */
function report(before: string, rows: readonly Measured[], load: number): string {
  const [first] = rows;
  if (first === undefined) return before;
  const lines = new Map<string, string>();
  for (const line of before.split('\n')) {
    const name = /^\| `([^`]+)`/.exec(line)?.[1];
    if (name !== undefined) lines.set(name, line);
  }
  for (const row of rows) lines.set(row.preset, rowOf(row));
  return [
    `The figures of one machine, ${new Date().toISOString().slice(0, 10)}: ${machineOf(first)}.`,
    `Its load average meanwhile was ${load.toFixed(1)}; a freeze alone makes about 1, so on a quiet machine *freeze* is nearer to *of CPU*, and *start* is shorter.`,
    '',
    '| preset | versions | freeze, s | of CPU, s | size, MB | files | start, ms |',
    '| --- | --- | --: | --: | --: | --: | --: |',
    ...names.flatMap((name) => lines.get(name) ?? []),
  ].join('\n');
}

const wanted = process.argv.slice(2);
const names: readonly string[] = presetTable.map((preset) => preset.name);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0)
  throw new Error(`No such preset: ${unknown.join(', ')}. There are: ${names.join(', ')}.`);

await rm(path.join(cacheDir, 'bundles'), { recursive: true, force: true });
const rows: Measured[] = [];
const loads: number[] = [];
for (const name of names.filter((name) => wanted.length === 0 || wanted.includes(name))) {
  const program = presetPrograms[name];
  if (program === undefined) throw new Error(`No program shows the preset ${name}.`);
  const row = await measure(name, program);
  rows.push(row);
  loads.push(os.loadavg()[1] ?? 0);
  const text = await readFile(page, 'utf8');
  const load = loads.reduce((sum, value) => sum + value, 0) / loads.length;
  // After each, so that an interrupted run keeps what it has.
  await writeFile(page, replaceMeasured(text, report(measuredOf(text), rows, load)));
  console.log(rowOf(row));
}
console.log(`\n${measuredOf(await readFile(page, 'utf8'))}\n\ndocs/presets.md: written`);
