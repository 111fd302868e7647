import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { digestBundle } from '../../src/bundle/index.js';
import { cacheError } from '../../src/advice/file-system.js';
import type { OutsideFile } from '../../src/freeze/fingerprint/outside-files.js';
import { cleanCache } from '../../src/freeze/cache/clean.js';
import { entryDir, lookUp, publish, stampBundle, type StoredResult } from '../../src/freeze/cache/store.js';
import { openWorkspace, sweepWorkspaces } from '../../src/freeze/cache/workspace.js';
import { outsideFiles } from '../../src/freeze/fingerprint/outside-files.js';
import { thisProcess, type ProcessIdentity } from '../../src/lib/process-identity.js';
import { withFileLock } from '../../src/lib/file-lock.js';
import { withSlashes } from '../../src/lib/paths.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { isWindows, isWine, leaveOut, needsLinks, noPermissions, noWineLinks } from '../support/windows.js';

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

test('a published bundle is found with its links and permissions', needsLinks, async () => {
  const cacheDir = await temporaryFolder();
  const bundle = await published(cacheDir, 'k1');
  expect(await reasonOf(cacheDir, 'k1')).toBe('hit');
  if (!isWindows) expect((await stat(path.join(bundle, 'engine'))).mode & 0o111).not.toBe(0);
  expect(await readFile(path.join(bundle, '_internal/link.txt'), 'utf8')).toBe('one');
  expect(await reasonOf(cacheDir, 'k2')).toBe('it was never frozen with these inputs');
});

test.for<[string, (bundle: string) => Promise<unknown>, string]>([
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
])('a bundle with %s is not used and is removed', async ([title, damage, reason], context) => {
  if (isWine && title.includes('link')) leaveOut(context, noWineLinks);
  if (isWindows && title.includes('permission')) leaveOut(context, noPermissions);
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
  expect(await reasonOf(cacheDir, 'k1')).toContain(
    `${file}, outside of the sources and the environment, changed`,
  );
});

test('of a folder outside a new name is a miss, a cache or hidden file is not', async () => {
  const cacheDir = await temporaryFolder();
  const projectDir = await writeFiles({
    'backend/main.py': '',
    'assets/deep/a.txt': 'a',
    'lib/shared.py': '',
  });
  const at = (file: string): string => path.join(projectDir, file);
  const audit = {
    files: [['assets/deep/a.txt', at('assets/deep/a.txt'), 'DATA'] as const],
    origins: [at('backend/main.py'), at('lib/shared.py')],
  };
  const record = (): Promise<OutsideFile[]> => outsideFiles(audit, [at('backend')], projectDir);
  expect((await record()).map(({ file }) => withSlashes(path.relative(projectDir, file)))).toEqual([
    'assets/deep/a.txt',
    'lib/shared.py',
    'assets',
    'assets/deep',
    'lib',
  ]);
  await published(cacheDir, 'k1', { systemFiles: await record() });
  await writeFiles({ 'lib/__pycache__/shared.pyc': '', 'assets/.DS_Store': '', 'README.md': '' }, projectDir);
  expect(await reasonOf(cacheDir, 'k1')).toBe('hit');
  for (const file of ['assets/new/b.txt', 'lib/was_missing.py']) {
    await writeFiles({ [file]: '' }, projectDir);
    expect(await reasonOf(cacheDir, 'k1')).toContain(`${at(file.split('/')[0] ?? '')}, outside of`);
    await published(cacheDir, 'k1', { systemFiles: await record() });
  }
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
    removedEnvironments: 0,
    freedBytes: 100,
    keptBytes: 200,
  });
  expect(await readdir(path.join(cacheDir, 'bundles'))).toEqual(['middle', 'new']);
  expect(await cleanCache(cacheDir, { keepUsedMs: 1000 * 365 * 24 * 3600 * 1000 })).toMatchObject({
    removedBundles: 0,
  });
  expect(await cleanCache(cacheDir)).toMatchObject({ removedBundles: 2, keptBytes: 0 });
});

/** A managed environment of 100 bytes (or half of one), last used so many hours ago. */
async function environment(cacheDir: string, key: string, hoursAgo: number, complete = true): Promise<void> {
  const directory = path.join(cacheDir, 'environments', key);
  const file = complete ? 'complete.json' : 'half';
  await writeFiles({ [file]: JSON.stringify({ sizeBytes: 100 }), 'bin/python': 'x' }, directory);
  const used = new Date(Date.now() - hoursAgo * 3_600_000);
  await utimes(path.join(directory, file), used, used);
  await utimes(directory, used, used);
}

