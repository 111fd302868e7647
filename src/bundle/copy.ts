import { randomBytes } from 'node:crypto';
import { chmod, constants, copyFile, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { assertLinks } from './links.js';
import { mapLimited } from '../lib/map-limited.js';
import { listBundle, type BundleEntry, type BundleFile } from './walk.js';
import { PyInstallerError } from '../errors.js';
import { placeError } from '../advice/file-system.js';
import { isInside } from '../lib/paths.js';
import { isAlive } from '../lib/process-identity.js';
import { errorCode } from '../lib/files.js';

/** Copies under way at once: enough to keep a disk busy, few enough for the limit on open files. */
const copiesAtOnce = 16;

/** Makes one file of a copy; there is none yet. */
export type CopyOne = (source: string, target: string, file: BundleFile) => Promise<void>;

/**
 * Copy a bundle exactly: links as the text they hold, permission bits, empty folders. Nothing is followed, nothing left
 * out. Files share their blocks with the source where the file system can do that (APFS, Btrfs, XFS, ReFS).
 *
 * The copy is made beside the destination and renamed into place, so a destination is always a whole bundle, old or
 * new; an existing one is replaced. Files and folders of the copy are writable for the owner whatever the source's
 * bits say: hosts strip, sign and delete them.
 *
 * @returns the listing of what was copied.
 * @throws PyInstallerError `ERR_NOT_FOUND` (no source), `ERR_FREEZE` (links that cannot be shipped), `ERR_PLACE` (disk
 * full, no permission, …). The destination is then as it was.
 */
export async function copyBundle(
  from: string,
  to: string,
  options: { readonly signal?: AbortSignal | undefined; readonly copy?: CopyOne } = {},
): Promise<BundleEntry[]> {
  const entries = await listBundle(from);
  assertLinks(from, entries);
  assertSeparate(from, to);
  const partial = path.join(path.dirname(to), partialName(path.basename(to)));
  try {
    await mkdir(path.dirname(to), { recursive: true });
    await removeLeftovers(to);
    await fill(from, partial, entries, options.copy ?? copyWritable, options.signal);
    await swap(partial, to);
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    if (options.signal?.aborted === true) {
      throw new PyInstallerError('ERR_CANCELLED', `Copying ${from} to ${to} was cancelled.`, {
        cause: error,
      });
    }
    throw placeError(`Copying ${from} to ${to}`, error);
  }
  return entries;
}

/** A copy into itself would never end; a copy over its own source would delete it. */
function assertSeparate(from: string, to: string): void {
  const source = path.resolve(from);
  const destination = path.resolve(to);
  if (!isInside(source, destination) && !isInside(destination, source)) return;
  throw new PyInstallerError(
    'ERR_PLACE',
    `Copying ${from} to ${to}: one of the two folders contains the other.`,
    {
      file: destination,
      hint: 'Choose an output folder that is not inside the cache, and a cache folder that is not inside the output.',
    },
  );
}

async function fill(
  from: string,
  to: string,
  entries: readonly BundleEntry[],
  copy: CopyOne,
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(to);
  // The listing is sorted: a folder comes before what is in it.
  for (const entry of entries) {
    if (entry.type === 'directory') await mkdir(path.join(to, entry.path));
  }
  await mapLimited(
    entries,
    copiesAtOnce,
    async (entry) => {
      const target = path.join(to, entry.path);
      if (entry.type === 'link') {
        await symlink(entry.target, target, await linkType(from, entry.path));
      } else if (entry.type === 'file') {
        await copy(path.join(from, entry.path), target, entry);
      }
    },
    signal,
  );
  for (const entry of entries) {
    if (entry.type === 'directory') await chmod(path.join(to, entry.path), entry.mode | 0o700);
  }
}

const copyWritable: CopyOne = async (source, target, { mode }) => {
  await copyFile(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  // The copy has the source's bits already.
  if ((mode & 0o200) === 0) await chmod(target, mode | 0o200);
};

/** Windows distinguishes links to folders; elsewhere the kind is ignored. */
export async function linkType(from: string, link: string): Promise<'file' | 'dir' | null> {
  if (process.platform !== 'win32') return null;
  const isFolder = await readdir(path.join(from, link)).then(
    () => true,
    () => false,
  );
  return isFolder ? 'dir' : 'file';
}

/** Put the finished copy in place of what is there; another process may be doing the same. */
async function swap(partial: string, to: string): Promise<void> {
  const old = path.join(path.dirname(to), partialName(path.basename(to)));
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(to, old);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    try {
      await rename(partial, to);
      break;
    } catch (error) {
      const code = errorCode(error);
      const isTaken = code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM';
      if (!isTaken || attempt >= 5) throw error;
    }
    await rm(old, { recursive: true, force: true });
  }
  await rm(old, { recursive: true, force: true });
}

function partialName(name: string): string {
  return `.${name}.${process.pid}-${randomBytes(4).toString('hex')}.partial`;
}

/** Remove what a killed process left beside the destination: it would be packaged with the app. */
async function removeLeftovers(to: string): Promise<void> {
  const parent = path.dirname(to);
  const prefix = `.${path.basename(to)}.`;
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)-[0-9a-f]{8}\.partial$/.exec(name.slice(prefix.length))?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(path.join(parent, name), { recursive: true, force: true });
  }
}
