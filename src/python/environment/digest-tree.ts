import { createHash, type Hash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { isCodeName } from '../../lib/code-name.js';
import { notSourceFolders, outputFolders } from '../../lib/not-source.js';
import { isInside } from '../../lib/paths.js';

/** Folders that never change what a Python project does when it runs. */
const ignoredFolders: ReadonlySet<string> = new Set([...notSourceFolders, ...outputFolders, 'build']);

/** What {@link readTree} found. */
export interface TreeDigest {
  /** Of everything. */
  readonly digest: string;
  /** Of everything but {@link dataFiles}. */
  readonly codeDigest: string;
  /** Files, absolute, that by their names are neither modules nor libraries. Links are not among them. */
  readonly dataFiles: readonly string[];
}

/**
 * SHA-256 over the names and contents of a source tree. Times and modes do not count; caches, version control, virtual
 * environments and build outputs are left out. A folder that does not exist has the digest of an empty one.
 */
export async function digestTree(root: string): Promise<string> {
  return (await readTree(root)).digest;
}

/** As {@link digestTree}, with code and data apart. */
export async function readTree(root: string): Promise<TreeDigest> {
  return await readParts(root, null);
}

/**
 * As {@link readTree}, of a project that is installed in place: only what can be imported from there, and the data files in its
 * packages. An app's own files beside the packages (`main.js`, `package.json`, web sources) are no part of it.
 *
 * @param without folders that somebody else looks after; absolute.
 */
export async function readProjectTree(root: string, without: readonly string[]): Promise<TreeDigest> {
  return await readParts(root, without);
}

async function readParts(root: string, without: readonly string[] | null): Promise<TreeDigest> {
  const tree = { all: createHash('sha256'), code: createHash('sha256'), dataFiles: [], without };
  await addFolder(root, '', tree, without === null);
  return {
    digest: tree.all.digest('hex'),
    codeDigest: tree.code.digest('hex'),
    dataFiles: tree.dataFiles,
  };
}

interface Tree {
  readonly all: Hash;
  readonly code: Hash;
  readonly dataFiles: string[];
  /** Null: everything counts. Else only packages do, and what is not in these folders. */
  readonly without: readonly string[] | null;
}

/** `isPackage`: data counts here, because there are modules in this folder or in one above, below the root. */
async function addFolder(folder: string, prefix: string, tree: Tree, isPackage: boolean): Promise<void> {
  if (tree.without?.some((other) => isInside(other, folder)) === true) return;
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    return;
  }
  // By code unit, not by locale: the same on every machine.
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const hasModules = entries.some((entry) => entry.isFile() && entry.name.endsWith('.py'));
  const takesData = isPackage || (prefix !== '' && hasModules);
  for (const entry of entries) {
    if (!takesData && !entry.isDirectory() && !isCodeName(entry.name)) continue;
    const file = path.join(folder, entry.name);
    const name = `${prefix}${entry.name}`;
    if (entry.isDirectory()) {
      if (ignoredFolders.has(entry.name) || /\.(egg|dist)-info$/.test(entry.name)) continue;
      await addFolder(file, `${name}/`, tree, takesData);
    } else if (entry.isSymbolicLink()) {
      const row = `link\0${name}\0${await readlink(file)}\0`;
      for (const hash of [tree.all, tree.code]) hash.update(row);
    } else if (entry.isFile() && !/\.py[co]$/.test(entry.name)) {
      const content = await readFile(file);
      const isCode = isCodeName(entry.name);
      if (!isCode) tree.dataFiles.push(file);
      for (const hash of isCode ? [tree.all, tree.code] : [tree.all]) {
        hash.update(`file\0${name}\0${content.length}\0`).update(content);
      }
    }
  }
}