test('with a limit environments go like bundles, together the longest unused first; without one they stay', async () => {
  const cacheDir = await temporaryFolder();
  await published(cacheDir, 'bundle');
  const used = new Date(Date.now() - 5 * 3_600_000);
  await utimes(entryDir(cacheDir, 'bundle'), used, used);
  await environment(cacheDir, 'used-now', 0);
  await environment(cacheDir, 'used-today', 4);
  await environment(cacheDir, 'used-last-year', 24 * 365);
  await environment(cacheDir, 'half-made-now', 0, false);
  await environment(cacheDir, 'half-made-long-ago', 30, false);
  const left = async (): Promise<string[]> => (await readdir(path.join(cacheDir, 'environments'))).sort();

  expect(await cleanCache(cacheDir, { maxBytes: 330 })).toMatchObject({
    removedBundles: 0,
    removedEnvironments: 2,
  });
  expect(await left()).toEqual(['half-made-now', 'used-now', 'used-today']);
  expect(await cleanCache(cacheDir)).toMatchObject({ removedBundles: 1, removedEnvironments: 0 });
  // A freeze may be running from the one that was used a moment ago.
  expect(await cleanCache(cacheDir, { maxBytes: 0 })).toMatchObject({
    removedEnvironments: 1,
    freedBytes: 100,
  });
  expect(await left()).toEqual(['half-made-now', 'used-now']);
  expect(await cleanCache(cacheDir, { everything: true })).toMatchObject({ removedEnvironments: 2 });
  expect(await left()).toEqual([]);
});

test('an environment that somebody is making stays', async () => {
  const cacheDir = await temporaryFolder();
  await environment(cacheDir, 'k', 100, false);
  await environment(cacheDir, 'k.tmp', 100, false);
  await withFileLock(path.join(cacheDir, 'environments', 'k.lock'), {}, async () => {
    expect(await cleanCache(cacheDir, { maxBytes: 0 })).toMatchObject({ removedEnvironments: 0 });
  });
  expect(await cleanCache(cacheDir, { maxBytes: 0 })).toMatchObject({ removedEnvironments: 2 });
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

/** A process that has ended, as an owner. */
async function deadOwner(): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return { ...thisProcess(), pid: child.pid ?? 0, startTime: '1' };
}

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

test('what was compared by digest once is not compared again', async () => {
  const cacheDir = await temporaryFolder();
  const bundle = await published(cacheDir, 'k1');
  const restored = new Date(2020, 1, 1);
  await utimes(path.join(bundle, 'engine'), restored, restored);
  await lookUp(cacheDir, 'k1', 'linux');
  const result = await readFile(path.join(entryDir(cacheDir, 'k1'), 'result.json'), 'utf8');
  expect((JSON.parse(result) as StoredResult).stamps['engine']?.[1]).toBe(restored.getTime());
});

test('an entry under the name of another key is no hit', async () => {
  const cacheDir = await temporaryFolder();
  await published(cacheDir, 'k1');
  await rename(entryDir(cacheDir, 'k1'), entryDir(cacheDir, 'k2'));
  expect(await reasonOf(cacheDir, 'k2')).toBe('it was never frozen with these inputs');
});

test('cleaning also removes half entries and the locks of dead processes, however much may stay', async () => {
  const cacheDir = await temporaryFolder();
  await published(cacheDir, 'whole');
  const dead = JSON.stringify({ token: 't', ...(await deadOwner()) });
  await writeFiles({ 'bundles/half/bundle/engine': '', 'locks/dead.lock': dead }, cacheDir);
  expect(await cleanCache(cacheDir, { maxBytes: 1_000_000 })).toMatchObject({ removedBundles: 1 });
  expect(await readdir(path.join(cacheDir, 'bundles'))).toEqual(['whole']);
  expect(await readdir(path.join(cacheDir, 'locks'))).toEqual([]);
});

test('a build sweeps the work folders of those that were killed before it', async () => {
  const cacheDir = await temporaryFolder();
  await writeFiles({ 'work/dead/owner.json': JSON.stringify(await deadOwner()) }, cacheDir);
  const own = await openWorkspace(cacheDir);
  expect(await readdir(path.join(cacheDir, 'work'))).toEqual([path.basename(own.directory)]);
});
