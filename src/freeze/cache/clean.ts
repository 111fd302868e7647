import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { listBundle } from '../../bundle/index.js';
import { mapLimited } from '../../lib/map-limited.js';
import { isLocked, removeDeadLocks } from '../../lib/file-lock.js';
import { listEnvironments, removeEnvironment } from '../../python/environment/environments.js';
import { forgetPrograms } from '../data/program-record.js';
import { entryDir, listEntries, lockFile, removeEntry } from './store.js';
import { removeTree } from './workspace.js';

/** What {@link cleanCache} should leave. */
export interface CleanOptions {
  /** Bytes that may stay; beyond them what was not used for the longest time goes. Default 0. */
  readonly maxBytes?: number;
  /** What was used within this many milliseconds stays. Default 0. */
  readonly keepUsedMs?: number;
  /** Environments used within this many milliseconds stay. Default: an hour, or `keepUsedMs` when that is longer. */
  readonly keepEnvironmentsMs?: number;
  /** Bundles that stay, by key. */
  readonly keep?: ReadonlySet<string>;
  /** Remove everything: all Python environments, logs, digests and histories too. Default false. */
  readonly everything?: boolean;
}

/** What {@link cleanCache} did. */
export interface CleanResult {
  readonly removedBundles: number;
  readonly removedEnvironments: number;
  readonly freedBytes: number;
  readonly keptBytes: number;
}

/** What is made anew without anybody noticing, but for the time it takes. */
const folders = [
  'code',
  'configurations',
  'digests',
  'history',
  'hooks',
  'interpreters',
  'logs',
  'programs',
  'pyinstaller',
  'search',
  'tools',
];

/** A freeze may be running from an environment that was used so recently. */
const environmentInUseMs = 60 * 60 * 1000;

interface Entry {
  readonly type: 'bundle' | 'environment';
  readonly usedMs: number;
  readonly sizeBytes: number;
  /** Asked to stay. */
  readonly kept: boolean;
  /** Half a bundle: of no use to anybody. */
  readonly broken: boolean;
  /** Where its files are; null: they are shared with nothing. */
  readonly directory: string | null;
  remove(): Promise<boolean>;
}

/**
 * Make the cache smaller. Without limits all bundles go and all environments stay, because those take longest to make.
 * With a limit bundles and environments are counted together, the most recently used first. What is being made
 * at the moment is not touched, nor an environment that was used within the last hour.
 */
export async function cleanCache(cacheDir: string, options: CleanOptions = {}): Promise<CleanResult> {
  const { maxBytes = 0, keepUsedMs = 0, everything = false, keep = new Set<string>() } = options;
  const { keepEnvironmentsMs = Math.max(keepUsedMs, environmentInUseMs) } = options;
  const isLimited = options.maxBytes !== undefined || options.keepUsedMs !== undefined;
  const entries = [
    ...(await bundlesIn(cacheDir, keep)),
    ...(isLimited || everything ? await environmentsIn(cacheDir) : []),
  ];
  const removed = { bundle: 0, environment: 0 };
  let keptBytes = 0;
  let freedBytes = 0;
  const now = Date.now();
  const seen = new Set<string>();
  for (const entry of entries.sort((a, b) => b.usedMs - a.usedMs)) {
    const shared = entry.directory === null ? 0 : await sharedBytes(entry.directory, seen);
    const sizeBytes = Math.max(0, entry.sizeBytes - shared);
    const keepMs = entry.type === 'bundle' ? keepUsedMs : keepEnvironmentsMs;
    const stays = entry.kept || keptBytes + sizeBytes <= maxBytes || now - entry.usedMs < keepMs;
    if ((!everything && !entry.broken && stays) || !(await entry.remove())) {
      keptBytes += sizeBytes;
      continue;
    }
    removed[entry.type] += 1;
    freedBytes += sizeBytes;
  }
  if (everything) {
    for (const folder of folders) {
      await removeTree(path.join(cacheDir, folder));
    }
  }
  await forgetPrograms(cacheDir, new Set((await listEntries(cacheDir)).map(({ key }) => key)));
  for (const folder of ['locks', 'environments']) await removeDeadLocks(path.join(cacheDir, folder));
  return { removedBundles: removed.bundle, removedEnvironments: removed.environment, freedBytes, keptBytes };
}

/** Bytes of files that were met before, under a name in another bundle: bundles have files in common. */
async function sharedBytes(directory: string, seen: Set<string>): Promise<number> {
  const entries = await listBundle(directory).catch(() => []);
  const sizes = await mapLimited(entries, 16, async ({ type, path: name }) => {
    const stats = type === 'file' ? await lstat(path.join(directory, name)).catch(() => null) : null;
    if (stats === null || stats.nlink === 1) return 0;
    const identity = `${stats.dev} ${stats.ino}`;
    if (seen.has(identity)) return stats.size;
    seen.add(identity);
    return 0;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function bundlesIn(cacheDir: string, keep: ReadonlySet<string>): Promise<Entry[]> {
  return (await listEntries(cacheDir)).map(({ key, usedMs, sizeBytes }) => ({
    type: 'bundle',
    usedMs,
    sizeBytes: sizeBytes ?? 0,
    broken: sizeBytes === null,
    kept: keep.has(key),
    directory: sizeBytes === null ? null : path.join(entryDir(cacheDir, key), 'bundle'),
    remove: async () => {
      // It is being made, or run.
      if (await isLocked(lockFile(cacheDir, key))) return false;
      await removeEntry(cacheDir, key);
      return true;
    },
  }));
}

async function environmentsIn(cacheDir: string): Promise<Entry[]> {
  return (await listEnvironments(cacheDir)).map((environment) => ({
    ...environment,
    type: 'environment',
    broken: false,
    kept: false,
    directory: null,
    remove: () => removeEnvironment(environment),
  }));
}
