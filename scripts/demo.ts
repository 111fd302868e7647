/**
 * `npm run demo`: from source to running packaged apps. Builds the package, packages example-app with Electron Forge and with
 * electron-builder, unpacks what they made, starts it, asks the frozen backend, quits, and shows that nobody is left.
 * Result: example-app/out/demo.json; logs: example-app/out/logs.
 */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDisplay } from './demo/display.ts';
import { prepareElectron, type DemoElectron } from './demo/electron.ts';
import { DemoFailure, tailOf } from './demo/failure.ts';
import { Progress } from './demo/progress.ts';
import { runLogged } from './demo/run-logged.ts';
import { tryArtifacts, type HostReport } from './demo/try-artifacts.ts';
import { findArtifacts, type Artifact } from './demo/unpack.ts';
import { ensureSystemTools } from './system-tools.ts';

const root = path.resolve(import.meta.dirname, '..');
const exampleDir = path.join(root, 'example-app');
const out = path.join(exampleDir, 'out');
const logs = path.join(out, 'logs');
const progress = new Progress();
const minute = 60_000;

interface DemoReport {
  readonly electron: DemoElectron['kind'];
  readonly forge: HostReport;
  readonly electronBuilder: HostReport;
}

async function demo(): Promise<DemoReport> {
  if (process.platform !== 'linux') {
    throw new DemoFailure(
      'The demo makes and takes apart Linux packages. On this system use `npm start` and `npm run make` in example-app.',
    );
  }
  await rm(out, { recursive: true, force: true });
  await mkdir(logs, { recursive: true });

  progress.heading('Prepare');
  await progress.step('Programs of the system', () =>
    ensureSystemTools({ report: (line) => progress.detail(line) }),
  );
  await progress.step('Build electron-pyinstaller', () =>
    runLogged(process.execPath, ['scripts/build.ts'], {
      cwd: root,
      log: log('build'),
      timeoutMs: 5 * minute,
    }),
  );
  await progress.step('Install example-app (npm ci)', () =>
    runLogged('npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: exampleDir,
      log: log('install'),
      timeoutMs: 15 * minute,
    }),
  );
  const electron = await progress.step(
    'Electron',
    async () =>
      prepareElectron({
        exampleDir,
        out: path.join(out, 'electron'),
        log: log('electron'),
        version: await electronVersion(),
      }),
    ({ kind, reason }) => `Electron: ${kind} (${reason})`,
  );

  // Forge empties a folder of its own in the temporary folder at each start; another Forge may be using that.
  const temporary = await mkdtemp(path.join(tmpdir(), 'epy-demo-'));
  const isGenuine = electron.kind === 'genuine';
  if (isGenuine) await ensureSystemTools({ display: needsDisplay() });
  const display = await openDisplay(isGenuine && needsDisplay());
  try {
    const env = await hostEnvironment(electron, temporary);
    progress.heading('Package');
    const forge = await makeWithForge(env);
    const builder = await makeWithBuilder(env, electron);

    progress.heading('Run');
    const shared = {
      exampleDir,
      out: path.join(out, 'unpacked'),
      logs,
      // Unpacked by an ordinary user, Electron's sandbox helper is not set up, and root has no sandbox at all.
      args: isGenuine ? ['--no-sandbox', '--disable-gpu'] : [],
      env: display.env,
      expectsStandIn: !isGenuine,
      progress,
    } as const;
    const forgeReport = await tryArtifacts(forge.artifacts, {
      ...shared,
      host: 'forge',
      freezing: forge.freezing,
    });
    const builderReport = await tryArtifacts(builder.artifacts, {
      ...shared,
      host: 'electron-builder',
      freezing: builder.freezing,
    });
    return { electron: electron.kind, forge: forgeReport, electronBuilder: builderReport };
  } finally {
    display.close();
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Made {
  readonly artifacts: readonly Artifact[];
  readonly freezing: string;
}

async function makeWithForge(env: Readonly<Record<string, string>>): Promise<Made> {
  const lines = await progress.step(
    'Electron Forge 8: npm run make',
    () =>
      runLogged('npm', ['run', 'make'], {
        cwd: exampleDir,
        log: log('forge'),
        env,
        timeoutMs: 20 * minute,
        onLine: showHostLine,
      }),
    (all) => `Electron Forge 8: ${freezingOf(all)}`,
  );
  const artifacts = await findArtifacts(path.join(out, 'make'), ['zip', 'deb'], log('forge'));
  return { artifacts, freezing: freezingOf(lines) };
}

async function makeWithBuilder(env: Readonly<Record<string, string>>, electron: DemoElectron): Promise<Made> {
  const args = ['run', 'make:builder', '--', `-c.electronDist=${electron.directory}`];
  const lines = await progress.step(
    'electron-builder 26: npm run make:builder',
    () =>
      runLogged('npm', args, {
        cwd: exampleDir,
        log: log('builder'),
        env,
        timeoutMs: 20 * minute,
        onLine: showHostLine,
      }),
    (all) => `electron-builder 26: ${freezingOf(all)}`,
  );
  const artifacts = await findArtifacts(path.join(out, 'builder'), ['zip', 'tar.gz'], log('builder'));
  return { artifacts, freezing: freezingOf(lines) };
}

async function hostEnvironment(electron: DemoElectron, temporary: string): Promise<Record<string, string>> {
  // electron-builder would download a 7-Zip; the one of this package lacks its executable bit.
  const sevenZip = path.join(exampleDir, 'node_modules/7zip-bin/linux', process.arch, '7za');
  await chmod(sevenZip, 0o755);
  return {
    CI: '1',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
    NO_UPDATE_NOTIFIER: '1',
    TMPDIR: temporary,
    ELECTRON_ZIP_DIR: electron.zipDir,
    ELECTRON_BUILDER_7ZIP_PATH: sevenZip,
    // Its usual level takes thirty times as long and saves a twentieth of the size.
    ELECTRON_BUILDER_COMPRESSION_LEVEL: '1',
    // Nothing outside of the repository is touched, and a fresh clone begins with nothing.
    ELECTRON_PYINSTALLER_CACHE:
      process.env['ELECTRON_PYINSTALLER_CACHE'] ?? path.join(root, '.cache', 'demo'),
  };
}

/** What hosts say about their own house; everything is in the log anyway. */
const unimportant =
  /^(Running|Resolving|Checking (your|package)|Found npm|Determining|Making for|Making distributables|Preparing|Saving|Make results|Artifacts|Loading|loaded|no node|searching|using|copying|skipped|resolved|updated|duplicate)|^\S+\/|\[plugin-/;

/** Hosts mark what they do with `›`, `❯` or `•`. */
function showHostLine(line: string): void {
  const [, text = ''] = /^\s*[›❯•]\s+(.+)/u.exec(line) ?? [];
  // electron-builder adds facts as `name=value`.
  const short = text.replace(/\s+\w+=.*$/, '').replaceAll(/\s+/g, ' ');
  const target = /\btarget=(\S+)/.exec(text)?.[1];
  if (short !== '' && !unimportant.test(short))
    progress.detail(target === undefined ? short : `${short} ${target}`);
}

/** The line with which a host says how the backend came about, e.g. `engine: frozen in 21 s (46 MB, 70 files)`. */
function freezingOf(lines: readonly string[]): string {
  const line = lines.findLast((one) => /\bengine: /.test(one));
  return (
    line
      ?.replace(/^.*?\bengine: /, 'engine: ')
      .replace(/\s+\w+=\S+$/, '')
      .trim() ?? 'done'
  );
}

async function electronVersion(): Promise<string> {
  const text = await readFile(path.join(exampleDir, 'package.json'), 'utf8');
  const { devDependencies } = JSON.parse(text) as { devDependencies: Record<string, string> };
  return devDependencies['electron'] ?? '';
}

function needsDisplay(): boolean {
  return process.env['DISPLAY'] === undefined && process.env['WAYLAND_DISPLAY'] === undefined;
}

function log(name: string): string {
  return path.join(logs, `${name}.log`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function showReport(report: DemoReport): void {
  progress.heading('Result');
  const rows = [report.forge, report.electronBuilder].flatMap((host) =>
    host.artifacts.map((one) => [
      path.basename(one.file),
      `${(one.sizeBytes / 1e6).toFixed(1)} MB`,
      `${one.backendFiles} + ${one.backendLinks}`,
      seconds(one.readyMs),
      seconds(one.quitMs),
      String(one.leftovers),
    ]),
  );
  progress.table([['artifact', 'size', 'files + links', 'ready', 'quit', 'left over'], ...rows]);
  const killed = [report.forge, report.electronBuilder]
    .map(({ killedMs }) => seconds(killedMs))
    .join(' and ');
  console.log(`\n  After kill -9 of the main process nobody was left within ${killed}.`);
}

try {
  const report = await demo();
  await writeFile(path.join(out, 'demo.json'), `${JSON.stringify(report, null, 2)}\n`);
  showReport(report);
  const count = report.forge.artifacts.length + report.electronBuilder.artifacts.length;
  const file = path.relative(process.cwd(), path.join(out, 'demo.json'));
  console.log(
    `\ndemo ok: ${count} packages from 2 hosts, Electron: ${report.electron}, nothing left over, ${progress.total()} (${file})`,
  );
} catch (error) {
  const failure = error instanceof DemoFailure ? error : null;
  const tail = await tailOf(failure?.log);
  if (tail !== '') console.error(`\n${tail}\n`);
  console.error(`\ndemo failed: ${error instanceof Error ? error.message : String(error)}`);
  if (failure?.log !== undefined) console.error(`Log: ${failure.log}`);
  if (error instanceof Error && failure === null && error.name !== 'Error') console.error(error.stack);
  process.exitCode = 1;
}
