import { appendFile, chmod, readdir, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { digestBundle } from '../../src/bundle/index.js';
import { keepBounded } from '../../src/freeze/cache/keep-bounded.js';
import { shareWithLast } from '../../src/freeze/cache/share-bundles.js';
import { entryDir, lookUp, publish, stampBundle, type StoredResult } from '../../src/freeze/cache/store.js';
import { usedKeys } from '../../src/freeze/cache/used-keys.js';
import { cleanCache } from '../../src/freeze/cache/clean.js';
import { writeHistory } from '../../src/freeze/fingerprint/history.js';
import { Progress } from '../../src/freeze/progress.js';
import type { ManifestFile } from '../../src/runtime/manifest.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { makeBackend } from './support/project.js';
import { onlyOnLinux } from '../support/windows.js';

afterEach(() => usedKeys.clear());

const library = Buffer.alloc(100_000, 7);

interface Prepared {
  readonly directory: string;
  readonly bundle: string;
  readonly files: readonly ManifestFile[];
}

/** A bundle of two large libraries and a small program, not yet published. */
async function prepare(cacheDir: string, name: string, program: string): Promise<Prepared> {
  const directory = await writeFiles(
    {
      'bundle/engine': program,
      'bundle/_internal/a.so': library,
      'bundle/_internal/b.so': Buffer.alloc(90_000, program),
    },
    path.join(cacheDir, 'work', name),
  );
  const bundle = path.join(directory, 'bundle');
  await chmod(path.join(bundle, 'engine'), 0o755);
  return {
    directory,
    bundle,
    files: await digestBundle(bundle, { executable: 'engine', platform: 'linux' }),
  };
}

async function put(cacheDir: string, key: string, { directory, bundle, files }: Prepared): Promise<void> {
  await publish(cacheDir, directory, {
    version: 1,
    key,
    inputs: {},
    mode: 'onedir',
    executable: 'engine',
    companion: 'full',
    versions: { python: '3', pyinstaller: '6', package: '0' },
    files,
    stamps: await stampBundle(bundle, files),
    systemFiles: [],
    sizeBytes: 190_001,
    fileCount: 3,
    warnings: [],
    checkWarnings: [],
    verified: null,
    startupMs: null,
    frozenMs: 1,
  } satisfies StoredResult);
}

async function used(cacheDir: string, key: string, minutesAgo: number): Promise<void> {
  const time = new Date(Date.now() - minutesAgo * 60_000);
  await utimes(entryDir(cacheDir, key), time, time);
}

const left = async (cacheDir: string): Promise<string[]> =>
  (await readdir(path.join(cacheDir, 'bundles'))).sort();

test('what piles up within a day goes when it is too much, with a line that says so; what this run uses stays', async () => {
  const cacheDir = await temporaryFolder();
  for (const [index, key] of ['a-hour', 'b-hours', 'c-now', 'd-own'].entries()) {
    await put(cacheDir, key, await prepare(cacheDir, key, String(index)));
  }
  usedKeys.clear();
  usedKeys.add('d-own');
  await used(cacheDir, 'a-hour', 60);
  await used(cacheDir, 'b-hours', 300);
  await used(cacheDir, 'd-own', 600);
  const lines: string[] = [];
  const progress = new Progress('engine', (event) => {
    if (event.type === 'stage') lines.push(event.title);
  });
  await keepBounded(cacheDir, progress, 1_000_000);
  expect(lines).toEqual([]);
  await keepBounded(cacheDir, progress, 450_000);
  expect(await left(cacheDir)).toEqual(['a-hour', 'c-now', 'd-own']);
  expect(lines).toEqual([expect.stringMatching(/may hold 450 kB: 1 bundle, 190 kB$/)]);
  // Used within half an hour: another build may be about to place it.
  await keepBounded(cacheDir, progress, 1);
  expect(await left(cacheDir)).toEqual(['c-now', 'd-own']);
});

test('a bundle that this process found or made is its own', async () => {
  const cacheDir = await temporaryFolder();
  await put(cacheDir, 'k1', await prepare(cacheDir, 'k1', '1'));
  expect([...usedKeys]).toEqual(['k1']);
  usedKeys.clear();
  await lookUp(cacheDir, 'k1', 'linux');
  expect([...usedKeys]).toEqual(['k1']);
});

test(
  'a bundle has the large files in common that it shares with the last one of its backend',
  onlyOnLinux('bundles have files in common on Linux alone'),
  async () => {
    const cacheDir = await temporaryFolder();
    const backend = await makeBackend({ 'backend/main.py': '' }, { kind: 'job', entry: 'backend/main.py' });
    await put(cacheDir, 'first', await prepare(cacheDir, 'first', '1'));
    await writeHistory(cacheDir, backend, { key: 'first', inputs: {}, totalMs: 1 });
    const second = await prepare(cacheDir, 'second', '2');
    await shareWithLast(cacheDir, backend, second.bundle, second.files);
    await put(cacheDir, 'second', second);
    const inode = async (key: string, name: string) =>
      (await stat(path.join(entryDir(cacheDir, key), 'bundle', name))).ino;
    expect(await inode('second', '_internal/a.so')).toBe(await inode('first', '_internal/a.so'));
    expect(await inode('second', '_internal/b.so')).not.toBe(await inode('first', '_internal/b.so'));
    expect(await inode('second', 'engine')).not.toBe(await inode('first', 'engine'));
    for (const key of ['first', 'second']) expect((await lookUp(cacheDir, key, 'linux')).state).toBe('hit');
    // Together they take less than twice their size, and neither goes before that is too much.
    usedKeys.clear();
    expect(await cleanCache(cacheDir, { maxBytes: 290_000 })).toMatchObject({
      removedBundles: 0,
      keptBytes: 280_002,
    });
    // Changed behind the cache's back, both are damaged, and none is used.
    await appendFile(path.join(entryDir(cacheDir, 'first'), 'bundle/_internal/a.so'), 'x');
    for (const key of ['first', 'second']) expect((await lookUp(cacheDir, key, 'linux')).state).toBe('miss');
  },
);

test(
  'a file that was changed in the last bundle is not shared',
  onlyOnLinux('bundles have files in common on Linux alone'),
  async () => {
    const cacheDir = await temporaryFolder();
    const backend = await makeBackend({ 'backend/main.py': '' }, { kind: 'job', entry: 'backend/main.py' });
    await put(cacheDir, 'first', await prepare(cacheDir, 'first', '1'));
    await writeHistory(cacheDir, backend, { key: 'first', inputs: {}, totalMs: 1 });
    const changed = path.join(entryDir(cacheDir, 'first'), 'bundle/_internal/a.so');
    await utimes(changed, new Date(2020, 1, 1), new Date(2020, 1, 1));
    const second = await prepare(cacheDir, 'second', '2');
    await shareWithLast(cacheDir, backend, second.bundle, second.files);
    expect((await stat(path.join(second.bundle, '_internal/a.so'))).nlink).toBe(1);
  },
);
