import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';
import { withFileLock } from '../../src/lib/file-lock.js';
import { isAlive } from '../../src/lib/process-identity.js';
import { makeDistribution } from '../standin/distribution.ts';
import { writeFiles } from './files.js';
import { repositoryDir, testCacheDir } from './paths.js';

/** The package as its users get it: `dist/` must have been built. */
const packageDir = process.env['ELECTRON_PYINSTALLER_PACKAGE'] ?? repositoryDir;

/** The hosts that are tested for real, by what npm installs for them. */
const hosts = {
  'forge-8': { '@electron-forge/cli': '8.0.1', '@electron-forge/maker-zip': '8.0.1' },
  'forge-7': { '@electron-forge/cli': '7.11.2', '@electron-forge/maker-zip': '7.11.2' },
  'electron-builder-26': { 'electron-builder': '26.17.0' },
} as const;

/** A host that can be installed. */
export type HostName = keyof typeof hosts;

/** Forge 7 asks for a git repository that has a twin in the registry. */
const overrides = { '@electron/node-gyp': '10.2.0-electron.2' };

/** Install a host once per machine and version; returns its node_modules. */
async function installedHost(name: HostName): Promise<string> {
  const dependencies = hosts[name];
  const versions = Object.entries(dependencies).map(([dependency, version]) => `${dependency}@${version}`);
  const directory = path.join(testCacheDir, 'hosts', versions.join('+').replaceAll('/', '-'));
  const modules = path.join(directory, 'node_modules');
  const done = path.join(directory, 'installed');
  const manifest = { name: `host-${name}`, private: true, devDependencies: dependencies, overrides };
  // Test files run side by side, and each may be the first to need a host.
  await withFileLock(`${directory}.lock`, {}, async () => {
    if (existsSync(done)) return;
    await rm(directory, { recursive: true, force: true });
    await writeFiles({ 'package.json': JSON.stringify(manifest) }, directory);
    await execa('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: directory,
      env: hostEnvironment(),
    });
    await writeFile(done, 'yes');
  });
  return modules;
}

/** A folder of this process alone, because test files run side by side. Those of processes that have ended are removed. */
async function ownFolder(name: string): Promise<string> {
  await mkdir(testCacheDir, { recursive: true });
  for (const entry of await readdir(testCacheDir)) {
    const owner = new RegExp(`^${name}-(\\d+)$`).exec(entry)?.[1];
    if (owner !== undefined && !isAlive(Number(owner)))
      await rm(path.join(testCacheDir, entry), { recursive: true, force: true });
  }
  return path.join(testCacheDir, `${name}-${process.pid}`);
}

/** Electron as the hosts find it: genuine when `ELECTRON_DIST` names a folder, else the stand-in. */
export interface ElectronForHosts {
  readonly kind: 'genuine' | 'stand-in';
  /** For electron-builder's `electronDist`, and for `start`. */
  readonly directory: string;
  /** For Forge's `electronZipDir`. */
  readonly zipDir: string;
  readonly version: string;
}

/** Prepare Electron for the hosts. */
export async function electronForHosts(): Promise<ElectronForHosts> {
  const genuine = process.env['ELECTRON_DIST'];
  if (genuine === undefined || genuine === '') {
    const out = await ownFolder('electron');
    const { directory, version } = await makeDistribution({ out, zip: true });
    return { kind: 'stand-in', directory, zipDir: out, version };
  }
  const directory = path.resolve(genuine);
  const version = (await readFile(path.join(directory, 'version'), 'utf8')).trim().replace(/^v/, '');
  const zipDir = await ownFolder('electron-genuine');
  const zip = path.join(zipDir, `electron-v${version}-${process.platform}-${process.arch}.zip`);
  await mkdir(zipDir, { recursive: true });
  await rm(zip, { force: true });
  await execa('zip', ['-q', '-r', '-y', '-1', zip, '.'], { cwd: directory });
  return { kind: 'genuine', directory, zipDir, version };
}

/** A project with a host installed; `remove` deletes it. */
export interface HostProject {
  readonly directory: string;
  readonly electron: ElectronForHosts;
  /** Write more files, or others. */
  readonly write: (files: Readonly<Record<string, string>>) => Promise<void>;
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<HostResult>;
  readonly remove: () => Promise<void>;
}

/** How to run a host's command line. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Signal to send when a text appears in the output. */
  readonly interrupt?: { readonly when: string; readonly signal: 'SIGINT' | 'SIGTERM' };
}

/** What came out of a run. */
export interface HostResult {
  readonly exitCode: number | undefined;
  /** Both streams, as they came. */
  readonly output: string;
}

