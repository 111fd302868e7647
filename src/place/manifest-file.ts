import path from 'node:path';
import { manifestFileName, type Manifest } from '../runtime/manifest.js';
import { writeAtomically } from '../lib/write-atomically.js';
import { placeError } from '../advice/file-system.js';

/**
 * Write the manifest into the root of the app (beside its package.json, before the app becomes an asar), whole or not at
 * all.
 *
 * @returns the absolute path of the file.
 * @throws PyInstallerError `ERR_PLACE` when it cannot be written.
 */
export async function writeManifest(appDir: string, manifest: Manifest): Promise<string> {
  const file = path.resolve(appDir, manifestFileName);
  try {
    await writeAtomically(file, `${JSON.stringify(manifest)}\n`);
  } catch (error) {
    throw placeError(`Writing the manifest ${file}`, error);
  }
  return file;
}
