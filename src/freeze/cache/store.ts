import { lstatSync } from 'node:fs';
import { lstat, mkdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestFile, listBundle } from '../../bundle/index.js';
import type { BackendManifest, ManifestFile } from '../../runtime/manifest.js';
import type { TargetPlatform } from '../../target.js';
import { writeAtomically } from '../../lib/write-atomically.js';
import type { Inputs } from '../fingerprint/inputs.js';
import { changedOutside, type OutsideFile } from '../fingerprint/outside-files.js';
import { cacheError } from '../../advice/file-system.js';
import { usedKeys } from './used-keys.js';
import { removeTree } from './workspace.js';
import { mapLimited } from '../../lib/map-limited.js';
import { errorCode, readJson, namesIn } from '../../lib/files.js';

/** Shape of result.json; results of another shape are misses. */
const resultVersion = 1;

/** What is kept beside a bundle. */
export interface StoredResult {
  readonly version: typeof resultVersion;
  readonly key: string;
  readonly inputs: Inputs;
  readonly mode: 'onedir' | 'onefile';
  /** Relative to the bundle. */
  readonly executable: string;
  /** Folder with the data, relative to the bundle; left out: not known, or inside of the program. */
  readonly contents?: string | undefined;
  readonly companion: 'full' | 'lifeline' | 'none';
  readonly versions: BackendManifest['versions'];
  readonly files: readonly ManifestFile[];
  /** Size and modification time of each file as published: what a hit compares. */
  readonly stamps: Readonly<Record<string, readonly [size: number, mtimeMs: number]>>;
  readonly systemFiles: readonly OutsideFile[];
  readonly sizeBytes: number;
  readonly fileCount: number;
  /** Of the freeze. */
  readonly warnings: readonly string[];
  /** Of the checks. */
  readonly checkWarnings: readonly string[];
  /** Digest of the checks that it passed; null: it was never run. */
  readonly verified: string | null;
  /** The OpenAPI document that it answered with, when types are made of it. */
  readonly document?: Readonly<Record<string, unknown>> | undefined;
  /** What running it measured. */
  readonly startupMs: number | null;
  /** Milliseconds that freezing took. */
  readonly frozenMs: number;
}

/** What a look into the cache found. */
export type Lookup =
  | { readonly state: 'hit'; readonly bundleDir: string; readonly result: StoredResult }
  | { readonly state: 'miss'; readonly reason: string };

/** Folder of one key. */
export function entryDir(cacheDir: string, key: string): string {
  return path.join(cacheDir, 'bundles', key);
}

/** Folder of a bundle made anew although one that passed its checks is there: it replaces that one when it passes too. */
export function challengerDir(cacheDir: string, key: string): string {
  return entryDir(cacheDir, `${key}${challengerSuffix}`);
}

const challengerSuffix = '.forced';

/** The lock that whoever makes the bundle of a key holds. */
export function lockFile(cacheDir: string, key: string): string {
  return path.join(cacheDir, 'locks', `${key.replace(challengerSuffix, '')}.lock`);
}

/** A bundle in the cache; `sizeBytes` null: not a whole one. */
export interface StoredEntry {
  readonly key: string;
  /** When it was last used, milliseconds since the epoch. */
  readonly usedMs: number;
  readonly sizeBytes: number | null;
}

/** All bundles in the cache. */
export async function listEntries(cacheDir: string): Promise<StoredEntry[]> {
  const root = path.join(cacheDir, 'bundles');
  return await mapLimited(await namesIn(root), 8, async (key) => {
    const directory = path.join(root, key);
    const stats = await stat(directory).catch(() => null);
    const result = await readResult(directory);
    return { key, usedMs: stats?.mtimeMs ?? 0, sizeBytes: result?.sizeBytes ?? null };
  });
}

/**
 * Look a key up. A bundle that does not match what was recorded about it (also after restoring the cache from an archive,
 * which changes times: then by digest) is removed and counts as a miss.
 */
export async function lookUp(cacheDir: string, key: string, platform: TargetPlatform): Promise<Lookup> {
  const directory = entryDir(cacheDir, key);
  const result = await readResult(directory);
  if (result === null || result.key !== key) {
    return { state: 'miss', reason: 'it was never frozen with these inputs' };
  }
  const bundleDir = path.join(directory, 'bundle');
  const checked = await checkStamps(bundleDir, result, platform);
  if (checked.state === 'damaged') {
    await removeEntry(cacheDir, key);
    return { state: 'miss', reason: `its cached bundle was damaged (${checked.detail})` };
  }
  const changed = await changedOutside(result.systemFiles);
  if (changed !== null) {
    await removeEntry(cacheDir, key);
    return { state: 'miss', reason: `${changed}, outside of the sources and the environment, changed` };
  }
  const fresh = checked.state === 'restamped' ? { ...result, stamps: checked.stamps } : result;
  if (fresh !== result) await writeResult(directory, fresh).catch(() => undefined);
  await markUsed(directory);
  usedKeys.add(key);
  return { state: 'hit', bundleDir, result: fresh };
}

/** What is recorded about a bundle; null: nothing, or in another shape. */
export async function readResult(directory: string): Promise<StoredResult | null> {
  const value = (await readJson(path.join(directory, 'result.json'))) as StoredResult | null | undefined;
  return value?.version === resultVersion ? value : null;
}

/** Replace what is recorded about a bundle. */
export async function writeResult(directory: string, result: StoredResult): Promise<void> {
  await writeAtomically(path.join(directory, 'result.json'), JSON.stringify(result));
}

