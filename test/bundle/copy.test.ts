import { spawnSync } from 'node:child_process';
import { execa } from 'execa';
import * as fc from 'fast-check';
import { chmod, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { listBundle } from '../../src/bundle/index.js';
import { copyBundle } from '../../src/bundle/copy.js';
import { placeError } from '../../src/advice/file-system.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { isWindows, noLinks, noModes, notOnWindows } from '../support/windows.js';

async function sampleBundle(): Promise<string> {
  const folder = await writeFiles({
    engine: 'program',
    '_internal/data/köln stadt.json': '{}',
    '_internal/pkg.libs/libz-1.so': 'z',
    '_internal/Python.framework/Versions/3.12/Python': 'py',
  });
  await chmod(path.join(folder, 'engine'), 0o755);
  await mkdir(path.join(folder, '_internal/empty/deep'), { recursive: true });
  // Links are for who may make them, on Windows.
  if (isWindows) return folder;
  await symlink('pkg.libs/libz-1.so', path.join(folder, '_internal/libz.so'));
  await symlink('3.12', path.join(folder, '_internal/Python.framework/Versions/Current'));
  await symlink('Versions/Current/Python', path.join(folder, '_internal/Python.framework/Python'));
  return folder;
}

async function setWritable(folder: string, isWritable: boolean): Promise<void> {
  for (const { type, path: name } of await listBundle(folder)) {
    const place = path.join(folder, name);
    if (type === 'link') continue;
    const { mode } = await stat(place);
    await chmod(place, isWritable ? mode | 0o200 : mode & 0o555);
  }
}

describe('copyBundle', () => {
  it('keeps modes, empty folders and links as they are written', notOnWindows(noModes), async () => {
    const from = await sampleBundle();
    const to = path.join(await temporaryFolder(), 'new ordner', 'engine');
    await copyBundle(from, to);
    expect(await listBundle(to)).toEqual(await listBundle(from));
    expect(await readlink(path.join(to, '_internal/Python.framework/Python'))).toBe(
      'Versions/Current/Python',
    );
  });

  it('keeps empty folders, and makes the folder that it is put into', async () => {
    const from = await sampleBundle();
    const to = path.join(await temporaryFolder(), 'new ordner', 'engine');
    await copyBundle(from, to);
    expect(await readdir(path.join(to, '_internal/empty'))).toEqual(['deep']);
    expect(await readFile(path.join(to, '_internal/data/köln stadt.json'), 'utf8')).toBe('{}');
    expect(await readdir(path.dirname(to))).toEqual(['engine']);
  });

  it('replaces what an earlier call left, files that are gone included', async () => {
    const from = await sampleBundle();
    const to = path.join(await temporaryFolder(), 'engine');
    await writeFiles({ 'old/file': 'old', engine: 'old' }, to);
    await copyBundle(from, to);
    await copyBundle(from, to);
    expect(await listBundle(to)).toEqual(await listBundle(from));
    expect(await readdir(path.dirname(to))).toEqual(['engine']);
  });

  it('makes a writable copy of a read-only bundle', async () => {
    const from = await sampleBundle();
    await setWritable(from, false);
    const to = path.join(await temporaryFolder(), 'engine');
    await copyBundle(from, to);
    await setWritable(from, true);
    expect((await stat(path.join(to, 'engine'))).mode & 0o777).toBe(isWindows ? 0o666 : 0o755);
    expect((await stat(path.join(to, '_internal'))).mode & 0o200).toBe(0o200);
    await writeFile(path.join(to, 'engine'), 'signed');
  });

  it('leaves the old copy alone when the new one cannot be made', notOnWindows(noLinks), async () => {
    const from = await sampleBundle();
    await symlink('/etc/hostname', path.join(from, 'absolute'));
    const to = await writeFiles({ 'engine/engine': 'old' });
    await expect(copyBundle(from, path.join(to, 'engine'))).rejects.toMatchObject({ code: 'ERR_FREEZE' });
    expect(await readFile(path.join(to, 'engine/engine'), 'utf8')).toBe('old');
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const from = await sampleBundle();
    const to = await writeFiles({ 'engine/engine': 'old' });
    const copy = copyBundle(from, path.join(to, 'engine'), { signal: AbortSignal.abort() });
    await expect(copy).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    expect(await readdir(to)).toEqual(['engine']);
    expect(await readFile(path.join(to, 'engine/engine'), 'utf8')).toBe('old');
  });

  it('removes what a killed process left beside the destination, and only that', async () => {
    const from = await sampleBundle();
    const { pid } = spawnSync(process.execPath, ['--version']);
    const parent = await writeFiles({
      [`.engine.${pid}-01234567.partial/engine`]: 'half',
      [`.engine.${process.pid}-01234567.partial/engine`]: 'of a living process',
      '.engine.config': 'mine',
      '.other.1-01234567.partial/x': 'other',
    });
    await copyBundle(from, path.join(parent, 'engine'));
    expect((await readdir(parent)).sort()).toEqual([
      `.engine.${process.pid}-01234567.partial`,
      '.engine.config',
      '.other.1-01234567.partial',
      'engine',
    ]);
  });

  it('survives being called several times at once', async () => {
    const from = await sampleBundle();
    const to = path.join(await temporaryFolder(), 'engine');
    await Promise.all([copyBundle(from, to), copyBundle(from, to), copyBundle(from, to)]);
    expect(await listBundle(to)).toEqual(await listBundle(from));
    expect(await readdir(path.dirname(to))).toEqual(['engine']);
  });

  it('refuses to copy a folder into itself', async () => {
    const from = await sampleBundle();
    await expect(copyBundle(from, path.join(from, 'inner'))).rejects.toMatchObject({ code: 'ERR_PLACE' });
    await expect(copyBundle(from, from)).rejects.toMatchObject({ code: 'ERR_PLACE' });
    await expect(copyBundle(from, path.dirname(from))).rejects.toMatchObject({ code: 'ERR_PLACE' });
  });

  it('says what to do when a file stands in the way', async () => {
    const from = await sampleBundle();
    const parent = await writeFiles({ resources: 'a file' });
    await expect(copyBundle(from, path.join(parent, 'resources/engine'))).rejects.toMatchObject({
      code: 'ERR_PLACE',
      message: expect.stringMatching(/^Copying .* failed: /),
    });
  });

  it('says that the disk is full', notOnWindows('mount makes the small disk'), async ({ skip }) => {
    const disk = await temporaryFolder();
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', disk], { reject: false });
    if (mounted.failed) skip('only root can mount a small disk');
    try {
      const from = await writeFiles({ engine: Buffer.alloc(600_000, 1) });
      await expect(copyBundle(from, path.join(disk, 'engine'))).rejects.toMatchObject({
        code: 'ERR_PLACE',
        hint: expect.stringContaining('The disk is full'),
      });
      expect(await readdir(disk)).toEqual([]);
    } finally {
      await execa('umount', [disk]);
    }
  });

  it('copies any tree of files, folders, modes and links without a difference', async () => {
    const name = fc
      .stringMatching(/^[a-z .ä]{1,6}$/u)
      .filter((text) => text.trim() === text && !/^\.+$/.test(text))
      .filter((text) => !isWindows || !/\.$|^(?:con|aux|nul|prn)\b/.test(text));
    const place = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const content = fc.record({
      place,
      mode: fc.constantFrom(0o644, 0o755, 0o600, 0o444),
      bytes: fc.uint8Array({ maxLength: 64 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(content, { maxLength: 8 }), async (files) => {
        const from = await temporaryFolder();
        const made: string[] = [];
        for (const { place, mode, bytes } of files) {
          const file = path.join(from, place);
          const isFree = await mkdir(path.dirname(file), { recursive: true }).then(
            () =>
              writeFile(file, bytes, { flag: 'wx' }).then(
                () => true,
                () => false,
              ),
            () => false,
          );
          if (!isFree) continue;
          await chmod(file, mode);
          made.push(place);
        }
        for (const [index, target] of isWindows ? [] : made.entries())
          await symlink(target, path.join(from, `link ${index}`));
        const to = path.join(await temporaryFolder(), 'copy');
        await copyBundle(from, to);
        for (const name of made)
          expect(await readFile(path.join(to, name))).toEqual(await readFile(path.join(from, name)));
        const writable = (await listBundle(from)).map((entry) =>
          entry.type === 'file' ? { ...entry, mode: entry.mode | (isWindows ? 0o222 : 0o200) } : entry,
        );
        expect(await listBundle(to)).toEqual(writable);
      }),
      { numRuns: 25 },
    );
  });
});

describe('placeError', () => {
  it.each(['ENOSPC', 'EACCES', 'EPERM', 'EBUSY', 'EROFS', 'ENAMETOOLONG', 'EMFILE'])(
    'knows what to do about %s',
    (code) => {
      const cause = Object.assign(new Error(`${code}: something`), { code, path: '/x/y' });
      const error = placeError('Copying a to b', cause);
      expect(error).toMatchObject({ code: 'ERR_PLACE', file: '/x/y', cause });
      expect(error.message).toMatch(/^Copying a to b failed: [^\n]+\n.{20,}/);
    },
  );
});
