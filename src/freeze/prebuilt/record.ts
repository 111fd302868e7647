import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ManifestFile } from '../../runtime/manifest.js';
import type { StoredResult } from '../cache/store.js';
import { errorCode } from '../../lib/files.js';

/** Name of the file that travels with a bundle frozen elsewhere; it never gets into an app. */
export const recordName = 'electron-pyinstaller-bundle.json';

/** What a bundle frozen elsewhere says about itself. */
export interface BundleRecord {
  readonly version: 1;
  /** Name of the backend. */
  readonly name: string;
  /** `darwin-arm64` and the like. */
  readonly target: string;
  readonly key: string;
  readonly mode: StoredResult['mode'];
  readonly executable: string;
  readonly companion: StoredResult['companion'];
  readonly versions: StoredResult['versions'];
  readonly files: readonly ManifestFile[];
}

/** Read the record of a bundle; null: it has none. Throws when there is one that cannot be read. */
export async function readRecord(folder: string): Promise<BundleRecord | null> {
  let text: string;
  try {
    text = await readFile(path.join(folder, recordName), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  const record = JSON.parse(text) as BundleRecord;
  if (record.version !== 1 || typeof record.executable !== 'string' || !Array.isArray(record.files)) {
    throw new Error(`${recordName} is not one that this version writes`);
  }
  return record;
}

/** Write the record into a bundle. */
export async function writeRecord(folder: string, record: BundleRecord): Promise<void> {
  await writeFile(path.join(folder, recordName), `${JSON.stringify(record, null, 1)}\n`);
}
