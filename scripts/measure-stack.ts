/**
 * Freezes PyTorch as PyPI has it, with transformers, peft and accelerate, verifies and places it, starts it, asks a route that
 * imports it, and writes what that took into docs/big-backends.md. Downloads 3 GB and needs 25 GB of disk; Linux.
 * Run after a build: `npm run build && npm run measure:stack [-- <folder for everything>]`.
 */
import { readFileSync } from 'node:fs';
import { appendFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { advise, formatReport, inventory } from '../dist/bundle/index.js';
import type { FrozenBackend } from '../dist/bundle/frozen.js';
import { loadConfig, resolveConfig } from '../dist/config/index.js';
import type { ResolvedBackend } from '../dist/config/resolved.js';
import { createManifest, freezeBackend } from '../dist/freeze/index.js';
import { reportAsLines } from '../dist/hosts/electron-builder/log.js';
import { formatBytes } from '../dist/lib/text.js';
import { placeBackends, writeManifest } from '../dist/place/index.js';
import { provisionEnvironment } from '../dist/python/index.js';
import type { Report } from '../dist/report.js';
import { createBackend, type Backend } from '../dist/runtime/index.js';
import { hostTarget } from '../dist/target.js';
import { verifyBundle, verifyPackagedApp } from '../dist/verify/index.js';
import { table } from './markdown-table.ts';
import { replaceMeasured } from './measured-block.ts';
import { diskUse, watchDisk } from './stack/disk-use.ts';

const root = path.resolve(import.meta.dirname, '..');
const page = path.join(root, 'docs', 'big-backends.md');
const folder = path.resolve(process.argv[2] ?? path.join(root, '.cache', 'stack'));
const [cacheDir, temporary, output] = ['cache', 'tmp', 'out'].map((name) => path.join(folder, name)) as [
  string,
  string,
  string,
];
const projectDir = path.join(folder, 'project');
const command = 'measure:stack';

const rows: [string, string][] = [];
const say = (what: string, value: string): void => {
  rows.push([what, value]);
  console.log(`${what}: ${value}`);
};
const seconds = (milliseconds: number): string =>
  `${(milliseconds / 1000).toFixed(milliseconds < 9950 ? 1 : 0)} s`;

/** What was printed without a terminal, and the longest time between two lines. */
class Lines {
  longestSilenceMs = 0;
  #last = performance.now();
  readonly report: Report = reportAsLines('', (line) => this.#add(line));

  restart(): void {
    this.#last = performance.now();
    this.longestSilenceMs = 0;
  }

  #add(line: string): void {
    this.longestSilenceMs = Math.max(this.longestSilenceMs, performance.now() - this.#last);
    this.#last = performance.now();
    void appendFile(path.join(folder, 'lines.log'), `${line}\n`);
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }> {
  const began = performance.now();
  const value = await work();
  return { value, tookMs: performance.now() - began };
}

/** The most memory that this process ever had. */
function ownPeakBytes(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024;
}

async function resolve(changes: Readonly<Record<string, unknown>> = {}): Promise<ResolvedBackend> {
  const config = {
    source: 'backend',
    entry: { asgi: 'main:app' },
    hiddenImports: ['services.*'],
    ready: '/api/health',
    ...changes,
  };
  const loaded = await loadConfig({
    projectDir,
    inline: { backends: { engine: config } },
    inlineSource: command,
  });
  const [backend] = resolveConfig(loaded, { target: hostTarget(), cacheDir }).backends;
  if (backend === undefined) throw new Error('no backend');
  return backend;
}

function runtimeOf(frozen: FrozenBackend, integrity: 'exe' | 'cached' | 'full' | 'off'): Backend {
  const manifest = createManifest([frozen]);
  const engine = manifest.backends['engine'];
  if (engine === undefined) throw new Error('no engine in the manifest');
  return createBackend({
    app: {
      isPackaged: true,
      getAppPath: () => path.join(output, 'resources'),
      getPath: (name) => path.join(output, name),
      on: () => undefined,
      quit: () => undefined,
    },
    name: 'engine',
    manifest: {
      ...manifest,
      backends: { engine: { ...engine, settings: { ...engine.settings, integrity } } },
    },
    resourcesPath: path.join(output, 'resources'),
    stopOnQuit: false,
  });
}

async function start(backend: Backend): Promise<{ readonly tookMs: number; readonly pauseMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const { tookMs } = await timed(() => backend.start());
  delay.disable();
  return { tookMs, pauseMs: delay.max / 1e6 };
}

async function ask(
  backend: Backend,
  route: string,
): Promise<{ readonly tookMs: number; readonly text: string }> {
  const { value, tookMs } = await timed(async () => {
    const answer = await backend.fetch(route);
    return { status: answer.status, text: await answer.text() };
  });
  if (value.status !== 200)
    throw new Error(`${route} answered ${value.status}: ${value.text.slice(0, 2000)}`);
  return { tookMs, text: value.text };
}

/** Build, verify, place, start; the rows of the table. */
async function measure(): Promise<string> {
  const lines = new Lines();
  const watch = await watchDisk([cacheDir, temporary, output]);
  const options = { cacheDir, verify: verifyBundle, report: lines.report };

  const backend = await resolve();
  const provisioned = await timed(() => provisionEnvironment(backend, { cacheDir, report: lines.report }));
  const environmentBytes = await diskUse([cacheDir]);
  say('environment', `${formatBytes(environmentBytes)}, made in ${seconds(provisioned.tookMs)}`);
  say('most disk while it was made', formatBytes(watch.takePeak()));

  lines.restart();
  const first = await timed(() => freezeBackend(backend, options));
  const frozen = first.value;
  const { sizeBytes } = frozen;
  say('bundle', `${formatBytes(sizeBytes)}, ${frozen.fileCount} files`);
  say('freeze with all checks', seconds(first.tookMs));
  say('longest time without a line (no terminal)', seconds(lines.longestSilenceMs));
  const buildPeak = watch.takePeak() - environmentBytes;
  say(
    'most disk beside the environment while freezing and checking',
    `${formatBytes(buildPeak)}, ${(buildPeak / sizeBytes).toFixed(2)} × the bundle`,
  );

  const again = await timed(() => freezeBackend(backend, options));
  if (!again.value.cached) throw new Error('the second build froze again');
  say('build without a change', seconds(again.tookMs));

  const checked = await resolve({ verify: { imports: ['torch', 'transformers', 'peft', 'accelerate'] } });
  const recheck = await timed(() => freezeBackend(checked, options));
  if (!recheck.value.cached) throw new Error('a change of `verify` froze again');
  say('check again after a change of `verify.imports`', seconds(recheck.tookMs));

  const resources = path.join(output, 'resources');
  const placed = await timed(async () => {
    await placeBackends([frozen], resources);
    const app = path.join(resources, 'app');
    await mkdir(app, { recursive: true });
    await writeFile(path.join(app, 'package.json'), '{"name":"stack"}');
    await writeManifest(app, createManifest([frozen]));
  });
  say('placing', seconds(placed.tookMs));
  watch.takePeak();
  const verified = await timed(() => verifyPackagedApp(output, { cacheDir, report: lines.report }));
  say('`verify` of the packaged app', seconds(verified.tookMs));
  const allPeak = Math.max(
    buildPeak,
    watch.takePeak() - environmentBytes,
    (await diskUse([cacheDir, temporary, output])) - environmentBytes,
  );
  say(
    'most disk beside the environment, of everything',
    `${formatBytes(allPeak)}, ${(allPeak / sizeBytes).toFixed(2)} × the bundle`,
  );
  if (allPeak > 2.3 * sizeBytes) throw new Error('more than 2.3 times the bundle');
  await watch.stop();

  await measureStarts(frozen);
  await measureRoutes(frozen);

  const edited = path.join(projectDir, 'backend', 'main.py');
  await writeFile(edited, `${await readFile(edited, 'utf8')}\n# changed\nCHANGED = True\n`);
  const before = await diskUse([cacheDir]);
  const second = await timed(async () => freezeBackend(await resolve(), options));
  if (second.value.cached) throw new Error('a change of the source did not freeze');
  say('freeze after a change of one line', seconds(second.tookMs));
  say('disk that the second bundle takes', formatBytes((await diskUse([cacheDir])) - before));
  say('memory of the build (Node), at most', formatBytes(ownPeakBytes()));

  const { sitePackages } = provisioned.value.probe;
  const stock = await inventory(frozen.bundleDir, { executable: 'engine', sitePackages });
  const advice = await advise(frozen.bundleDir, stock);
  await writeFile(
    path.join(folder, 'report.txt'),
    formatReport({ backend: 'engine', details: '' }, stock, advice),
  );
  const large = stock.owners
    .slice(0, 12)
    .map((owner) => [owner.name, owner.version ?? '', formatBytes(owner.bytes)]);
  const gains = advice
    .slice(0, 8)
    .map(({ title, edit, bytes }) => [formatBytes(bytes), title, edit === null ? '' : `\`${edit}\``]);
  const { probe, pyinstallerVersion, distributions } = provisioned.value;
  const versions = ['torch', 'transformers', 'peft', 'accelerate', 'numpy'].map(
    (name) => `${name} ${distributions.find((found) => found.name === name)?.version ?? '?'}`,
  );
  return [
    `The figures of one machine, ${new Date().toISOString().slice(0, 10)}: ${os.cpus().length} CPUs (load average ${(os.loadavg()[2] ?? 0).toFixed(1)}), ${os.type()} ${os.arch()}, Python ${probe.version.join('.')}, PyInstaller ${pyinstallerVersion},`,
    `${versions.join(', ')}.`,
    '',
    table(['what', 'measured'], rows),
    '',
    'What takes the space, and what `report` says about it:',
    '',
    table(['distribution', 'version', 'size'], large),
    '',
    table(['saves', 'what', 'line'], gains),
  ].join('\n');
}

async function measureStarts(frozen: FrozenBackend): Promise<void> {
  for (const integrity of ['off', 'exe', 'cached', 'cached', 'full'] as const) {
    const backend = runtimeOf(frozen, integrity);
    try {
      const { tookMs, pauseMs } = await start(backend);
      const turn =
        integrity === 'cached' && rows.some(([what]) => what.includes('`cached`')) ? ', second time' : '';
      say(
        `start until ready, integrity \`${integrity}\`${turn}`,
        `${seconds(tookMs)}, longest pause of the main thread ${pauseMs.toFixed(0)} ms`,
      );
    } finally {
      await backend[Symbol.asyncDispose]();
    }
  }
}

async function measureRoutes(frozen: FrozenBackend): Promise<void> {
  const backend = runtimeOf(frozen, 'exe');
  try {
    await backend.start();
    const train = await ask(backend, '/api/train');
    say(
      'first `/api/train`: imports torch, transformers, peft; LoRA, forward and backward',
      `${seconds(train.tookMs)}, of which the imports ${(JSON.parse(train.text) as { readonly import: number }).import.toFixed(1)} s`,
    );
    say('second `/api/train`', seconds((await ask(backend, '/api/train')).tookMs));
    say('`AutoModelForCausalLM.from_config`', seconds((await ask(backend, '/api/auto')).tookMs));
    const stopped = await timed(() => backend.stop());
    say('stop, with torch loaded', seconds(stopped.tookMs));
  } finally {
    await backend[Symbol.asyncDispose]();
  }
}

if (process.platform !== 'linux') throw new Error('This run measures on Linux.');
await rm(folder, { recursive: true, force: true });
await mkdir(temporary, { recursive: true });
process.env['TMPDIR'] = temporary;
await cp(path.join(root, 'scripts', 'stack', 'backend'), path.join(projectDir, 'backend'), {
  recursive: true,
});
await writeFile(path.join(projectDir, 'package.json'), '{"name":"stack","version":"1.0.0"}');
const text = await measure();
await writeFile(page, replaceMeasured(await readFile(page, 'utf8'), text, command));
console.log('docs/big-backends.md: written');
await rm(folder, { recursive: true, force: true });
