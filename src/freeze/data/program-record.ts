import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { TargetPlatform } from '../../target.js';
import { namesIn, readJson } from '../../lib/files.js';
import { canonicalJson } from '../../lib/canonical.js';
import { sha256 } from '../../lib/hash.js';
import { writeAtomically } from '../../lib/write-atomically.js';
import { entryDir, lookUp, type StoredResult } from '../cache/store.js';
import type { Audit, DriverRecord } from '../driver/records.js';
import { changedOutside, type OutsideFile } from '../fingerprint/outside-files.js';
import type { LaidFile } from './arrange.js';
import type { BuildParts } from './parts.js';

/** Shape of program.json; records of another shape are none. */
const recordVersion = 2;

/** What is kept beside a bundle so that other data can be laid in beside the same program. */
export interface ProgramRecord {
  readonly version: typeof recordVersion;
  readonly programKey: string;
  /** As PyInstaller left it: without what was laid in. */
  readonly audit: Audit;
  /** What the strict checks read. */
  readonly records: readonly DriverRecord[];
  /** What was laid in. */
  readonly laid: readonly LaidFile[];
  /** Of what was laid in: what packages were asked for, not `data`. */
  readonly expanded: readonly LaidFile[];
  /** {@link namesOf} the data of then. */
  readonly names: string;
  /** Data of the project that PyInstaller took, because a hook asked for it. */
  readonly taken: readonly OutsideFile[];
}

/** Digest of which files there are to be laid in, and where `data` puts them; what is in them does not count. */
export function namesOf({ files }: BuildParts, ruled: readonly LaidFile[]): string {
  return sha256(
    canonicalJson([[...files].sort(), ruled.map(({ source, place }) => `${place}\0${source}`).sort()]),
  );
}

/** A bundle of the cache whose program can be used again. */
export interface ProgramBundle {
  readonly bundleDir: string;
  readonly result: StoredResult;
  readonly record: ProgramRecord;
}

/** Write the record into an entry that is not published yet. */
export async function writeProgramRecord(entry: string, record: ProgramRecord): Promise<void> {
  await writeAtomically(path.join(entry, 'program.json'), JSON.stringify(record));
}

/** Remember which bundle has a program. Failures are ignored: the next change of data then freezes again. */
export async function rememberProgram(cacheDir: string, programKey: string, key: string): Promise<void> {
  await writeAtomically(programFile(cacheDir, programKey), JSON.stringify({ key })).catch(() => undefined);
}

/** A whole, unchanged bundle with this program; null: there is none. */
export async function findProgram(
  cacheDir: string,
  programKey: string,
  platform: TargetPlatform,
): Promise<ProgramBundle | null> {
  const key = await keyIn(programFile(cacheDir, programKey));
  if (key === null) return null;
  const found = await lookUp(cacheDir, key, platform);
  if (found.state === 'miss') return null;
  const record = (await readJson(path.join(entryDir(cacheDir, key), 'program.json'))) as
    | ProgramRecord
    | null
    | undefined;
  if (record?.version !== recordVersion || record.programKey !== programKey) return null;
  if ((await changedOutside(record.taken)) !== null) return null;
  return { bundleDir: found.bundleDir, result: found.result, record };
}

/** Forget programs whose bundle is gone. */
export async function forgetPrograms(cacheDir: string, keys: ReadonlySet<string>): Promise<void> {
  for (const name of await namesIn(path.join(cacheDir, 'programs'))) {
    const file = path.join(cacheDir, 'programs', name);
    const key = await keyIn(file);
    if (key === null || !keys.has(key)) await rm(file, { force: true }).catch(() => undefined);
  }
}

function programFile(cacheDir: string, programKey: string): string {
  return path.join(cacheDir, 'programs', `${programKey}.json`);
}

async function keyIn(file: string): Promise<string | null> {
  const value = (await readJson(file)) as { readonly key?: unknown } | null | undefined;
  return typeof value?.key === 'string' ? value.key : null;
}
