import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { digestBundle } from '../../src/bundle/index.js';
import { cacheError } from '../../src/freeze/cache/errors.js';
import { acquireLock } from '../../src/freeze/cache/lock.js';
import { isGone, processStart, thisOwner } from '../../src/freeze/cache/owner.js';
import {
  cleanCache,
  entryDir,
  lookUp,
  publish,
  stampBundle,
  type StoredResult,
} from '../../src/freeze/cache/store.js';
import { openWorkspace, sweepWorkspaces } from '../../src/freeze/cache/workspace.js';
import { temporaryFolder, writeFiles } from '../support/files.js';

const files = { 'bundle/engine': '#!/bin/sh\n', 'bundle/_internal/data.txt': 'one' };

/** Publish a small bundle with a link and an executable under a key. */
async function published(cacheDir: string, key: string, extra: Partial<StoredResult> = {}): Promise<string> {
  const prepared = await writeFiles(files, path.join(cacheDir, 'work', `prepared-${key}`));
  const bundle = path.join(prepared, 'bundle');
  await chmod(path.join(bundle, 'engine'), 0o755);
  await symlink('data.txt', path.join(bundle, '_internal/link.txt'));
  const manifestFiles = await digestBundle(bundle, { executable: 'engine', platform: 'linux' });
  return await publish(cacheDir, prepared, {
    version: 1,
    key,
    inputs: {},
    mode: 'onedir',
    executable: 'engine',
    companion: 'full',
    versions: { python: '3', pyinstaller: '6', package: '0' },
    files: manifestFiles,
    stamps: await stampBundle(bundle, manifestFiles),
    systemFiles: [],
    sizeBytes: 100,
    fileCount: 3,
    warnings: [],
    checkWarnings: [],
    verified: null,
    startupMs: null,
    frozenMs: 1,
    ...extra,
  });
}

const reasonOf = async (cacheDir: string, key: string): Promise<string> => {
  const found = await lookUp(cacheDir, key, 'linux');
  return found.state === 'hit' ? 'hit' : found.reason;
};

test('a published bundle is found with its links and permissions', async () => {
  const cacheDir = await temporaryFolder();
  const bundle = await published(cacheDir, 'k1');
  expect(await reasonOf(cacheDir, 'k1')).toBe('hit');
  expect((await stat(path.join(bundle, 'engine'))).mode & 0o111).not.toBe(0);
  expect(await readFile(path.join(bundle, '_internal/link.txt'), 'utf8')).toBe('one');
  expect(await reasonOf(cacheDir, 'k2')).toBe('it was never frozen with these inputs');
});

test.each<[string, (bundle: string) => Promise<unknown>, string]>([
  [
    'a missing file',
    (bundle) => rm(path.join(bundle, '_internal/data.txt')),
    '_internal/data.txt is missing',
  ],
  ['another size', (bundle) => writeFile(path.join(bundle, 'engine'), 'x'), 'engine has another size'],
  [
    'other content of the same size',
    (bundle) => writeFile(path.join(bundle, '_internal/data.txt'), 'two'),
    'was changed',
  ],
  ['an additional file', (bundle) => writeFile(path.join(bundle, 'new'), ''), 'new does not belong to it'],
  [
    'a lost permission',
    (bundle) => chmod(path.join(bundle, 'engine'), 0o644),
    'engine is not executable any more',
  ],
  [
    'a link that became a copy',
    async (bundle) => {
      await rm(path.join(bundle, '_internal/link.txt'));
      await writeFile(path.join(bundle, '_internal/link.txt'), 'one');
    },
    '_internal/link.txt is missing',
  ],
  [
    'a link elsewhere',
    async (bundle) => {
      await rm(path.join(bundle, '_internal/link.txt'));
      await symlink('../engine', path.join(bundle, '_internal/link.txt'));
    },
    'points elsewhere',
  ],
  ['no folder', (bundle) => rm(bundle, { recursive: true }), 'its folder is missing'],
])('a bundle with %s is not used and is removed', async (_, damage, reason) => {
  const cacheDir = await temporaryFolder();
  await damage(await published(cacheDir, 'k1'));
  expect(await reasonOf(cacheDir, 'k1')).toContain(reason);
  expect(await reasonOf(cacheDir, 'k1')).toBe('it was never frozen with these inputs');
});

