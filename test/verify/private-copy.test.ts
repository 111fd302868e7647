import { constants } from 'node:fs';
import { execa } from 'execa';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readFile,
  readdir,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makePrivateCopy } from '../../src/verify/private-copy.js';
import { makePrivatePlace } from '../../src/verify/private-place.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { onlyOnLinux } from '../support/windows.js';

/** On a file system with copy-on-write everything is shared by its blocks, and nothing is linked. */
async function sharesBlocks(folder: string): Promise<boolean> {
  await writeFile(path.join(folder, 'a'), 'a');
  return copyFile(path.join(folder, 'a'), path.join(folder, 'b'), constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  );
}

describe('a private copy on the disk of the bundle', onlyOnLinux('on Windows all of it is copied'), () => {
  let bundle: string;
  let room: string;
  beforeEach(async ({ skip }) => {
    room = await temporaryFolder();
    if (await sharesBlocks(room)) skip('this file system shares blocks');
    bundle = await writeFiles(
      { '_internal/settings.db': 'settings', '_internal/weights.bin': '' },
      path.join(room, 'bundle'),
    );
    for (const name of ['engine', '_internal/library.so']) {
      await copyFile('/bin/sh', path.join(bundle, name));
      await chmod(path.join(bundle, name), 0o755);
    }
    await truncate(path.join(bundle, '_internal/weights.bin'), 64_000_000);
  });

  const isSameFile = async (name: string, to: string): Promise<boolean> =>
    (await stat(path.join(bundle, name))).ino === (await stat(path.join(to, name))).ino;

  it('has programs, libraries and large data as links, and the rest as copies', async () => {
    const to = path.join(room, 'place', 'engine');
    const linked = await makePrivateCopy(bundle, to, { advice: '' });
    expect([...linked].sort()).toEqual(['_internal/library.so', '_internal/weights.bin', 'engine']);
    for (const name of linked) expect(await isSameFile(name, to), name).toBe(true);
    expect(await isSameFile('_internal/settings.db', to)).toBe(false);
    expect(await readFile(path.join(to, '_internal/settings.db'), 'utf8')).toBe('settings');
  });

  it('leaves the permissions of the bundle as they were', async () => {
    const modes = async () =>
      Promise.all(
        ['engine', '_internal/library.so', '_internal/settings.db'].map(
          async (name) => (await lstat(path.join(bundle, name))).mode,
        ),
      );
    const before = await modes();
    const place = await makePrivatePlace(bundle, 'engine', { env: {}, platform: 'linux', cacheDir: room });
    expect((await lstat(path.join(place.bundle, '_internal/settings.db'))).mode & 0o222).toBe(0);
    expect(await modes()).toEqual(before);
    await place.remove();
    expect(await modes()).toEqual(before);
    expect(await readdir(path.join(room, 'work'))).toEqual([]);
  });

  it('takes no room but for the small data', async () => {
    const before = await used(room);
    await makePrivateCopy(bundle, path.join(room, 'place', 'engine'), { advice: '' });
    expect((await used(room)) - before).toBeLessThan(1_000_000);
  });

  it('tells a change of a file that it shares with the bundle, not that somebody else linked it', async () => {
    const place = await makePrivatePlace(bundle, 'engine', { env: {}, platform: 'linux', cacheDir: room });
    onTestFinished(() => place.remove());
    await makePrivateCopy(bundle, path.join(room, 'other', 'engine'), { advice: '' });
    expect(await place.changes()).toEqual([]);
    await writeFile(path.join(place.bundle, '_internal/library.so'), 'x', { flag: 'a' });
    expect(await place.changes()).toEqual(['_internal/library.so']);
  });
});

/** Bytes below a folder; a file with two names counts once. */
async function used(folder: string): Promise<number> {
  const sizes = new Map<number, number>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { ino, size } = await stat(path.join(entry.parentPath, entry.name));
    sizes.set(ino, size);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

describe('a private copy on another disk', onlyOnLinux('mount makes the other disk'), () => {
  it('is refused before anything is copied when there is no room, with the place that has none', async ({
    skip,
  }) => {
    const bundle = await writeFiles({ engine: Buffer.alloc(3_000_000) });
    const disk = await temporaryFolder();
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=21m', 'none', disk], { reject: false });
    if (mounted.failed) skip('mounting is not allowed');
    onTestFinished(async () => {
      await execa('umount', ['-l', disk]);
    });
    const place = () => makePrivatePlace(bundle, 'engine', { env: {}, platform: 'linux', cacheDir: disk });
    await expect(place()).rejects.toMatchObject({
      code: 'ERR_CACHE',
      message: expect.stringMatching(
        /needs 23 MB for a private copy in [^;]*; 22 MB are free there/,
      ) as string,
      hint: expect.stringContaining('ELECTRON_PYINSTALLER_CACHE') as string,
    });
    expect(await readdir(path.join(disk, 'work'))).toEqual([]);
    await rm(bundle, { recursive: true });
    await mkdir(bundle);
    await writeFile(path.join(bundle, 'engine'), Buffer.alloc(500_000));
    const made = await place();
    expect([...made.linked]).toEqual([]);
    await made.remove();
  });
});