const programs: Readonly<Record<HostName, string>> = {
  'forge-8': '@electron-forge/cli/dist/electron-forge.js',
  'forge-7': '@electron-forge/cli/dist/electron-forge.js',
  'electron-builder-26': 'electron-builder/cli.js',
};

/** Make a project for a host outside of the repository, in a folder with a space and a letter that is not ASCII. */
export async function hostProject(
  name: HostName,
  files: Readonly<Record<string, string>>,
): Promise<HostProject> {
  const [modules, electron] = [await installedHost(name), await electronForHosts()];
  const root = await mkdtemp(path.join(tmpdir(), `epy ${name} é-`));
  const directory = path.join(root, 'app');
  const temporary = path.join(root, 'tmp');
  await mkdir(temporary);
  await cp(modules, path.join(directory, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  const manifest = {
    name: 'fixture-app',
    version: '1.0.0',
    description: 'an app',
    author: 'somebody',
    main: 'main.cjs',
    devDependencies: { electron: electron.version },
  };
  await writeFiles(
    {
      'package.json': JSON.stringify(manifest),
      'node_modules/electron/package.json': JSON.stringify({ name: 'electron', version: electron.version }),
      'node_modules/electron/index.js': `module.exports = ${JSON.stringify(path.join(electron.directory, 'electron'))};`,
      ...files,
    },
    directory,
  );
  await symlink(packageDir, path.join(directory, 'node_modules/electron-pyinstaller'), 'junction');
  await bundleMain(directory);
  return {
    directory,
    electron,
    write: async (more) => {
      await writeFiles(more, directory);
    },
    run: (args, options) =>
      runProgram(directory, path.join(directory, 'node_modules', programs[name]), args, {
        ...options,
        // Packager empties a folder there at each start: two runs at once would break each other.
        env: { TMPDIR: temporary, ...options?.env },
      }),
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Apps are bundled, as they are in practice: the package is a development dependency. */
async function bundleMain(directory: string): Promise<void> {
  await build({
    entryPoints: [path.join(directory, 'main.mjs')],
    outfile: path.join(directory, 'main.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['electron'],
    logLevel: 'error',
  });
}

async function runProgram(
  cwd: string,
  program: string,
  args: readonly string[],
  { env = {}, timeoutMs = 300_000, interrupt }: RunOptions,
): Promise<HostResult> {
  const child = execa(process.execPath, [program, ...args], {
    cwd,
    env: { ...hostEnvironment(), ...env },
    extendEnv: false,
    all: true,
    reject: false,
    timeout: timeoutMs,
    stdin: 'ignore',
    detached: interrupt !== undefined,
  });
  let seen = '';
  let isSent = false;
  child.all.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    if (interrupt === undefined || isSent || !seen.includes(interrupt.when)) return;
    isSent = true;
    // A terminal sends Ctrl-C to everything in the foreground; the host has a group of its own here.
    if (child.pid !== undefined) process.kill(-child.pid, interrupt.signal);
  });
  const result = await child;
  return { exitCode: result.exitCode, output: String(result.all) };
}

/** The environment without what the test runner put there; electron-builder links instead of copying when it sees vitest. */
export function hostEnvironment(): Record<string, string> {
  const own = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(?:VITEST|NODE_OPTIONS|NODE_ENV|TEST$|FORCE_COLOR)/.test(name),
  );
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    PATH: [path.join(repositoryDir, 'node_modules/.bin'), process.env['PATH']].join(path.delimiter),
    CI: '1',
    NO_COLOR: '1',
    ELECTRON_PYINSTALLER_CACHE: path.join(testCacheDir, 'backends'),
  };
}

/** Start a packaged app and wait for its end. */
export async function runApp(executable: string, args: readonly string[] = []): Promise<HostResult> {
  await chmod(executable, 0o755);
  const result = await execa(executable, [...args], {
    all: true,
    reject: false,
    timeout: 60_000,
    stdin: 'ignore',
    env: hostEnvironment(),
    extendEnv: false,
  });
  return { exitCode: result.exitCode, output: String(result.all) };
}

/** Command lines of the Python processes that were started from the cache which the hosts use. */
export async function freezingProcesses(): Promise<string[]> {
  const { stdout } = await execa('ps', ['-eo', 'stat=,args=']);
  const cache = path.join(testCacheDir, 'backends');
  return stdout
    .split('\n')
    .filter((line) => line.includes(cache) && !line.startsWith('Z') && !line.includes('ps -eo'));
}
