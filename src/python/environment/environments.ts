import { rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { bundleSize, listBundle } from '../../bundle/index.js';
import { withFileLock } from '../../lib/file-lock.js';
import { errorCode, asRecord, readJson, entriesIn } from '../../lib/files.js';

/** Written last: an environment without it is half made. Its time says when the environment was last used. */
export const completeFile = 'complete.json';

/** A managed environment in the cache. */
export interface StoredEnvironment {
  /** Absolute. */
  readonly directory: string;
  /** When it was last used, milliseconds since the epoch. */
  readonly usedMs: number;
  readonly sizeBytes: number;
}

/** Folder of an environment. */
export function environmentDir(cacheDir: string, key: string): string {
  return path.join(path.resolve(cacheDir), 'environments', key);
}

/** The lock of whoever makes or removes an environment. */
export function environmentLock(directory: string): string {
  // `<key>.tmp` is the scratch folder of whoever makes `<key>`.
  return `${directory.replace(/\.tmp$/, '')}.lock`;
}

/** All managed environments of a cache, half made ones too. */
export async function listEnvironments(cacheDir: string): Promise<StoredEnvironment[]> {
  const root = path.join(path.resolve(cacheDir), 'environments');
  const entries = await entriesIn(root);
  return await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => {
        const directory = path.join(root, name);
        return {
          directory,
          usedMs: await lastUse(directory),
          sizeBytes: (await recordedSize(directory)) ?? (await sizeOf(directory)),
        };
      }),
  );
}

async function lastUse(directory: string): Promise<number> {
  const complete = await stat(path.join(directory, completeFile)).catch(() => null);
  // Without that file it is half made: whoever does it changes the folder.
  return (complete ?? (await stat(directory).catch(() => null)))?.mtimeMs ?? 0;
}

/** Bytes of the files in a folder. 0 when it cannot be read. */
export async function sizeOf(directory: string): Promise<number> {
  return bundleSize(await listBundle(directory).catch(() => []));
}

async function recordedSize(directory: string): Promise<number | null> {
  const complete = asRecord(await readJson(path.join(directory, completeFile)));
  return typeof complete?.['sizeBytes'] === 'number' ? complete['sizeBytes'] : null;
}

/** Remember that an environment is used now: those not used for the longest time are removed first. */
export async function markEnvironmentUsed(directory: string): Promise<void> {
  const now = new Date();
  await utimes(path.join(directory, completeFile), now, now).catch(() => undefined);
}

/**
 * Remove an environment. False: somebody is making it at the moment, has used it since it was listed, or holds a file of it;
 * it stays.
 */
export async function removeEnvironment({ directory, usedMs }: StoredEnvironment): Promise<boolean> {
  const signal = AbortSignal.timeout(500);
  try {
    return await withFileLock(environmentLock(directory), { signal, pollMs: 50 }, async () => {
      if ((await lastUse(directory)) > usedMs) return false;
      // First of all, so that nobody takes what is left of it for a whole one.
      await rm(path.join(directory, completeFile), { force: true });
      await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      return true;
    });
  } catch (error) {
    if (error === signal.reason || ['EBUSY', 'EPERM'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}
