import type { TargetArch } from '../../target.js';
import { DamagedFile, type ByteReader } from './reader.js';

/** What the header of a Windows executable or library says. */
export interface PeInfo {
  readonly format: 'pe';
  /** One element; `unknown` for a machine that is none of ours. */
  readonly archs: readonly (TargetArch | 'unknown')[];
  /** The machine number as in the header. */
  readonly machine: number;
  /** `console` programs get a terminal window unless they are spawned hidden. */
  readonly subsystem: 'console' | 'gui' | 'other';
  /** A library (`.dll`, `.pyd`). */
  readonly dll: boolean;
  /** Has a certificate table (Authenticode signature). */
  readonly signed: boolean;
}

/** Where the parts of a PE file are that signing changes. Offsets in bytes from the start of the file. */
export interface PeLayout {
  /** The 4-byte checksum. */
  readonly checksumOffset: number;
  /** The 8-byte entry of the data directory that names the certificate table; null: the header has no such entry. */
  readonly securityEntryOffset: number | null;
  /** The certificate table; null: not signed. */
  readonly certificates: { readonly offset: number; readonly size: number } | null;
}

interface PeHeaders extends PeLayout {
  /** Where the table of sections is. */
  readonly sections: { readonly offset: number; readonly count: number };
  readonly machine: number;
  readonly characteristics: number;
  readonly subsystem: number;
}

/** https://learn.microsoft.com/windows/win32/debug/pe-format#machine-types */
const machines: Readonly<Record<number, TargetArch>> = {
  0x8664: 'x64',
  0xaa64: 'arm64',
  0x14c: 'ia32',
  0x1c4: 'armv7l',
};

/** One row of the table of sections. */
const sectionBytes = 40;
const dllCharacteristic = 0x2000;
/** Position of the certificate table in the data directory. */
const securityIndex = 4;

/**
 * Read the headers of a PE file.
 *
 * @returns null when it is no PE file (an old DOS program, or text that begins with `MZ`).
 * @throws DamagedFile
 */
async function readPeHeaders(reader: ByteReader): Promise<PeHeaders | null> {
  if (reader.size < 64) return null;
  const dos = await reader.read(0, 64);
  if (dos.toString('latin1', 0, 2) !== 'MZ') return null;
  const start = dos.readUInt32LE(0x3c);
  if (start + 24 > reader.size) return null;
  const coff = await reader.read(start, 24);
  if (coff.toString('latin1', 0, 4) !== 'PE\0\0') return null;
  const optionalSize = coff.readUInt16LE(20);
  const optionalStart = start + 24;
  if (optionalSize < 96) throw new DamagedFile(`the optional header has ${optionalSize} bytes`);
  const optional = await reader.read(optionalStart, optionalSize);
  const magic = optional.readUInt16LE(0);
  if (magic !== 0x10b && magic !== 0x20b) {
    throw new DamagedFile(`the optional header has the unknown type 0x${magic.toString(16)}`);
  }
  // PE32+ has a wider image base and wider stack sizes, hence the 16 bytes between the two.
  const countOffset = magic === 0x20b ? 108 : 92;
  const entryOffset = countOffset + 4 + securityIndex * 8;
  const hasEntry = optionalSize >= entryOffset + 8 && optional.readUInt32LE(countOffset) > securityIndex;
  const offset = hasEntry ? optional.readUInt32LE(entryOffset) : 0;
  const size = hasEntry ? optional.readUInt32LE(entryOffset + 4) : 0;
  if (size > 0 && (offset < optionalStart + optionalSize || offset + size > reader.size)) {
    throw new DamagedFile(`the certificate table (${size} bytes at ${offset}) is not inside the file`);
  }
  return {
    sections: { offset: optionalStart + optionalSize, count: coff.readUInt16LE(6) },
    machine: coff.readUInt16LE(4),
    characteristics: coff.readUInt16LE(22),
    subsystem: optional.readUInt16LE(68),
    checksumOffset: optionalStart + 64,
    securityEntryOffset: hasEntry ? optionalStart + entryOffset : null,
    certificates: size > 0 ? { offset, size } : null,
  };
}

/**
 * Where the parts are that signing changes.
 *
 * @returns null when it is no PE file.
 * @throws DamagedFile
 */
export async function readPeLayout(reader: ByteReader): Promise<PeLayout | null> {
  return readPeHeaders(reader);
}

/**
 * Read what matters of a PE file.
 *
 * @returns null when it is no PE file.
 * @throws DamagedFile
 */
export async function readPe(reader: ByteReader): Promise<PeInfo | null> {
  const headers = await readPeHeaders(reader);
  if (headers === null) return null;
  await assertSections(reader, headers);
  return {
    format: 'pe',
    archs: [machines[headers.machine] ?? 'unknown'],
    machine: headers.machine,
    subsystem: headers.subsystem === 3 ? 'console' : headers.subsystem === 2 ? 'gui' : 'other',
    dll: (headers.characteristics & dllCharacteristic) !== 0,
    signed: headers.certificates !== null,
  };
}

/** What the loader maps has to be in the file. */
async function assertSections(reader: ByteReader, { sections }: PeHeaders): Promise<void> {
  const table = await reader.read(sections.offset, sections.count * sectionBytes);
  for (let at = 0; at < table.length; at += sectionBytes) {
    const offset = table.readUInt32LE(at + 20);
    const end = offset === 0 ? 0 : offset + table.readUInt32LE(at + 16);
    if (end > reader.size) throw new DamagedFile(`a section ends at ${end}, the file has ${reader.size}`);
  }
}
