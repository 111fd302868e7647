import { open, type FileHandle } from 'node:fs/promises';

/** Random access to the bytes of a file; the parsers of executables read only what they need. */
export interface ByteReader {
  /** Bytes in the file. */
  readonly size: number;
  /**
   * Read exactly `length` bytes.
   *
   * @throws DamagedFile when the range is not inside the file.
   */
  read(offset: number, length: number): Promise<Buffer>;
}

/** A file that claims to be something and is not: truncated, or a length in it that cannot be. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
  readonly code = 'ERR_DAMAGED_FILE';
}

/** No table of an executable is larger; a bigger number in a header is damage, and must not become an allocation. */
const maxReadBytes = 64 * 1024 * 1024;
const pageBytes = 16 * 1024;
const maxPages = 64;

function assertRange(size: number, offset: number, length: number): void {
  const valid =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset + length <= size;
  if (!valid) throw new DamagedFile(`it needs ${length} bytes at ${offset}, the file has ${size}`);
  if (length > maxReadBytes) throw new DamagedFile(`it claims a table of ${length} bytes`);
}

/** Read from memory. */
export function bufferReader(buffer: Buffer): ByteReader {
  return {
    size: buffer.length,
    async read(offset, length) {
      assertRange(buffer.length, offset, length);
      return buffer.subarray(offset, offset + length);
    },
  };
}

/** Read from an open file, through a small cache of pages: tables of names are read a few bytes at a time. */
function fileReader(handle: FileHandle, size: number): ByteReader {
  const pages = new Map<number, Buffer>();
  const fill = async (offset: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
      if (bytesRead === 0) throw new DamagedFile(`it ended at ${offset + filled}, before ${offset + length}`);
      filled += bytesRead;
    }
    return buffer;
  };
  const page = async (index: number): Promise<Buffer> => {
    const known = pages.get(index);
    if (known !== undefined) return known;
    const offset = index * pageBytes;
    const content = await fill(offset, Math.min(pageBytes, size - offset));
    if (pages.size >= maxPages) pages.clear();
    pages.set(index, content);
    return content;
  };
  return {
    size,
    async read(offset, length) {
      assertRange(size, offset, length);
      const first = Math.floor(offset / pageBytes);
      const last = Math.floor(Math.max(offset, offset + length - 1) / pageBytes);
      if (length === 0) return Buffer.alloc(0);
      if (first !== last) return fill(offset, length);
      const start = offset - first * pageBytes;
      return (await page(first)).subarray(start, start + length);
    },
  };
}

/** Open a file, hand its reader to `use`, and close it whatever happens. */
export async function withReader<Result>(
  file: string,
  use: (reader: ByteReader, handle: FileHandle) => Promise<Result>,
): Promise<Result> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    return await use(fileReader(handle, size), handle);
  } finally {
    await handle.close();
  }
}
