/** Builds a distribution of the stand-in: the folder electron-builder takes as `electronDist`, the zip Forge finds in `electronZipDir`. */
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';
import { electronNames } from './shim/electron-module.ts';
import { standInMarker } from './shim/find-app.ts';

/** Options of {@link makeDistribution}. */
export interface DistributionOptions {
  /** Folder that receives `electron-<platform>-<arch>/` and, with `zip`, the zip. Created when absent. */
  readonly out: string;
  /** `win32`: its launcher is compiled with mingw, and `node` (a node.exe) becomes part of it. Default `linux`. */
  readonly platform?: 'linux' | 'win32';
  /** Only a label on Linux: the stand-in is a script. Default: this machine's. */
  readonly arch?: string;
  /** Electron version to stand in for. Default: the one of this repository's `electron` package. */
  readonly version?: string;
  /** Absolute path of the Node that runs it. Default: the running one. `ELECTRON_STANDIN_NODE` overrides it at run time. */
  readonly node?: string;
  /** Also write `electron-v<version>-<platform>-<arch>.zip` (needs the `zip` program). Default false. */
  readonly zip?: boolean;
}

/** What was built; absolute paths. */
export interface Distribution {
  readonly directory: string;
  readonly executable: string;
  readonly version: string;
  /** null unless asked for. */
  readonly zip: string | null;
}

/** Build a distribution; an older one at the same place is replaced. */
export async function makeDistribution(options: DistributionOptions): Promise<Distribution> {
  const platform = options.platform ?? 'linux';
  const arch = options.arch ?? process.arch;
  const version = options.version ?? (await electronVersion());
  const out = path.resolve(options.out);
  const directory = path.join(out, `electron-${platform}-${arch}`);
  const shim = path.join(directory, 'stand-in');
  await rm(directory, { recursive: true, force: true });
  await mkdir(shim, { recursive: true });

  await build({
    entryPoints: ['preload', 'main'].map((name) => path.join(import.meta.dirname, 'shim', `${name}.ts`)),
    outdir: shim,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    logLevel: 'error',
  });
  const module = `globalThis[Symbol.for(${JSON.stringify(standInMarker)})]`;
  const notice = await readFile(path.join(import.meta.dirname, 'README.md'), 'utf8');
  const files: Readonly<Record<string, string>> = {
    ...(platform === 'linux' ? { electron: launcher(version, options.node ?? process.execPath) } : {}),
    version,
    LICENSE: 'This is not Electron but a stand-in for tests; see stand-in/README.md.\n',
    'LICENSES.chromium.html':
      '<p>This is not Electron but a stand-in for tests. Nothing of Chromium is here.</p>\n',
    'locales/en-US.pak': '',
    'stand-in/README.md': notice,
    'stand-in/electron.cjs': `module.exports = ${module};\n`,
    'stand-in/electron.mjs': `const electron = ${module};\nexport default electron;\nexport const { ${electronNames.join(', ')} } = electron;\n`,
    'stand-in/original-fs.cjs': `module.exports = ${module.replace(standInMarker, `${standInMarker}-fs`)};\n`,
  };
  await mkdir(path.join(directory, 'locales'));
  await mkdir(path.join(directory, 'resources'));
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(directory, name), content);
  const executable = path.join(directory, platform === 'win32' ? 'electron.exe' : 'electron');
  if (platform === 'win32') await addWindowsPrograms(executable, version, options.node);
  await chmod(executable, 0o755);

  let zip: string | null = null;
  if (options.zip === true) {
    zip = path.join(out, `electron-v${version}-${platform}-${arch}.zip`);
    await rm(zip, { force: true });
    await execa('zip', ['-q', '-r', '-y', '-X', zip, '.'], { cwd: directory });
  }
  return { directory, executable, version, zip };
}

/** The launcher, compiled, and beside it the Node that it runs. */
async function addWindowsPrograms(
  executable: string,
  version: string,
  node: string | undefined,
): Promise<void> {
  if (node === undefined) throw new Error('The stand-in for Windows needs a node.exe: `node`.');
  const [source, described] = ['launcher.c', 'launcher.rc'].map((name) =>
    path.join(import.meta.dirname, name),
  );
  const resources = `${executable}.o`;
  // windres goes through a shell.
  await execa('x86_64-w64-mingw32-windres', [`-DVERSION=\\"${version}\\"`, String(described), resources]);
  const options = ['-municode', '-O2', '-s', `-DVERSION="${version}"`, '-o', executable];
  await execa('x86_64-w64-mingw32-gcc', [...options, String(source), resources]);
  await rm(resources);
  await copyFile(node, path.join(path.dirname(executable), 'node.exe'));
}

/**
 * What `@electron/fuses` looks for in Electron's binary: its mark, version 1, nine fuses, each on. It can be flipped; nobody reads it.
 * Behind `exec`, so the shell never sees it.
 */
const fuses = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u0009111111111';

/** `exec` keeps the process id, so that whoever starts the app holds the real process. */
function launcher(version: string, node: string): string {
  return `#!/bin/sh
# A stand-in for Electron's binary, for tests on machines that cannot get the real one: see stand-in/README.md.
executable=$(readlink -f "$0")
here=\${executable%/*}
node=\${ELECTRON_STANDIN_NODE:-${quote(node)}}
if [ ! -x "$node" ]; then
  echo "electron stand-in: no Node at $node; set ELECTRON_STANDIN_NODE to the path of a Node 22.15 or newer." >&2
  exit 127
fi
if [ -n "$ELECTRON_RUN_AS_NODE" ]; then
  exec "$node" --require "$here/stand-in/preload.cjs" "$@"
fi
if [ "$1" = --version ] && [ ! -e "$here/resources/app.asar" ] && [ ! -e "$here/resources/app" ]; then
  echo "v${version} (stand-in)"
  echo "electron stand-in: this is not Electron but a script that runs Node." >&2
  exit 0
fi
exec "$node" --disable-warning=ExperimentalWarning --require "$here/stand-in/preload.cjs" "$here/stand-in/main.cjs" "$executable" ${version} "$@"
# ${fuses}
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

async function electronVersion(): Promise<string> {
  const file = path.resolve(import.meta.dirname, '../../node_modules/electron/package.json');
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
}