type StampCheck =
  | { readonly state: 'same' }
  | { readonly state: 'restamped'; readonly stamps: StoredResult['stamps'] }
  | { readonly state: 'damaged'; readonly detail: string };

async function checkStamps(
  bundleDir: string,
  result: StoredResult,
  platform: TargetPlatform,
): Promise<StampCheck> {
  const seen = await listBundle(bundleDir).catch(() => null);
  if (seen === null) return { state: 'damaged', detail: 'its folder is missing' };
  const present = new Map(
    seen.filter((entry) => entry.type !== 'directory').map((entry) => [entry.path, entry]),
  );
  const doubtful: Extract<ManifestFile, { type: 'file' }>[] = [];
  const stamps: Record<string, readonly [number, number]> = {};
  for (const file of result.files) {
    const entry = present.get(file.path);
    if (entry === undefined || entry.type !== file.type)
      return { state: 'damaged', detail: `${file.path} is missing` };
    present.delete(file.path);
    if (file.type === 'link') {
      if (entry.type === 'link' && entry.target !== file.target) {
        return { state: 'damaged', detail: `the link ${file.path} points elsewhere` };
      }
      continue;
    }
    const stats = lstatSync(path.join(bundleDir, file.path));
    const stamp = result.stamps[file.path];
    if (stamp?.[0] !== stats.size) return { state: 'damaged', detail: `${file.path} has another size` };
    // An archive that lost the permission makes a program that cannot be started.
    if (file.executable && process.platform !== 'win32' && (stats.mode & 0o111) === 0) {
      return { state: 'damaged', detail: `${file.path} is not executable any more` };
    }
    if (stamp[1] !== stats.mtimeMs) doubtful.push(file);
    stamps[file.path] = [stats.size, stats.mtimeMs];
  }
  const [extra] = present.keys();
  if (extra !== undefined) return { state: 'damaged', detail: `${extra} does not belong to it` };
  if (doubtful.length === 0) return { state: 'same' };
  const digests = await mapLimited(doubtful, 8, (file) =>
    digestFile(path.join(bundleDir, file.path), platform),
  );
  const bad = doubtful.find((file, index) => digests[index]?.digest !== file.digest);
  return bad === undefined
    ? { state: 'restamped', stamps }
    : { state: 'damaged', detail: `${bad.path} was changed` };
}

/** Size and time of every file of a bundle. */
export async function stampBundle(
  bundleDir: string,
  files: readonly ManifestFile[],
): Promise<StoredResult['stamps']> {
  const rows = await mapLimited(
    files.filter((file) => file.type === 'file'),
    16,
    async (file) => {
      const stats = await lstat(path.join(bundleDir, file.path));
      return [file.path, [stats.size, stats.mtimeMs]] as const;
    },
  );
  return Object.fromEntries(rows);
}

/**
 * Put a finished entry (a folder with `bundle/`) into the cache in one step. When somebody else was faster, theirs is
 * kept: both have the same inputs.
 *
 * @param force - It was made although there is one: it takes its place, at once when that one never passed its checks.
 * @returns its bundle; {@link settle} it when it passed its checks.
 * @throws PyInstallerError `ERR_CACHE` when the cache cannot be written.
 */
export async function publish(
  cacheDir: string,
  prepared: string,
  result: StoredResult,
  force = false,
): Promise<string> {
  usedKeys.add(result.key);
  try {
    await writeFile(path.join(prepared, 'result.json'), JSON.stringify(result));
    const directory = force ? await placeOfForced(cacheDir, result.key) : entryDir(cacheDir, result.key);
    await mkdir(path.dirname(directory), { recursive: true });
    // A leftover without a result can only come from an older shape.
    if ((await readResult(directory)) === null) await removeEntry(cacheDir, path.basename(directory));
    try {
      await rename(prepared, directory);
    } catch (error) {
      if ((await readResult(directory)) === null) throw error;
    }
    return path.join(directory, 'bundle');
  } catch (error) {
    throw cacheError('Putting the bundle into the cache', cacheDir, error);
  }
}

async function placeOfForced(cacheDir: string, key: string): Promise<string> {
  const isGood = ((await readResult(entryDir(cacheDir, key)))?.verified ?? null) !== null;
  const directory = isGood ? challengerDir(cacheDir, key) : entryDir(cacheDir, key);
  await removeEntry(cacheDir, path.basename(directory));
  return directory;
}

/** A bundle passed its checks: when it is a challenger, it takes the place of the one before it. Returns where it is. */
export async function settle(cacheDir: string, key: string, bundleDir: string): Promise<string> {
  const directory = entryDir(cacheDir, key);
  const from = path.dirname(bundleDir);
  if (from === directory) return bundleDir;
  await removeEntry(cacheDir, key);
  await rename(from, directory);
  return path.join(directory, path.basename(bundleDir));
}

/** Remove one entry so that nobody ever sees half of it. */
export async function removeEntry(cacheDir: string, key: string): Promise<void> {
  const directory = entryDir(cacheDir, key);
  const aside = path.join(cacheDir, 'work', `removed-${key}-${process.pid}-${Date.now()}`);
  try {
    await mkdir(path.dirname(aside), { recursive: true });
    await rename(directory, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    await removeTree(directory);
    return;
  }
  await removeTree(aside);
}

/** The folder's time says when it was last used; eviction goes by it. */
async function markUsed(directory: string): Promise<void> {
  const now = new Date();
  await utimes(directory, now, now).catch(() => undefined);
}
