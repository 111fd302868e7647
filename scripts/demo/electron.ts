/** Electron for the demo: genuine when it is given, cached or can be downloaded; else the stand-in, which says so. */
import { access, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { makeDistribution } from '../../test/standin/distribution.ts';
import { DemoFailure } from './failure.ts';
import { runLogged } from './run-logged.ts';

/** Where the hosts find Electron. */
export interface DemoElectron {
  readonly kind: 'genuine' | 'stand-in';
  /** electron-builder: `electronDist`. */
  readonly directory: string;
  /** Forge: `electronZipDir`. */
  readonly zipDir: string;
  /** Why this one; for people. */
  readonly reason: string;
}

/** What the choice depends on. */
export interface ElectronChoice {
  readonly exampleDir: string;
  /** Folder that receives zips and the stand-in. */
  readonly out: string;
  readonly log: string;
  /** Version the example app names. */
  readonly version: string;
}

/** Choose, and prepare for both hosts. */
export async function prepareElectron(choice: ElectronChoice): Promise<DemoElectron> {
  await mkdir(choice.out, { recursive: true });
  const given = process.env['ELECTRON_DIST'] ?? '';
  if (given !== '') {
    const directory = path.resolve(given);
    await checkGiven(directory, choice.version);
    const isStandIn = await exists(path.join(directory, 'stand-in'));
    const zipDir = await zipDistribution(directory, choice);
    return { kind: isStandIn ? 'stand-in' : 'genuine', directory, zipDir, reason: 'given by ELECTRON_DIST' };
  }
  const downloaded = await download(choice);
  if (downloaded.directory !== null) {
    const zipDir = await zipDistribution(downloaded.directory, choice);
    return { kind: 'genuine', directory: downloaded.directory, zipDir, reason: downloaded.reason };
  }
  const { directory } = await makeDistribution({ out: choice.out, zip: true, version: choice.version });
  return { kind: 'stand-in', directory, zipDir: choice.out, reason: downloaded.reason };
}

async function checkGiven(directory: string, wanted: string): Promise<void> {
  const version = await readFile(path.join(directory, 'version'), 'utf8').catch(() => null);
  if (version === null || !(await exists(path.join(directory, 'electron')))) {
    throw new DemoFailure(
      `ELECTRON_DIST=${directory} is not an unpacked Electron for this system: it holds no files "electron" and "version".`,
    );
  }
  const found = version.trim().replace(/^v/, '');
  if (found !== wanted) {
    throw new DemoFailure(
      `ELECTRON_DIST holds Electron ${found}; example-app/package.json asks for ${wanted}.`,
    );
  }
}

/** electron's own installer, which uses its cache and checks digests; tried only where it can succeed, and never waited for long. */
async function download(choice: ElectronChoice): Promise<{ directory: string | null; reason: string }> {
  const zip = `electron-v${choice.version}-${process.platform}-${process.arch}.zip`;
  const isCached = await findsInCache(zip);
  const obstacle = isCached ? null : await downloadObstacle(choice.version, zip);
  if (obstacle !== null) return { directory: null, reason: obstacle };
  const electron = path.join(choice.exampleDir, 'node_modules', 'electron');
  try {
    await runLogged(process.execPath, ['install.js'], { cwd: electron, log: choice.log, timeoutMs: 300_000 });
  } catch {
    return { directory: null, reason: 'the download of Electron failed' };
  }
  const directory = path.join(electron, 'dist');
  const missing = await missingLibraries(path.join(directory, 'electron'));
  if (missing.length > 0)
    return { directory: null, reason: `Electron would not start here: no ${missing.join(', ')}` };
  return { directory, reason: isCached ? "from electron's cache" : 'downloaded' };
}

async function findsInCache(zip: string): Promise<boolean> {
  const cache = process.env['electron_config_cache'] ?? path.join(homedir(), '.cache', 'electron');
  const entries = await readdir(cache, { recursive: true }).catch(() => []);
  return entries.some((entry) => path.basename(entry) === zip);
}

/** Why a download cannot work; null when the server answers. */
async function downloadObstacle(version: string, zip: string): Promise<string | null> {
  const mirror =
    process.env['ELECTRON_MIRROR'] ??
    process.env['npm_config_electron_mirror'] ??
    'https://github.com/electron/electron/releases/download/';
  try {
    const url = new URL(`v${version}/${zip}`, mirror.endsWith('/') ? mirror : `${mirror}/`);
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5000) });
    return response.ok ? null : `no download: ${url.host} answers ${response.status}`;
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return `no download: ${cause}`;
  }
}

/** Shared libraries a program needs and this machine lacks. */
async function missingLibraries(program: string): Promise<string[]> {
  const { stdout } = await execa('ldd', [program], { reject: false });
  return stdout.split('\n').flatMap((line) => /^\s*(\S+) => not found/.exec(line)?.[1] ?? []);
}

/** Forge takes a zip only. Fastest compression: it is unpacked again at once. */
async function zipDistribution(directory: string, choice: ElectronChoice): Promise<string> {
  const zip = path.join(choice.out, `electron-v${choice.version}-${process.platform}-${process.arch}.zip`);
  await rm(zip, { force: true });
  await runLogged('zip', ['-q', '-r', '-y', '-1', zip, '.'], {
    cwd: directory,
    log: choice.log,
    timeoutMs: 300_000,
  });
  return choice.out;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
