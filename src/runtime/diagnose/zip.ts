import { node } from '../node.js';

/** A file of an archive. */
export interface ZipEntry {
  /** With `/` between folders. */
  readonly name: string;
  readonly text: string;
}

/**
 * Make a ZIP archive in memory; small ones, so without ZIP64. Pure.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text } of entries) {
    const data = Buffer.from(text);
    const packed = node.zlib.deflateRawSync(data);
    const title = Buffer.from(name);
    // Version 2.0, UTF-8 names, deflated; without a time: the first day of 1980.
    const common = numbers(
      '2222244422',
      20,
      0x800,
      8,
      0,
      33,
      node.zlib.crc32(data),
      packed.length,
      data.length,
      title.length,
      0,
    );
    const file = Buffer.concat([numbers('4', 0x04034b50), common, title, packed]);
    directory.push(numbers('42', 0x02014b50, 20), common, numbers('22244', 0, 0, 0, 0, offset), title);
    files.push(file);
    offset += file.length;
  }
  const index = Buffer.concat(directory);
  const count = entries.length;
  return Buffer.concat([
    ...files,
    index,
    numbers('42222442', 0x06054b50, 0, 0, count, count, index.length, offset, 0),
  ]);
}

/** Little-endian numbers, each of as many bytes as its digit says. */
function numbers(sizes: string, ...values: readonly number[]): Buffer {
  return Buffer.concat(
    values.map((value, index) => {
      const bytes = Buffer.alloc(Number(sizes[index]));
      bytes.writeUIntLE(value, 0, bytes.length);
      return bytes;
    }),
  );
}
