import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { notSourceFolders } from './not-source.js';
import { pathExists } from './files.js';

/** A file found below a folder. */
export interface FoundFile {
  /** Relative to the folder, `/` as separator. */
  readonly relative: string;
  readonly absolute: string;
}

const neverEntered: ReadonlySet<string> = new Set(notSourceFolders);

/** Options of {@link walkFiles}. */
export interface WalkOptions {
  /** Of a path relative to the folder: leave it out, and what is below it. */
  readonly ignore?: (relative: string) => boolean;
  /** Leave out hidden entries, caches, `node_modules` and virtual environments. Default false. */
  readonly sourcesOnly?: boolean;
}

/** Every file below a folder, sorted by path. Links are followed, except to a folder they lie in themselves. */
export async function walkFiles(folder: string, options: WalkOptions = {}): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  await walk(folder, '', options, [], found);
  return found.sort((a, b) => (a.relative < b.relative ? -1 : 1));
}

async function walk(
  folder: string,
  prefix: string,
  options: WalkOptions,
  above: readonly string[],
  found: FoundFile[],
): Promise<void> {
  const here = path.join(folder, prefix);
  const identity = await stat(here).then((stats) => `${stats.dev}:${stats.ino}`);
  // On file systems without inode numbers everything would look like the same folder.
  if (!identity.endsWith(':0') && above.includes(identity)) return;
  for (const entry of await readdir(here, { withFileTypes: true })) {
    const relative = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (options.sourcesOnly === true && (entry.name.startsWith('.') || neverEntered.has(entry.name)))
      continue;
    if (options.ignore?.(relative) === true) continue;
    const absolute = path.join(folder, relative);
    const kind = await kindOf(entry, absolute);
    if (kind === 'file') found.push({ relative, absolute });
    // A virtual environment says so itself, whatever its folder is called.
    else if (
      kind === 'directory' &&
      !(options.sourcesOnly === true && (await pathExists(path.join(absolute, 'pyvenv.cfg'))))
    ) {
      await walk(folder, relative, options, [...above, identity], found);
    }
  }
}

async function kindOf(entry: Dirent, absolute: string): Promise<'file' | 'directory' | 'other'> {
  let it: Dirent | Stats | null = entry;
  if (entry.isSymbolicLink()) it = await stat(absolute).catch(() => null);
  if (it === null) return 'other';
  if (it.isDirectory()) return 'directory';
  return it.isFile() ? 'file' : 'other';
}
