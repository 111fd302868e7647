import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { manifestFileName, type Manifest } from '../runtime/manifest.js';
import { placeError } from './place-error.js';

/**
 * Write the manifest into the root of the app (beside its package.json, before the app becomes an asar), whole or not at
 * all.
 *
 * @returns the absolute path of the file.
 * @throws PyInstallerError `ERR_PLACE` when it cannot be written.
 */
export async function writeManifest(appDir: string, manifest: Manifest): Promise<string> {
  const file = path.resolve(appDir, manifestFileName);
  const partial = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(partial, `${JSON.stringify(manifest)}\n`);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw placeError(`Writing the manifest ${file}`, error);
  }
  return file;
}
