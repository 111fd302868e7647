import { stat } from 'node:fs/promises';
import path from 'node:path';
import { recordName } from './record.js';
import { entriesIn } from '../../lib/files.js';

/**
 * Where in an unpacked archive or a given folder the bundle is: the folder with the program, at most two levels down
 * (archives often hold one folder around everything).
 *
 * @param names - File names the program may have.
 */
export async function findBundle(
  root: string,
  names: readonly string[],
): Promise<{ folder: string; executable: string } | null> {
  let folders = [root];
  for (let depth = 0; depth <= 2; depth += 1) {
    for (const folder of folders) {
      for (const name of names) {
        const found = await stat(path.join(folder, name)).catch(() => null);
        if (found?.isFile() === true) return { folder, executable: name };
      }
    }
    const below = await Promise.all(folders.map((folder) => subfolders(folder)));
    folders = below.flat();
  }
  return null;
}

/** The folder with a record, searched in the same places; null: none. */
export async function findRecord(root: string): Promise<string | null> {
  return (await findBundle(root, [recordName]))?.folder ?? null;
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await entriesIn(folder);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(folder, entry.name))
    .sort();
}
