import type { PeRanges } from './pe-layout.js';

/** Reads part of a file; fewer bytes at its end. */
export type ReadBytes = (at: number, length: number) => Promise<Buffer>;

/** A signature and the alignment of slices end within a page of Apple's processors. */
const pageBytes = 16384;

/**
 * The parts of a Mach-O file that signing does not change, of each slice of a universal one: all but the load command of the signature and
 * the signature, the counters that it raises, and the two sizes of the segment it stands in, as long as those are true. Contents are padded
 * with zeros to a multiple of 16, as before a signature. The build hashes by this, too.
 *
 * @returns null when it is no such file, or its tables contradict each other.
 */
export async function machRanges(read: ReadBytes, size: number): Promise<PeRanges | null> {
  const ranges: [number, number][] = [];
  let padding = 0;

  const addSlice = async (start: number, length: number): Promise<void> => {
    const header = await read(start, 32);
    const wide = header.readUInt32LE(0) - 0xfeedface;
    if ((wide !== 0 && wide !== 1) || start + length > size) throw new RangeError();
    const first = start + 28 + wide * 4;
    const tableBytes = header.readUInt32LE(20);
    const table = await read(first, Math.min(tableBytes, 1 << 20) + 16);
    let from = start;
    const cut = (hole: number, bytes: number): void => {
      ranges.push([from, hole]);
      from = hole + bytes;
    };
    cut(start + 16, 8);
    let at = 0;
    let end = length;
    let after = length;
    for (let count = header.readUInt32LE(16); count > 0; count--) {
      const word = (offset: number): number => table.readUInt32LE(at + offset);
      const bytes = word(4);
      if (bytes < 8) throw new RangeError();
      const extents = 28 + wide * 4;
      if (word(0) === 0x1d) {
        cut(first + at, bytes);
        end = word(8);
        after = end + word(12);
      } else if (table.toString('latin1', at + 8, at + 18) === '__LINKEDIT') {
        const memory = word(extents);
        const inFile = word(extents + 8 + wide * 8);
        const slack = length - inFile - word(extents + 4 + wide * 4);
        const isTrue = [slack, memory - inFile].every((one) => one >= 0 && one < pageBytes);
        if (isTrue && memory % 4096 === 0) {
          cut(first + at + extents, 4);
          cut(first + at + extents + 8 + wide * 8, 4);
        }
      }
      at += bytes;
    }
    if (at !== tableBytes || after > length) throw new RangeError();
    // Where the command of a signature would go.
    if (end === length && table.subarray(at).every((byte) => byte === 0)) cut(first + at, 16);
    const aligned = Math.ceil(end / 16) * 16 + start;
    ranges.push([from, Math.min(aligned, size)]);
    padding = Math.max(0, aligned - size);
    if (length - after >= pageBytes) ranges.push([start + after, start + length]);
  };

  try {
    const head = await read(0, 1024);
    const wide = head.readUInt32BE(0) - 0xcafebabe;
    if (wide === 0 || wide === 1) {
      const count = head.readUInt32BE(4);
      ranges.push([0, 8]);
      // More than a few are a Java class, which begins with the same four bytes.
      if (count === 0 || count > 20) return null;
      for (let entry = 8; entry < 8 + count * (20 + wide * 12); entry += 20 + wide * 12) {
        ranges.push([entry, entry + 8]);
        await addSlice(head.readUInt32BE(entry + 8 + wide * 4), head.readUInt32BE(entry + 12 + wide * 8));
      }
    } else await addSlice(0, size);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  return { ranges: ranges.filter(([start, end]) => end > start), padding };
}
