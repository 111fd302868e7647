import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { PyInstallerError } from '../errors.js';

/** One thing inside a bundle. Paths are relative to the bundle and use `/`. */
export type BundleEntry =
  | {
      readonly type: 'file';
      readonly path: string;
      /** Bytes. */
      readonly size: number;
      /** Permission bits, e.g. `0o755`. */
      readonly mode: number;
    }
  | { readonly type: 'directory'; readonly path: string; readonly mode: number }
  /** `target` is the stored text, not resolved. */
  | { readonly type: 'link'; readonly path: string; readonly target: string };

/** A file of a bundle. */
export type BundleFile = Extract<BundleEntry, { type: 'file' }>;

/** A symbolic link of a bundle. */
export type BundleLink = Extract<BundleEntry, { type: 'link' }>;

/**
 * List everything below a folder: files, folders (empty ones too) and links, sorted by path. Links are never followed.
 *
 * @throws PyInstallerError `ERR_NOT_FOUND` when the folder is missing or no folder; `ERR_FREEZE` for things that cannot
 * be shipped (sockets, devices, pipes).
 */
export async function listBundle(dir: string): Promise<BundleEntry[]> {
  const root = await lstat(dir).catch(() => null);
  if (root === null || !root.isDirectory()) {
    throw new PyInstallerError(
      'ERR_NOT_FOUND',
      `Listing the bundle: ${dir} ${root === null ? 'does not exist' : 'is not a folder'}.`,
      { file: dir },
    );
  }
  const entries: BundleEntry[] = [];
  walk(dir, '', entries);
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** One after the other: by way of Node's threads each look takes ten times as long. */
function walk(dir: string, prefix: string, entries: BundleEntry[]): void {
  for (const name of readdirSync(path.join(dir, prefix))) {
    const relative = prefix === '' ? name : `${prefix}/${name}`;
    const absolute = path.join(dir, relative);
    const stats = lstatSync(absolute);
    const mode = stats.mode & 0o7777;
    if (stats.isSymbolicLink()) {
      entries.push({ type: 'link', path: relative, target: readlinkSync(absolute) });
    } else if (stats.isDirectory()) {
      entries.push({ type: 'directory', path: relative, mode });
      walk(dir, relative, entries);
    } else if (stats.isFile()) {
      entries.push({ type: 'file', path: relative, size: stats.size, mode });
    } else {
      throw new PyInstallerError(
        'ERR_FREEZE',
        `Listing the bundle: ${absolute} is neither a file, a folder nor a link (mode ${stats.mode.toString(8)}).`,
        { file: absolute, hint: 'Remove it from the `data` and `binaries` of the backend.' },
      );
    }
  }
}

/** Bytes of all files of a listing. */
export function bundleSize(entries: readonly BundleEntry[]): number {
  return entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0);
}

/** Files and links of a listing; folders are not counted. */
export function bundleFileCount(entries: readonly BundleEntry[]): number {
  return entries.filter((entry) => entry.type !== 'directory').length;
}
