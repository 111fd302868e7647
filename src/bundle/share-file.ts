import { constants, copyFile, link, stat } from 'node:fs/promises';
import { binaryFormat } from './binary/inspect.js';
import { withReader } from './binary/reader.js';

/** Data of at least this size is linked. */
const linkedDataBytes = 64_000_000;

/**
 * Give a file of the cache a second place there, without storing its bytes twice where the file system can do that: as a
 * copy on write, else as a hard link. Only programs, libraries and large data are linked, because nothing writes into those:
 * a program started by hand must not change another bundle through a database among its data.
 */
export async function shareFile(from: string, to: string): Promise<void> {
  if (await copied(from, to, constants.COPYFILE_FICLONE_FORCE)) return;
  // Windows locks a running program under all of its names. FAT has no links, NTFS at most 1,023 of a file.
  if (
    process.platform !== 'win32' &&
    (await isLinkable(from, (await stat(from)).size)) &&
    (await linked(from, to))
  )
    return;
  await copyFile(from, to, constants.COPYFILE_EXCL);
}

/** Whether nothing is expected to write into a file: a program, a library, or data too large for a database beside a program. */
export async function isLinkable(file: string, size: number): Promise<boolean> {
  if (size >= linkedDataBytes || size < 4) return size >= 4;
  return withReader(file, async (reader) => binaryFormat(await reader.read(0, 4)) !== null);
}

async function copied(from: string, to: string, how: number): Promise<boolean> {
  return await copyFile(from, to, how | constants.COPYFILE_EXCL).then(
    () => true,
    () => false,
  );
}

async function linked(from: string, to: string): Promise<boolean> {
  return await link(from, to).then(
    () => true,
    () => false,
  );
}