test('a bundle restored from an archive, with other times, is compared by digest and used', async () => {
  const cacheDir = await temporaryFolder();
  const bundle = await published(cacheDir, 'k1');
  const restored = new Date(2020, 1, 1);
  for (const file of ['engine', '_internal/data.txt'])
    await utimes(path.join(bundle, file), restored, restored);
  expect(await reasonOf(cacheDir, 'k1')).toBe('hit');
  expect(await reasonOf(cacheDir, 'k1')).toBe('hit');
});

test('a changed library of the system is a miss, a touched one is not', async () => {
  const cacheDir = await temporaryFolder();
  const folder = await writeFiles({ 'libx.so': 'abc' });
  const file = path.join(folder, 'libx.so');
  const { size, mtimeMs } = await stat(file);
  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  const systemFiles = [{ file, size, mtimeMs, digest }];
  await published(cacheDir, 'k1', { systemFiles });
  await utimes(file, new Date(), new Date(2020, 1, 1));
  expect(await reasonOf(cacheDir, 'k1')).toBe('hit');
  await writeFile(file, 'abd');
  expect(await reasonOf(cacheDir, 'k1')).toContain(`the system library ${file} changed`);
});

test('of two builds that publish the same key one wins and both get a whole bundle', async () => {
  const cacheDir = await temporaryFolder();
  const [a, b] = await Promise.all([published(cacheDir, 'k1'), published(path.join(cacheDir), 'k2')]);
  expect(a).not.toBe(b);
  await writeFiles({ 'bundle/engine': 'later' }, path.join(cacheDir, 'work', 'late'));
  const late = await publish(cacheDir, path.join(cacheDir, 'work', 'late'), {
    ...(JSON.parse(
      await readFile(path.join(entryDir(cacheDir, 'k1'), 'result.json'), 'utf8'),
    ) as StoredResult),
  });
  expect(late).toBe(a);
  expect(await reasonOf(cacheDir, 'k1')).toBe('hit');
});

test('half an entry, without its result, is no bundle and does not stand in the way', async () => {
  const cacheDir = await temporaryFolder();
  await writeFiles({ 'bundle/engine': 'half' }, entryDir(cacheDir, 'k1'));
  expect(await reasonOf(cacheDir, 'k1')).toBe('it was never frozen with these inputs');
  await published(cacheDir, 'k1');
  expect(await reasonOf(cacheDir, 'k1')).toBe('hit');
});

test('cleaning removes what was not used for the longest time until the rest fits', async () => {
  const cacheDir = await temporaryFolder();
  for (const [index, key] of ['old', 'middle', 'new'].entries()) {
    await published(cacheDir, key);
    const used = new Date(2020, 1, 1 + index);
    await utimes(entryDir(cacheDir, key), used, used);
  }
  expect(await cleanCache(cacheDir, { maxBytes: 250 })).toEqual({
    removedBundles: 1,
    freedBytes: 100,
    keptBytes: 200,
  });
  expect(await readdir(path.join(cacheDir, 'bundles'))).toEqual(['middle', 'new']);
  expect(await cleanCache(cacheDir, { keepUsedMs: 1000 * 365 * 24 * 3600 * 1000 })).toMatchObject({
    removedBundles: 0,
  });
  expect(await cleanCache(cacheDir)).toMatchObject({ removedBundles: 2, keptBytes: 0 });
});

test('using a bundle makes it young', async () => {
  const cacheDir = await temporaryFolder();
  for (const key of ['a', 'b']) {
    await published(cacheDir, key);
    await utimes(entryDir(cacheDir, key), new Date(2020, 1, 1), new Date(2020, 1, key === 'a' ? 1 : 2));
  }
  await lookUp(cacheDir, 'a', 'linux');
  await cleanCache(cacheDir, { maxBytes: 100 });
  expect(await readdir(path.join(cacheDir, 'bundles'))).toEqual(['a']);
});

