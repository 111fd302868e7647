/** Bytes from the beginning of a file in which the headers of every real program end. */
export const peHeaderBytes = 4096;

/** A stretch of a file, `end` not included. */
export type ByteRange = readonly [start: number, end: number];

/** What is hashed of a Windows program; null when the headers are no such ones. */
export interface PeRanges {
  readonly ranges: readonly ByteRange[];
  /** Zero bytes hashed after them. */
  readonly padding: number;
}

/**
 * The parts of a Windows program that signing does not change: all but the checksum, the directory entry of the certificate table, and
 * that table; padded with zeros to a multiple of 8, as a signing tool does before it appends the table. Pure.
 *
 * https://learn.microsoft.com/windows/win32/debug/pe-format#attribute-certificate-table-image-only
 *
 * @param header The first {@link peHeaderBytes} bytes, or all when there are fewer.
 */
export function peRanges(header: Uint8Array, size: number): PeRanges | null {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const has = (offset: number, length: number): boolean => offset >= 0 && offset + length <= view.byteLength;
  if (!has(0, 64) || view.getUint16(0, true) !== 0x5a4d) return null;
  const pe = view.getUint32(0x3c, true);
  if (!has(pe, 24 + 2) || view.getUint32(pe, true) !== 0x4550) return null;
  const optional = pe + 24;
  const optionalSize = view.getUint16(pe + 20, true);
  const magic = view.getUint16(optional, true);
  if (magic !== 0x10b && magic !== 0x20b) return null;
  const checksum = optional + 64;
  // The number of directory entries stands right before them; the certificate table is the fifth.
  const directories = optional + (magic === 0x20b ? 112 : 96);
  const entry = directories + 4 * 8;
  if (!has(checksum, 4)) return null;
  const hasEntry =
    has(entry, 8) && entry + 8 <= optional + optionalSize && view.getUint32(directories - 4, true) > 4;
  const offset = hasEntry ? view.getUint32(entry, true) : 0;
  const length = hasEntry ? view.getUint32(entry + 4, true) : 0;
  const isSigned = offset > 0 && length > 0 && offset + length <= size;
  const content = isSigned ? offset : size;
  const ranges: ByteRange[] = [[0, checksum]];
  if (hasEntry) ranges.push([checksum + 4, entry], [entry + 8, content]);
  else ranges.push([checksum + 4, content]);
  if (isSigned && offset + length < size) ranges.push([offset + length, size]);
  return { ranges: ranges.filter(([start, end]) => end > start), padding: (8 - (content % 8)) % 8 };
}
