import type { ResolvedBackend } from '../config/resolved.js';
import { entryDir, readResult } from './cache/store.js';
import { readHistory } from './fingerprint/history.js';

/** Size of the bundle that the last build of a backend made; null: there was none, or it is gone. */
export async function lastBundleBytes(backend: ResolvedBackend, cacheDir: string): Promise<number | null> {
  const history = await readHistory(cacheDir, backend);
  if (history === null) return null;
  return (await readResult(entryDir(cacheDir, history.key)))?.sizeBytes ?? null;
}
