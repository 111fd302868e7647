import { readPeLayout, type PeLayout } from './pe.js';
import type { ByteReader } from './reader.js';

/** A stretch of a file: from `start` up to, not including, `end`. Bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What is hashed of a PE file. */
export interface PeDigestPlan {
  /** Ascending; what is hashed, in this order. */
  readonly ranges: readonly ByteRange[];
  /** Zero bytes that are hashed after everything else. */
  readonly padding: number;
  /**
   * Bytes of the file without its certificate table. A lower bound for the size of the file however it is signed.
   */
  readonly contentSize: number;
}

/**
 * Which bytes of a PE file count for a digest that signing does not change, as Authenticode takes it: everything except
 * the checksum, the entry of the data directory that names the certificate table, and that table. A signing tool pads
 * the file with zeros to a multiple of 8 before it appends the table, so a file without one is hashed as if padded.
 *
 * Whatever stands behind the certificate table is hashed too (PyInstaller's archive never does: it is appended before
 * signing). See "Windows Authenticode Portable Executable Signature Format", *Calculating the PE Image Hash*; sections
 * are taken in file order, which is the order linkers write.
 */
export function planPeDigest(layout: PeLayout, size: number): PeDigestPlan {
  const content = layout.certificates === null ? size : layout.certificates.offset;
  const after = layout.certificates === null ? size : layout.certificates.offset + layout.certificates.size;
  const holes: ByteRange[] = [{ start: layout.checksumOffset, end: layout.checksumOffset + 4 }];
  if (layout.securityEntryOffset !== null) {
    holes.push({ start: layout.securityEntryOffset, end: layout.securityEntryOffset + 8 });
  }
  const ranges: ByteRange[] = [];
  let start = 0;
  for (const hole of holes) {
    ranges.push({ start, end: hole.start });
    start = hole.end;
  }
  ranges.push({ start, end: content });
  if (after < size) ranges.push({ start: after, end: size });
  return {
    ranges: ranges.filter((range) => range.end > range.start),
    padding: (8 - (content % 8)) % 8,
    contentSize: content,
  };
}

/**
 * {@link planPeDigest} for a file.
 *
 * @returns null when it is no PE file, or one with damaged headers: such a file is hashed as it is.
 */
export async function readPeDigestPlan(reader: ByteReader): Promise<PeDigestPlan | null> {
  const layout = await readPeLayout(reader).catch(() => null);
  return layout === null ? null : planPeDigest(layout, reader.size);
}
