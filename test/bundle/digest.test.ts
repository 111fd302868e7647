import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { digestBundle } from '../../src/bundle/index.js';
import { isCoreFile } from '../../src/bundle/digest.js';
import { writeFiles } from '../support/files.js';
import { wheelFile, wheelFolder } from './wheels.js';
import { needsLinks } from '../support/windows.js';

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

beforeAll(async () => {
  await wheelFolder('markupsafeMac');
}, 600_000);

describe('digestBundle', () => {
  it('lists files and links with digest, size, core and executable', needsLinks, async () => {
    const big = Buffer.alloc(3 * 1024 * 1024 + 17, 'x');
    const folder = await writeFiles({
      engine: 'program',
      '_internal/base_library.zip': 'zip',
      '_internal/big': big,
      '_internal/empty': '',
    });
    await chmod(path.join(folder, 'engine'), 0o755);
    await symlink('big', path.join(folder, '_internal', 'link'));
    const common = { type: 'file', algorithm: 'sha256', core: false, executable: false };
    expect(await digestBundle(folder, { executable: 'engine', platform: 'linux' })).toEqual([
      { ...common, path: '_internal/base_library.zip', size: 3, digest: sha256('zip'), core: true },
      { ...common, path: '_internal/big', size: big.length, digest: sha256(big) },
      { ...common, path: '_internal/empty', size: 0, digest: sha256('') },
      { type: 'link', path: '_internal/link', target: 'big' },
      { ...common, path: 'engine', size: 7, digest: sha256('program'), core: true, executable: true },
    ]);
  });

  it('seals the signatures and property lists of a macOS bundle, and takes its Mach-O files without their signature', async () => {
    const folder = await writeFiles({
      'Python.framework/Versions/3.12/_CodeSignature/CodeResources': '<plist>',
      'Python.framework/Versions/3.12/Resources/Info.plist': '<plist/>',
      note: 'x',
    });
    await mkdir(path.join(folder, 'lib'));
    const library = await wheelFile('markupsafeMac', 'markupsafe/_speedups.cpython-312-darwin.so');
    await copyFile(library, path.join(folder, 'lib/_speedups.so'));
    const darwin = await digestBundle(folder, { executable: 'note', platform: 'darwin' });
    expect(darwin.map((one) => one.type === 'file' && [one.path, one.algorithm])).toEqual([
      ['Python.framework/Versions/3.12/Resources/Info.plist', 'sealed'],
      ['Python.framework/Versions/3.12/_CodeSignature/CodeResources', 'sealed'],
      ['lib/_speedups.so', 'mach-o-sha256'],
      ['note', 'sha256'],
    ]);
    const linux = await digestBundle(folder, { executable: 'note', platform: 'linux' });
    expect(linux[2]).toMatchObject({ algorithm: 'sha256', digest: sha256(await readFile(library)) });
  });

  it('refuses links that lead out of the bundle', needsLinks, async () => {
    const folder = await writeFiles({ engine: '' });
    await symlink('/etc/hostname', path.join(folder, 'name'));
    await expect(digestBundle(folder, { executable: 'engine' })).rejects.toMatchObject({
      code: 'ERR_FREEZE',
    });
  });

  it('stops when it is cancelled', async () => {
    const folder = await writeFiles({ engine: '' });
    const digest = digestBundle(folder, { executable: 'engine', signal: AbortSignal.abort() });
    await expect(digest).rejects.toThrow(/aborted/);
  });

  it('marks the Windows programs as executable by their name', async () => {
    const folder = await writeFiles({ 'engine.exe': 'x', 'helper.EXE': 'y', 'a.dll': 'z' });
    const files = await digestBundle(folder, { executable: 'engine.exe', platform: 'win32' });
    expect(files.map((one) => one.type === 'file' && one.executable)).toEqual([false, true, true]);
  });
});

describe('isCoreFile', () => {
  it.each([
    'engine',
    '_internal/base_library.zip',
    '_internal/libpython3.12.so.1.0',
    '_internal/libpython3.13t.so.1.0',
    '_internal/libpython3.11.dylib',
    '_internal/python312.dll',
    '_internal/python3.dll',
    '_internal/python313t.dll',
    '_internal/Python.framework/Versions/3.12/Python',
  ])('counts %s', (file) => expect(isCoreFile(file, 'engine')).toBe(true));

  it.each(['other', '_internal/libssl.so.3', '_internal/pythoncom312.dll', '_internal/notes/libpython.txt'])(
    'does not count %s',
    (file) => expect(isCoreFile(file, 'engine')).toBe(false),
  );
});
