import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { notSourceFolders, outputFolders } from '../../lib/not-source.js';

/** Folders that never change what a Python project does when it runs. */
const ignoredFolders: ReadonlySet<string> = new Set([...notSourceFolders, ...outputFolders, 'build']);

/**
 * SHA-256 over the names and contents of a source tree. Times and modes do not count; caches, version control, virtual
 * environments and build outputs are left out. A folder that does not exist has the digest of an empty one.
 */
export async function digestTree(root: string): Promise<string> {
  const hash = createHash('sha256');
  await addFolder(root, '', hash);
  return hash.digest('hex');
}

async function addFolder(folder: string, prefix: string, hash: ReturnType<typeof createHash>): Promise<void> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    return;
  }
  // By code unit, not by locale: the same on every machine.
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    const name = `${prefix}${entry.name}`;
    if (entry.isDirectory()) {
      if (ignoredFolders.has(entry.name) || /\.(egg|dist)-info$/.test(entry.name)) continue;
      await addFolder(file, `${name}/`, hash);
    } else if (entry.isSymbolicLink()) {
      hash.update(`link\0${name}\0${await readlink(file)}\0`);
    } else if (entry.isFile() && !/\.py[co]$/.test(entry.name)) {
      const content = await readFile(file);
      hash.update(`file\0${name}\0${content.length}\0`).update(content);
    }
  }
}
