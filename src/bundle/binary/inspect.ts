import path from 'node:path';
import { readElf, type ElfInfo } from './elf.js';
import { readMach, type MachInfo } from './mach-o.js';
import { mapLimited } from '../../lib/map-limited.js';
import { readPe, type PeInfo } from './pe.js';
import { bufferReader, DamagedFile, withReader, type ByteReader } from './reader.js';
import type { BundleEntry, BundleFile } from '../walk.js';

/** A file that begins like a program and cannot be read as one. */
export interface DamagedBinary {
  readonly format: 'damaged';
  /** What it begins like. */
  readonly claims: 'elf' | 'pe' | 'mach-o';
  /** What was wrong, without a full stop. */
  readonly reason: string;
  readonly archs: readonly [];
}

/** What the headers of a program or library say. */
export type BinaryInfo = ElfInfo | PeInfo | MachInfo | DamagedBinary;

const parsers = { elf: readElf, pe: readPe, 'mach-o': readMach } as const;

/** Which parser the first four bytes ask for. */
export function binaryFormat(magic: Buffer): 'elf' | 'pe' | 'mach-o' | null {
  if (magic.length < 4) return null;
  const word = magic.readUInt32BE(0);
  if (word === 0x7f454c46) return 'elf';
  if (word >>> 16 === 0x4d5a) return 'pe';
  const isMach = word === 0xcffaedfe || word === 0xcefaedfe || word === 0xcafebabe || word === 0xcafebabf;
  return isMach ? 'mach-o' : null;
}

/** {@link inspectBinary} for bytes in memory. */
export function inspectBytes(bytes: Buffer): Promise<BinaryInfo | null> {
  return inspect(bufferReader(bytes));
}

/**
 * Read the headers of a program or library: architecture, glibc floor, Windows subsystem, lowest macOS.
 *
 * @returns null for everything that is not ELF, PE or Mach-O. A truncated or nonsensical one is `damaged`, never an
 * error; only failing to read the file rejects.
 */
export function inspectBinary(file: string): Promise<BinaryInfo | null> {
  return withReader(file, inspect);
}

async function inspect(reader: ByteReader): Promise<BinaryInfo | null> {
  if (reader.size < 4) return null;
  const format = binaryFormat(await reader.read(0, 4));
  if (format === null) return null;
  try {
    return await parsers[format](reader);
  } catch (error) {
    // Truncated tables also show as RangeError of Buffer's readers; anything else is a fault of ours or of the disk.
    if (!(error instanceof DamagedFile) && !(error instanceof RangeError)) throw error;
    return { format: 'damaged', claims: format, reason: error.message, archs: [] };
  }
}

/** A program or library of a bundle. */
export interface InspectedFile {
  /** Relative to the bundle, `/` as separator. */
  readonly path: string;
  readonly size: number;
  readonly info: BinaryInfo;
}

/** Inspect every file of a bundle's listing; files that are no programs are left out. */
export async function inspectBundle(dir: string, entries: readonly BundleEntry[]): Promise<InspectedFile[]> {
  const files = entries.filter((entry): entry is BundleFile => entry.type === 'file');
  const infos = await mapLimited(files, 16, (file) => inspectBinary(path.join(dir, file.path)));
  return files.flatMap((file, index) => {
    const info = infos[index] ?? null;
    return info === null ? [] : [{ path: file.path, size: file.size, info }];
  });
}
