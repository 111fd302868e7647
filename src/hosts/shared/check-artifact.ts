import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { PyInstallerError } from '../../errors.js';
import { errorCode } from '../../lib/files.js';
import { formatBytes } from '../../lib/text.js';

/**
 * Look at a finished installer: tools have ended well and left one that is empty or cut short.
 *
 * @throws PyInstallerError `ERR_PLACE` when it is missing or broken
 */
export async function checkArtifact(file: string): Promise<void> {
  const problem = await artifactProblem(file);
  if (problem === null) return;
  throw new PyInstallerError('ERR_PLACE', `Looking at the finished ${path.basename(file)}: ${problem}.`, {
    file,
    hint: 'Was there room on the disk, and is the app below the limit of this installer (docs/installers.md)? Its tool ended without an error all the same.',
  });
}

async function artifactProblem(file: string): Promise<string | null> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'it does not exist';
    throw error;
  }
  try {
    const stats = await handle.stat();
    // An app of macOS, an unpacked one.
    if (!stats.isFile()) return null;
    if (stats.size === 0) return 'it is empty';
    return (await checks[path.extname(file).toLowerCase()]?.(handle, stats.size)) ?? null;
  } finally {
    await handle.close();
  }
}

type Check = (handle: FileHandle, size: number) => Promise<string | null>;

const checks: Readonly<Record<string, Check>> = {
  '.exe': checkNsis,
  '.deb': checkDeb,
  '.zip': checkZip,
  '.nupkg': checkZip,
};

const nsisMark = Buffer.from('efbeadde4e756c6c736f6674496e7374', 'hex');
/** The stub of an installer is small; what comes after the mark is data. */
const nsisStubBytes = 16 * 2 ** 20;

/** NSIS writes how much data follows: `flags`, the mark, length of the header, length of everything, each four bytes. */
async function checkNsis(handle: FileHandle, size: number): Promise<string | null> {
  const stub = await read(handle, 0, Math.min(size, nsisStubBytes));
  for (let start = 0; start + 28 <= stub.length; start += 512) {
    if (!stub.subarray(start + 4, start + 20).equals(nsisMark)) continue;
    // NSISBI has flags of its own and longer lengths, and may keep its data in another file.
    if ((stub.readUInt32LE(start) & ~0xf) !== 0) return null;
    const length = stub.readInt32LE(start + 24);
    if (length <= 0) return 'it says that its data has a negative length: there was more than 2 GB';
    const missing = start + length - size;
    return missing > 0 ? `it was cut short: ${formatBytes(missing)} of its data are missing` : null;
  }
  // Another installer, or the program itself.
  return null;
}

/** An archive of `ar`: each part says how long it is. */
async function checkDeb(handle: FileHandle, size: number): Promise<string | null> {
  if ((await read(handle, 0, 8)).toString('latin1') !== '!<arch>\n') return 'it is no Debian package';
  let at = 8;
  while (at < size) {
    const header = (await read(handle, at, 60)).toString('latin1');
    const length = Number(header.slice(48, 58).trim());
    if (header.slice(58) !== '`\n' || !Number.isInteger(length)) return `its part at byte ${at} is damaged`;
    at += 60 + length + (length % 2);
  }
  return at > size + 1 ? `it was cut short: ${formatBytes(at - size)} are missing` : null;
}

/** The list of what is inside stands at the end. */
async function checkZip(handle: FileHandle, size: number): Promise<string | null> {
  const start = Math.max(0, size - 65_557);
  const end = await read(handle, start, size - start);
  return end.includes(Buffer.from('504b0506', 'hex'))
    ? null
    : 'it was cut short: the list of its files is missing';
}

async function read(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}
