import { constants, copyFile, link, lstat, mkdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { copyBundle, type CopyOne } from '../bundle/copy.js';
import { isLinkable } from '../bundle/share-file.js';
import { listBundle, type BundleFile } from '../bundle/walk.js';
import { PyInstallerError } from '../errors.js';
import { errorCode } from '../lib/files.js';
import { formatBytes } from '../lib/text.js';

/** How the bytes of a bundle come to the private place. */
type Sharing =
  /** Both have the same blocks until one of them is written to (APFS, Btrfs, XFS, ReFS). */
  | 'blocks'
  /** Programs, libraries and large data are the same files; everything else is copied. */
  | 'links'
  | 'none';

/** What else a run writes: logs, user data, folders. */
const spareBytes = 20_000_000;

/**
 * Lay a bundle down once more without taking its space twice where the file system can do that. What is linked is the original
 * itself: whoever calls this looks afterwards whether it was changed.
 *
 * @param advice - how to get more room there, a sentence.
 * @returns the paths, relative to the bundle, of files that are the originals.
 * @throws PyInstallerError `ERR_CACHE` when there is not enough room, before anything is copied; those of {@link copyBundle}.
 */
export async function makePrivateCopy(
  from: string,
  to: string,
  options: { readonly advice: string; readonly signal?: AbortSignal | undefined },
): Promise<ReadonlySet<string>> {
  await mkdir(path.dirname(to), { recursive: true });
  const files = (await listBundle(from)).filter((entry): entry is BundleFile => entry.type === 'file');
  const sharing = await sharingOf(from, files, path.dirname(to));
  const linked = new Set<string>();
  if (sharing === 'links') {
    for (const file of files)
      if (await isLinkable(path.join(from, file.path), file.size)) linked.add(file.path);
  }
  const neededBytes =
    sharing === 'blocks' ? 0 : files.reduce((sum, file) => sum + (linked.has(file.path) ? 0 : file.size), 0);
  await assertRoom(path.dirname(to), neededBytes, options.advice);
  await copyBundle(from, to, {
    signal: options.signal,
    ...(sharing === 'links' ? { copy: linkOr(linked) } : {}),
  });
  return linked;
}

async function sharingOf(from: string, files: readonly BundleFile[], to: string): Promise<Sharing> {
  const [probe] = files.filter(({ size }) => size > 0).sort((a, b) => a.size - b.size);
  if (probe === undefined) return 'none';
  const source = path.join(from, probe.path);
  const clone = path.join(to, '.clone-probe');
  try {
    await copyFile(source, clone, constants.COPYFILE_FICLONE_FORCE);
    return 'blocks';
  } catch {
    // Not there, or another disk.
  } finally {
    await rm(clone, { force: true });
  }
  // Windows locks a running program under all of its names, also the one that somebody else wants to replace.
  if (process.platform === 'win32') return 'none';
  const [here, there] = [await lstat(source), await lstat(to)];
  return here.dev === there.dev ? 'links' : 'none';
}

/** What the system or another owner of the file forbids to link is copied. */
function linkOr(linked: Set<string>): CopyOne {
  return async (source, target, entry) => {
    if (linked.has(entry.path)) {
      try {
        await link(source, target);
        return;
      } catch (error) {
        if (!['EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP', 'EACCES'].includes(errorCode(error) ?? '')) throw error;
        linked.delete(entry.path);
      }
    }
    await copyFile(source, target, constants.COPYFILE_EXCL);
  };
}

async function assertRoom(folder: string, neededBytes: number, advice: string): Promise<void> {
  const space = await statfs(folder).catch(() => null);
  if (space === null) return;
  const freeBytes = space.bavail * space.bsize;
  if (freeBytes >= neededBytes + spareBytes) return;
  throw new PyInstallerError(
    'ERR_CACHE',
    `Checking the frozen program needs ${formatBytes(neededBytes + spareBytes)} for a private copy in ${folder}; ${formatBytes(freeBytes)} are free there.`,
    { file: folder, hint: advice },
  );
}
