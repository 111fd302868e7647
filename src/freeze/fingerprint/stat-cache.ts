import { statSync } from 'node:fs';
import path from 'node:path';
import { writeAtomically } from '../../lib/write-atomically.js';
import { sha256, sha256OfFile } from '../../lib/hash.js';
import { readJson } from '../../lib/files.js';

/** size, mtimeNs, ctimeNs, inode, digest, and when it was read (ms). */
type Row = readonly [string, string, string, string, string, number];

/**
 * File systems record times in steps (up to two seconds). A file that was written at about the time when it was
 * read may be written again within the same step: such a row is not believed.
 */
const racyMs = 2_500;

/** Digests of files, remembered as long as nothing about a file has changed. */
export class StatCache {
  readonly #file: string;
  readonly #rows: Map<string, Row>;
  #changed = false;

  private constructor(file: string, rows: Map<string, Row>) {
    this.#file = file;
    this.#rows = rows;
  }

  /** Open the cache of one set of files (a project, an environment). A damaged one is empty. */
  static async open(cacheDir: string, name: string): Promise<StatCache> {
    const file = path.join(cacheDir, 'digests', `${sha256(name).slice(0, 24)}.json`);
    const rows = ((await readJson(file)) ?? {}) as Record<string, Row>;
    return new StatCache(file, new Map(Object.entries(rows)));
  }

  /** Hexadecimal SHA-256 of a file's content. */
  async digest(file: string): Promise<string> {
    const stats = statSync(file, { bigint: true });
    const identity = [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino].map(String);
    const known = this.#rows.get(file);
    if (known !== undefined && isBelievable(known, identity)) return known[4];
    const readAt = Date.now();
    const digest = await sha256OfFile(file);
    const [size = '', mtime = '', ctime = '', ino = ''] = identity;
    this.#rows.set(file, [size, mtime, ctime, ino, digest, readAt]);
    this.#changed = true;
    return digest;
  }

  /** Write what was learned. Failures are ignored: the cache only saves time. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    await writeAtomically(this.#file, JSON.stringify(Object.fromEntries(this.#rows))).catch(() => undefined);
  }
}

function isBelievable(row: Row, identity: readonly string[]): boolean {
  if (identity.some((value, index) => value !== row[index])) return false;
  const lastChangeMs = Math.max(Number(BigInt(row[1]) / 1_000_000n), Number(BigInt(row[2]) / 1_000_000n));
  return row[5] - lastChangeMs > racyMs;
}
