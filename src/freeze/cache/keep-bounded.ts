import { formatBytes, plural } from '../../lib/text.js';
import type { Progress } from '../progress.js';
import { cleanCache } from './clean.js';
import { usedKeys } from './used-keys.js';

/** Bundles and environments beyond this are removed, the least recently used first. */
const keptBytes = 20_000_000_000;
/** Another build may be between freezing and placing. */
const keepUsedMs = 30 * 60 * 1000;
/** `npm start` may run from one all day. */
const keepEnvironmentsMs = 24 * 60 * 60 * 1000;

/**
 * Keep the cache below its limit after a bundle was added, and say what had to go. Best effort: what is in use stays, and so does
 * every bundle of this run.
 */
export async function keepBounded(cacheDir: string, progress: Progress, maxBytes = keptBytes): Promise<void> {
  const cleaned = await cleanCache(cacheDir, {
    maxBytes,
    keepUsedMs,
    keepEnvironmentsMs,
    keep: usedKeys,
  }).catch(() => null);
  if (cleaned === null) return;
  const { removedBundles, removedEnvironments, freedBytes } = cleaned;
  if (removedBundles + removedEnvironments === 0) return;
  const gone = [
    ...(removedBundles === 0 ? [] : [plural(removedBundles, 'bundle')]),
    ...(removedEnvironments === 0 ? [] : [plural(removedEnvironments, 'environment')]),
  ];
  progress.stage(
    'clean',
    `Removed what was not used for longest from the cache, which may hold ${formatBytes(maxBytes)}: ${gone.join(' and ')}, ${formatBytes(freedBytes)}`,
  );
}