test('a lock is held by one at a time', async () => {
  const cacheDir = await temporaryFolder();
  let inside = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(
    [1, 2, 3, 4].map(async (number) => {
      const lock = await acquireLock(cacheDir, 'k');
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
      order.push(number);
      await lock.release();
    }),
  );
  expect(most).toBe(1);
  expect(new Set(order)).toEqual(new Set([1, 2, 3, 4]));
  expect(await readdir(path.join(cacheDir, 'locks'))).toEqual([]);
});

/** A process that has ended, as an owner. */
async function deadOwner(): Promise<ReturnType<typeof thisOwner>> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return { ...thisOwner(), pid: child.pid ?? 0, startedAt: '1' };
}

test('the lock of a dead process is taken over at once, that of a living one waited for until cancelled', async () => {
  const cacheDir = await temporaryFolder();
  await writeFiles({ 'locks/k.lock': JSON.stringify(await deadOwner()) }, cacheDir);
  const lock = await acquireLock(cacheDir, 'k');
  const waited: unknown[] = [];
  const signal = AbortSignal.timeout(300);
  await expect(
    acquireLock(cacheDir, 'k', { signal, onWait: (owner) => waited.push(owner?.pid) }),
  ).rejects.toMatchObject({
    code: 'ERR_CANCELLED',
  });
  expect(waited).toEqual([process.pid]);
  await lock.release();
});

test('the lock of another machine counts until it was not touched for a minute', async () => {
  const cacheDir = await temporaryFolder();
  await writeFiles({ 'locks/k.lock': JSON.stringify({ ...thisOwner(), host: 'elsewhere' }) }, cacheDir);
  await expect(acquireLock(cacheDir, 'k', { signal: AbortSignal.timeout(300) })).rejects.toMatchObject({
    code: 'ERR_CANCELLED',
  });
  const old = new Date(Date.now() - 61_000);
  await utimes(path.join(cacheDir, 'locks/k.lock'), old, old);
  await (await acquireLock(cacheDir, 'k')).release();
});

test('a later process with the same id is not the owner', () => {
  if (processStart(process.pid) === null) return;
  expect(isGone(thisOwner())).toBe(false);
  expect(isGone({ ...thisOwner(), startedAt: '1' })).toBe(true);
});

test('work folders of dead processes are swept, those of living ones kept', async () => {
  const cacheDir = await temporaryFolder();
  const own = await openWorkspace(cacheDir);
  await writeFiles(
    { 'work/dead/owner.json': JSON.stringify(await deadOwner()), 'work/dead/build/x': 'x' },
    cacheDir,
  );
  await mkdir(path.join(cacheDir, 'work/unowned'), { recursive: true });
  // Killed between making the folder and writing its owner: the name tells.
  const { pid } = await deadOwner();
  const unwritten = path.basename(own.directory).replace(/^\d+/, String(pid));
  await mkdir(path.join(cacheDir, 'work', unwritten));
  expect(await sweepWorkspaces(cacheDir)).toBe(2);
  expect(await sweepWorkspaces(cacheDir, Date.now() + 2 * 60 * 60 * 1000)).toBe(1);
  expect(await readdir(path.join(cacheDir, 'work'))).toEqual([path.basename(own.directory)]);
  await own.dispose();
  expect(await readdir(path.join(cacheDir, 'work'))).toEqual([]);
});

test.each([
  ['ENOSPC', 'the disk is full (ENOSPC at /cache/x)', 'Free some space'],
  ['EROFS', 'the file system is read-only', 'writable'],
  ['EACCES', 'permission denied', 'ELECTRON_PYINSTALLER_CACHE'],
])('%s becomes an error of the cache', (code, message, hint) => {
  const error = cacheError('Freezing', '/cache', Object.assign(new Error('x'), { code, path: '/cache/x' }));
  expect(error).toMatchObject({ code: 'ERR_CACHE' });
  expect((error as Error).message).toContain(message);
  expect((error as Error).message).toContain(hint);
  const other = new Error('something else');
  expect(cacheError('Freezing', '/cache', other)).toBe(other);
});
