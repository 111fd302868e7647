import path from 'node:path';
import { isLocked, removeDeadLocks } from '../../lib/file-lock.js';
import { listEnvironments, removeEnvironment } from '../../python/environment/environments.js';
import { listEntries, lockFile, removeEntry } from './store.js';
import { removeTree } from './workspace.js';

/** What {@link cleanCache} should leave. */
export interface CleanOptions {
  /** Bytes that may stay; beyond them what was not used for the longest time goes. Default 0. */
  readonly maxBytes?: number;
  /** What was used within this many milliseconds stays. Default 0. */
  readonly keepUsedMs?: number;
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

/** A freeze may be running from an environment that was used so recently. */
const environmentInUseMs = 60 * 60 * 1000;

interface Entry {
  readonly type: 'bundle' | 'environment';
  readonly usedMs: number;
  readonly sizeBytes: number;
  /** Half a bundle: of no use to anybody. */
  readonly broken: boolean;
  remove(): Promise<boolean>;
}

/**
 * Make the cache smaller. Without limits all bundles go and all environments stay, because those take longest to make.
 * With a limit bundles and environments are counted together, the most recently used first. What is being made
 * at the moment is not touched, nor an environment that was used within the last hour.
 */
export async function cleanCache(cacheDir: string, options: CleanOptions = {}): Promise<CleanResult> {
  const { maxBytes = 0, keepUsedMs = 0, everything = false } = options;
  const isLimited = options.maxBytes !== undefined || options.keepUsedMs !== undefined;
  const entries = [
    ...(await bundlesIn(cacheDir)),
    ...(isLimited || everything ? await environmentsIn(cacheDir) : []),
  ];
  const removed = { bundle: 0, environment: 0 };
  let keptBytes = 0;
  let freedBytes = 0;
  const now = Date.now();
  for (const entry of entries.sort((a, b) => b.usedMs - a.usedMs)) {
    const keepMs = entry.type === 'bundle' ? keepUsedMs : Math.max(keepUsedMs, environmentInUseMs);
    const stays = keptBytes + entry.sizeBytes <= maxBytes || now - entry.usedMs < keepMs;
    if ((!everything && !entry.broken && stays) || !(await entry.remove())) {
      keptBytes += entry.sizeBytes;
      continue;
    }
    removed[entry.type] += 1;
    freedBytes += entry.sizeBytes;
  }
  if (everything) {
    for (const folder of ['logs', 'digests', 'history', 'interpreters', 'pyinstaller']) {
      await removeTree(path.join(cacheDir, folder));
    }
  }
  for (const folder of ['locks', 'environments']) await removeDeadLocks(path.join(cacheDir, folder));
  return { removedBundles: removed.bundle, removedEnvironments: removed.environment, freedBytes, keptBytes };
}

async function bundlesIn(cacheDir: string): Promise<Entry[]> {
  return (await listEntries(cacheDir)).map(({ key, usedMs, sizeBytes }) => ({
    type: 'bundle',
    usedMs,
    sizeBytes: sizeBytes ?? 0,
    broken: sizeBytes === null,
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
    remove: () => removeEnvironment(environment),
  }));
}
