import { link, lstat, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { mapLimited } from '../../lib/map-limited.js';
import type { ManifestFile } from '../../runtime/manifest.js';
import { readHistory } from '../fingerprint/history.js';
import { entryDir, readResult, type StoredResult } from './store.js';

/** Smaller files are not worth a link. */
const worthBytes = 64_000;

/**
 * Let a new bundle have its files in common with the last one of the same backend, where they are the same: after a change of one
 * module that is nearly everything. Nothing writes into bundles of the cache; one that was changed all the same no longer fits its
 * record, and is not used.
 *
 * Linux only: elsewhere equal digests do not mean equal bytes, because signatures are left out of them.
 */
export async function shareWithLast(
  cacheDir: string,
  backend: ResolvedBackend,
  bundleDir: string,
  files: readonly ManifestFile[],
): Promise<void> {
  if (process.platform !== 'linux') return;
  const last = await readHistory(cacheDir, backend);
  if (last === null) return;
  const directory = entryDir(cacheDir, last.key);
  const result = await readResult(directory);
  if (result === null) return;
  const known = new Map(
    result.files.flatMap((file) => (file.type === 'file' ? [[contentOf(file), file.path] as const] : [])),
  );
  await mapLimited(files, 8, async (file) => {
    const twin = file.type === 'file' ? known.get(contentOf(file)) : undefined;
    if (twin === undefined) return;
    const source = path.join(directory, 'bundle', twin);
    if (await isAsStored(source, result.stamps[twin])) await replace(source, path.join(bundleDir, file.path));
  });
}

function contentOf({ digest, executable }: Extract<ManifestFile, { type: 'file' }>): string {
  return `${digest} ${executable}`;
}

async function isAsStored(file: string, stamp: StoredResult['stamps'][string] | undefined): Promise<boolean> {
  const stats = await lstat(file).catch(() => null);
  return (
    stats !== null && stats.size >= worthBytes && stamp?.[0] === stats.size && stamp[1] === stats.mtimeMs
  );
}

async function replace(source: string, target: string): Promise<void> {
  const temporary = `${target}.link`;
  try {
    await link(source, temporary);
    await rename(temporary, target);
  } catch {
    // No links here, or too many: the file stays as it is.
    await rm(temporary, { force: true });
  }
}
