import { isObject } from '../is-object.js';
import { node } from '../node.js';
import { writePrivately } from '../private-place.js';

/** What the file system says about a file that changes when its content does. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
}

const stampFields = ['size', 'mtimeMs', 'ctimeMs', 'ino'] as const;

/** A complete check that succeeded. */
export interface IntegrityCache {
  readonly key: string;
  readonly files: Readonly<Record<string, FileStamp>>;
}

/** True when nothing changed since the remembered check. Pure. */
export function cacheMatches(
  cache: IntegrityCache | null,
  key: string,
  stamps: Readonly<Record<string, FileStamp>>,
): boolean {
  if (cache === null || cache.key !== key) return false;
  const names = Object.keys(stamps);
  if (names.length !== Object.keys(cache.files).length) return false;
  return names.every((name) => {
    const now = stamps[name];
    const then = Object.hasOwn(cache.files, name) ? cache.files[name] : undefined;
    return then !== undefined && stampFields.every((field) => now?.[field] === then[field]);
  });
}

/** Null when there is none that can be used. */
export async function readIntegrityCache(file: string): Promise<IntegrityCache | null> {
  try {
    const value: unknown = JSON.parse(await node.fs.promises.readFile(file, 'utf8'));
    if (!isObject(value)) return null;
    const { key, files } = value as Partial<IntegrityCache>;
    return typeof key === 'string' && isObject(files) ? { key, files } : null;
  } catch {
    return null;
  }
}

/** Without it the next start only takes longer, so a failure does not matter. */
export async function writeIntegrityCache(file: string, cache: IntegrityCache): Promise<void> {
  try {
    await writePrivately(file, JSON.stringify(cache));
  } catch {
    // See above.
  }
}
