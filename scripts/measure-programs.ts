/**
 * Freezes well-known packages as a newcomer would, by the command line, uses each frozen program, and writes what came out into docs/programs.md.
 * Run after a build: `npm run build && npm run measure:programs`. With names it measures only those and keeps the rows of the others.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { loadConfig, resolveConfig } from '../dist/config/index.js';
import type { FrozenBackend } from '../dist/bundle/frozen.js';
import { createManifest, freezeBackend } from '../dist/freeze/index.js';
import { placeBackends } from '../dist/place/index.js';
import { provisionEnvironment } from '../dist/python/index.js';
import { createBackend } from '../dist/runtime/index.js';
import { verifyBundle } from '../dist/verify/index.js';
import { hostTarget } from '../dist/target.js';
import { programs, type Program } from './programs.ts';
import { renderPage, type Measured } from './programs/page.ts';
import { useJob, useServer, type Folders } from './programs/use.ts';

const root = path.resolve(import.meta.dirname, '..');
// Environments are kept from one run to the next.
const cacheDir = path.join(root, '.cache', 'measure');
const pageFile = path.join(root, 'docs', 'programs.md');
/** Shown in the page with their source. */
const shown = { streamlit: 'main.py', celery: 'main.py', 'flask-socketio': 'main.py' };

async function measure(name: string, program: Program): Promise<Measured> {
  const projectDir = await mkdtemp(path.join(os.tmpdir(), 'measure-program-'));
  const folders: Folders = { backend: path.join(projectDir, 'backend'), work: path.join(projectDir, 'work') };
  let seen: Omit<Measured, 'failure'> = { versions: [], seconds: 0, sizeBytes: 0 };
  try {
    if (program.folder !== undefined)
      await cp(path.join(root, 'scripts/programs', program.folder), folders.backend, { recursive: true });
    await writeFile(path.join(projectDir, 'package.json'), '{"name":"app"}');
    await writeFile(
      path.join(projectDir, 'pyinstaller.config.json'),
      JSON.stringify({ cacheDir, backends: { engine: program.config } }, undefined, 2),
    );
    const loaded = await loadConfig({ projectDir });
    const [backend] = resolveConfig(loaded, { target: hostTarget(), cacheDir }).backends;
    if (backend === undefined) throw new Error('no backend');
    const environment = await provisionEnvironment(backend, { cacheDir });
    const versions = program.packages.map((wanted) => {
      const found = environment.distributions.find((one) => one.name === wanted);
      return found === undefined ? wanted : `${wanted} ${found.version}`;
    });
    seen = { ...seen, versions };
    const began = performance.now();
    await build(projectDir);
    seen = { ...seen, seconds: (performance.now() - began) / 1000 };
    // The bundle that the command line has just made.
    const frozen = await freezeBackend(backend, { cacheDir, verify: verifyBundle });
    seen = { ...seen, sizeBytes: frozen.sizeBytes };
    await use(frozen, program, folders);
    return { ...seen, failure: null };
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return { ...seen, failure: lastLine(error) };
  } finally {
    await rm(projectDir, { recursive: true, force: true });
  }
}

function build(projectDir: string): Promise<void> {
  const args = [path.join(root, 'dist/cli/main.js'), 'build', '--force', '--project', projectDir];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { maxBuffer: 32_000_000, env: { ...process.env, ELECTRON_PYINSTALLER_CACHE: cacheDir } },
      (error, out, err) => {
        if (error === null) resolve();
        else reject(new Error(`the build fails:\n${out}${err}`.slice(-6000)));
      },
    );
  });
}

async function use(frozen: FrozenBackend, program: Program, folders: Folders): Promise<void> {
  const { program: made } = frozen.manifest;
  if (made.type !== 'frozen') throw new Error('not frozen');
  if (program.use.type === 'job') {
    await useJob(path.join(frozen.bundleDir, made.executable), program.use.runs, folders);
    return;
  }
  const resourcesPath = path.join(folders.work, 'resources');
  await placeBackends([frozen], resourcesPath);
  const backend = createBackend({
    app: {
      isPackaged: true,
      getAppPath: () => folders.work,
      getPath: (name) => path.join(folders.work, name),
      on: () => undefined,
      quit: () => undefined,
    },
    name: frozen.backend.name,
    manifest: createManifest([frozen]),
    resourcesPath,
    stopOnQuit: false,
  });
  let output = '';
  backend.on('log', ({ line }) => {
    output += `${line}\n`;
  });
  try {
    await backend.start();
    await useServer(
      { url: backend.url ?? '', fetch: (where, init) => backend.fetch(where, init) },
      program.use,
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${output.slice(-3000)}`, { cause: error });
  } finally {
    await backend[Symbol.asyncDispose]();
  }
}

/** The last exception that a failure tells of, else its last line. */
function lastLine(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  const exceptions = lines.flatMap((line) => /\w+(?:Error|Exception): .+/.exec(line) ?? []);
  return (exceptions.at(-1) ?? lines.at(-1) ?? '').trim().slice(0, 200);
}

async function sources(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, file] of Object.entries(shown)) {
    const text = await readFile(path.join(root, 'scripts/programs', name, file), 'utf8');
    found[name] = `# backend/${file}\n${text}`;
  }
  return found;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in programs));
if (unknown.length > 0)
  throw new Error(`No such program: ${unknown.join(', ')}. There are: ${Object.keys(programs).join(', ')}.`);
const measured = new Map<string, Measured>();
for (const [name, program] of Object.entries(programs)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const row = await measure(name, program);
  measured.set(name, row);
  // After each, so that an interrupted run keeps what it has.
  const before = await readFile(pageFile, 'utf8').catch(() => '');
  const machine = `${os.cpus().length} CPUs, ${os.type()} ${os.arch()}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}.`;
  await writeFile(pageFile, renderPage(before, programs, measured, machine, await sources()));
  console.log(
    `${name}: ${row.failure ?? 'works'} (${row.seconds.toFixed(0)} s, ${(row.sizeBytes / 1e6).toFixed(0)} MB, ${row.versions.join(', ')})`,
  );
}
