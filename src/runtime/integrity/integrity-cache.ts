import { promises } from 'node:fs';
import path from 'node:path';
import { makePrivateFolder } from '../private-place.js';

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
    const value: unknown = JSON.parse(await promises.readFile(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return null;
    const { key, files } = value as Partial<IntegrityCache>;
    return typeof key === 'string' && typeof files === 'object' && files !== null ? { key, files } : null;
  } catch {
    return null;
  }
}

/** Without it the next start only takes longer, so a failure does not matter. */
export async function writeIntegrityCache(file: string, cache: IntegrityCache): Promise<void> {
  try {
    await makePrivateFolder(path.dirname(file));
    const temporary = `${file}.${process.pid}`;
    await promises.writeFile(temporary, JSON.stringify(cache), { mode: 0o600 });
    await promises.rename(temporary, file);
  } catch {
    // See above.
  }
}
