/**
 * What packaging a Windows app on Linux needs besides the bench: NSIS and 7-Zip from Debian, and in the place of electron-builder's own
 * bundle of NSIS, which cannot be downloaded everywhere, a folder that leads to Debian's, with stand-ins for the plug-ins.
 */
import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { type Bench, unpackPackage } from '../bench.ts';
import { type NeededTool, wine } from '../tools.ts';
import { addNpm } from './npm.ts';

/** Programs of Debian. */
export const packagingNeeds: readonly NeededTool[] = [
  { file: '/usr/bin/makensis', package: 'nsis', why: 'makes installers' },
  { file: '/usr/bin/7zz', package: '7zip', why: 'packs what an installer holds' },
  { file: '/usr/bin/osslsigncode', package: 'osslsigncode', why: 'signs programs for Windows' },
  { file: 'openssl', package: 'openssl', why: 'makes the certificate' },
];

const sevenZip = '7zip-bin@5.2.0';

/** Names of the plug-ins; see nsis-plugins.c. */
export const plugins = ['StdUtils', 'UAC', 'WinShell', 'SpiderBanner', 'Nsis7z'] as const;

/**
 * NSIS' 64-bit stubs, because Debian's 64-bit Wine runs no others; electron-builder asks for the 32-bit ones. Its script says where plug-ins
 * for those are.
 */
const makensis = `#!/bin/bash
arguments=()
for argument in "$@"; do
  if [ "$argument" = '-XUnicode true' ]; then argument='-XTarget amd64-unicode'; fi
  arguments+=("$argument")
done
export NSISDIR=/usr/share/nsis
sed 's#x86-unicode#amd64-unicode#g' | /usr/bin/makensis "\${arguments[@]}"
`;

/** Without the time of an authority: none may be reached here, and electron-builder always asks for one. */
const osslsigncode = `#!/bin/bash
arguments=()
while [ $# -gt 0 ]; do
  if [ "$1" = -t ]; then shift; else arguments+=("$1"); fi
  shift
done
exec /usr/bin/osslsigncode "\${arguments[@]}"
`;

/** Make them below the bench's folder. */
export async function makePackagingTools(bench: Bench): Promise<Readonly<Record<string, string>>> {
  const folder = path.join(bench.folder, 'packaging');
  await rm(folder, { recursive: true, force: true });
  const bin = path.join(folder, 'bin');
  const nsis = path.join(folder, 'nsis/linux');
  const library = path.join(folder, 'nsis-resources/plugins/amd64-unicode');
  for (const one of [bin, nsis, library]) await mkdir(one, { recursive: true });
  await program(path.join(nsis, 'makensis'), makensis);
  await program(path.join(bin, 'wine'), `#!/bin/sh\nexec ${wine} "$@"\n`);
  const signing = path.join(bin, 'osslsigncode');
  await program(signing, osslsigncode);
  await compilePlugins(library);
  await addUnpacker(bench);
  await addNpm(bench);
  const { WINEPREFIX = '', WINEARCH = '' } = bench.env;
  return {
    PATH: [bin, process.env['PATH']].join(path.delimiter),
    WINEPREFIX,
    WINEARCH,
    ELECTRON_BUILDER_NSIS_DIR: path.join(folder, 'nsis'),
    ELECTRON_BUILDER_NSIS_RESOURCES_DIR: path.join(folder, 'nsis-resources'),
    ELECTRON_BUILDER_7ZIP_PATH: '/usr/bin/7zz',
    ELECTRON_BUILDER_OSSL_SIGNCODE_PATH: signing,
  };
}

async function program(file: string, text: string): Promise<void> {
  await writeFile(file, text);
  await chmod(file, 0o755);
}

/** One library under the name of each. */
async function compilePlugins(folder: string): Promise<void> {
  const source = path.join(import.meta.dirname, 'nsis-plugins.c');
  const [first, ...others] = plugins.map((name) => path.join(folder, `${name}.dll`));
  if (first === undefined) return;
  await execa('x86_64-w64-mingw32-gcc', ['-shared', '-O2', '-s', '-o', first, source, '-lshell32']);
  for (const other of others) await copyFile(first, other);
}

/** 7za.exe for the stand-in of Nsis7z, among Windows' own programs. */
async function addUnpacker(bench: Bench): Promise<void> {
  const downloads = path.join(bench.folder, 'downloads');
  await execa('npm', ['pack', '--silent', sevenZip], { cwd: downloads });
  const unpacked = path.join(downloads, '7zip-bin');
  await unpackPackage(path.join(downloads, `${sevenZip.replace('@', '-')}.tgz`), unpacked);
  const system = path.join(bench.folder, 'prefix/drive_c/windows/system32');
  await copyFile(path.join(unpacked, 'win/x64/7za.exe'), path.join(system, '7za.exe'));
  await rm(unpacked, { recursive: true });
}
