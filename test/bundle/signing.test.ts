import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { signingList } from '../../src/bundle/signing.js';
import { temporaryFolder } from '../support/files.js';
import { wheelFile, wheelFolder, type WheelName } from './wheels.js';

const used: readonly WheelName[] = [
  'pyinstallerWindows',
  'pyinstallerMac',
  'orjsonWindows',
  'markupsafeMac',
  'pillowMac',
  'microsoft',
];
beforeAll(async () => {
  for (const name of used) await wheelFolder(name);
}, 600_000);

async function put(folder: string, name: string, wheel: WheelName, member: string): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await copyFile(await wheelFile(wheel, member), path.join(folder, name));
}

const bootloader = 'PyInstaller/bootloader';
const macModule = ['markupsafeMac', 'markupsafe/_speedups.cpython-312-darwin.so'] as const;
const macLibrary = ['pillowMac', 'PIL/.dylibs/libxcb.1.1.0.dylib'] as const;

describe('signingList', () => {
  it('goes from the inside out on macOS: deeper first, frameworks after what is in them, the program last', async () => {
    const folder = await temporaryFolder();
    const framework = '_internal/Python.framework';
    await put(folder, 'engine', 'pyinstallerMac', `${bootloader}/Darwin-64bit/run`);
    await put(folder, '_internal/libxcb.dylib', ...macLibrary);
    await put(folder, '_internal/a/deep/er/module.so', ...macModule);
    await put(folder, `${framework}/Versions/3.12/Python`, ...macLibrary);
    await put(folder, `${framework}/Versions/3.12/lib/inner.dylib`, ...macLibrary);
    await mkdir(path.join(folder, framework, 'Versions/3.12/Resources'));
    await writeFile(path.join(folder, framework, 'Versions/3.12/Resources/Info.plist'), '<plist/>');
    await symlink('3.12', path.join(folder, framework, 'Versions/Current'));
    await symlink('Versions/Current/Python', path.join(folder, framework, 'Python'));
    await symlink('Python.framework/Versions/3.12/Python', path.join(folder, '_internal/Python'));
    await writeFile(path.join(folder, '_internal/base_library.zip'), 'zip');
    expect((await signingList(folder, 'darwin')).map(({ path, type }) => [path, type])).toEqual([
      [`${framework}/Versions/3.12/lib/inner.dylib`, 'mach-o'],
      ['_internal/a/deep/er/module.so', 'mach-o'],
      [framework, 'bundle'],
      ['_internal/libxcb.dylib', 'mach-o'],
      ['engine', 'mach-o'],
    ]);
  });

  it('signs the library of something that only looks like a framework as a file', async () => {
    const folder = await temporaryFolder();
    await put(folder, '_internal/Python.framework/Versions/3.12/Python', ...macLibrary);
    expect(await signingList(folder, 'darwin')).toEqual([
      {
        path: '_internal/Python.framework/Versions/3.12/Python',
        type: 'mach-o',
        signature: expect.any(String),
      },
    ]);
  });

  it('tells how things are signed now: a universal program as its worst half', async () => {
    const folder = await temporaryFolder();
    await put(folder, 'engine', 'pyinstallerMac', `${bootloader}/Darwin-64bit/run`);
    await put(folder, 'module.so', ...macModule);
    // The half for Intel has no signature at all; that for Apple silicon must have one.
    expect((await signingList(folder, 'darwin')).map(({ path, signature }) => [path, signature])).toEqual([
      ['module.so', 'adhoc'],
      ['engine', 'none'],
    ]);
  });

  it('lists programs, libraries and .pyd files on Windows, signed ones as such', async () => {
    const folder = await temporaryFolder();
    await put(folder, 'engine.exe', 'pyinstallerWindows', `${bootloader}/Windows-64bit-intel/run.exe`);
    await put(
      folder,
      '_internal/orjson.cp312-win_amd64.pyd',
      'orjsonWindows',
      'orjson/orjson.cp312-win_amd64.pyd',
    );
    await put(
      folder,
      '_internal/msvcp140_1.dll',
      'microsoft',
      'msvc_runtime-14.51.36231.data/data/msvcp140_1.dll',
    );
    expect(await signingList(folder, 'win32')).toEqual([
      { path: '_internal/msvcp140_1.dll', type: 'pe', signature: 'identity' },
      { path: '_internal/orjson.cp312-win_amd64.pyd', type: 'pe', signature: 'none' },
      { path: 'engine.exe', type: 'pe', signature: 'none' },
    ]);
  });

  it('has nothing to sign on Linux', async () => {
    const folder = await temporaryFolder();
    await put(folder, 'engine.exe', 'pyinstallerWindows', `${bootloader}/Windows-64bit-intel/run.exe`);
    expect(await signingList(folder, 'linux')).toEqual([]);
  });
});
