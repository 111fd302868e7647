import { compareVersionTexts } from '../../config/version-range.js';
import type { TargetArch } from '../../target.js';
import { DamagedFile, type ByteReader } from './reader.js';

/** What an ELF file (Linux program or shared library) says. */
export interface ElfInfo {
  readonly format: 'elf';
  /** One element; `unknown` for a machine that is none of ours. */
  readonly archs: readonly (TargetArch | 'unknown')[];
  readonly machine: number;
  readonly bits: 32 | 64;
  readonly type: 'executable' | 'shared' | 'other';
  /** Dynamic loader of a program, e.g. `/lib64/ld-linux-x86-64.so.2`; null for libraries. */
  readonly interpreter: string | null;
  /** Libraries it is linked against (`DT_NEEDED`). */
  readonly needed: readonly string[];
  readonly soname: string | null;
  /** Highest glibc version it requires, e.g. `2.34`; null: none (static, or another C library). */
  readonly glibc: string | null;
  /** The C library it was built for, as far as its loader and libraries tell. */
  readonly libc: 'glibc' | 'musl' | null;
  /** Bytes that `strip` would remove: symbol tables and debug sections. */
  readonly strippableBytes: number;
  /** A segment that the loader refuses to map; null: all can be mapped. */
  readonly misaligned: MisalignedSegment | null;
  /**
   * Whether it can still be loaded after `strip`, which drops the segments that no section stands in. patchelf leaves such when it
   * rewrites a library several times: the OpenBLAS and the libgfortran in wheels of numpy and scipy.
   */
  readonly survivesStrip: boolean;
}

/** A segment whose place in the file and in memory differ within a page. */
export interface MisalignedSegment {
  readonly offset: number;
  readonly address: number;
  /** `any`: no loader maps it. `old`: glibc before 2.35 does not, which compares with the segment's own alignment. */
  readonly refusedBy: 'any' | 'old';
}

/** `e_machine`; https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const machines: Readonly<Record<number, TargetArch>> = { 62: 'x64', 183: 'arm64', 3: 'ia32', 40: 'armv7l' };

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_SONAME = 14;
const DT_VERNEED = 0x6ffffffe;
const DT_VERNEEDNUM = 0x6fffffff;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2;
/** Pages are at least as large on every processor that Electron runs on. */
const smallestPageBytes = 4096;
const weakVersion = 2;
/** More entries than any real file has; a bigger number is damage. */
const maxEntries = 4096;

/** Reads numbers in the file's own byte order and word size. */
interface Words {
  half(buffer: Buffer, offset: number): number;
  word(buffer: Buffer, offset: number): number;
  /** An address or size: 4 bytes in 32-bit files, 8 in 64-bit ones. Too large for a file: Infinity. */
  address(buffer: Buffer, offset: number): number;
}

function words(little: boolean, bits: 32 | 64): Words {
  const wide = (buffer: Buffer, offset: number): number => {
    const value = little ? buffer.readBigUInt64LE(offset) : buffer.readBigUInt64BE(offset);
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value);
  };
  const word = (buffer: Buffer, offset: number): number =>
    little ? buffer.readUInt32LE(offset) : buffer.readUInt32BE(offset);
  return {
    half: (buffer, offset) => (little ? buffer.readUInt16LE(offset) : buffer.readUInt16BE(offset)),
    word,
    address: bits === 64 ? wide : word,
  };
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignment: number;
}

/**
 * Read what matters of an ELF file.
 *
 * @returns null when it is no ELF file.
 * @throws DamagedFile
 */
export async function readElf(reader: ByteReader): Promise<ElfInfo | null> {
  if (reader.size < 52) return null;
  const identification = await reader.read(0, 16);
  if (identification.toString('latin1', 0, 4) !== '\x7fELF') return null;
  const bits = identification[4] === 2 ? 64 : 32;
  const data = words(identification[5] !== 2, bits);
  const header = await reader.read(0, bits === 64 ? 64 : 52);
  const machine = data.half(header, 18);
  const segments = await readSegments(reader, data, bits, header);
  assertSegments(segments, reader.size);
  const dynamic = await readDynamic(reader, data, bits, segments);
  const interpreter = await readInterpreter(reader, segments);
  const sections = await readSections(reader, data, bits, header);
  const type = data.half(header, 16);
  return {
    format: 'elf',
    archs: [machines[machine] ?? 'unknown'],
    machine,
    bits,
    type: interpreter !== null || type === 2 ? 'executable' : type === 3 ? 'shared' : 'other',
    interpreter,
    needed: dynamic.needed,
    soname: dynamic.soname,
    glibc: dynamic.glibc,
    libc: cLibrary(interpreter, dynamic.needed, dynamic.glibc),
    strippableBytes: strippableBytes(sections, reader.size),
    misaligned: findMisaligned(segments),
    survivesStrip: sections.length === 0 || segments.every((segment) => hasSection(segment, sections)),
  };
}

/** What the loader maps has to be in the file. */
function assertSegments(segments: readonly Segment[], size: number): void {
  // A file of split-off debug information has the headers of segments, but not their bytes; nobody loads it.
  if (!segments.some(({ type, fileSize }) => type === PT_DYNAMIC && fileSize > 0)) return;
  const end = Math.max(
    0,
    ...segments.filter(({ type }) => type === PT_LOAD).map(({ offset, fileSize }) => offset + fileSize),
  );
  if (end > size) throw new DamagedFile(`a segment ends at ${end}, the file has ${size}`);
}

/** The loader maps whole pages: where a segment begins within its page must be the same in the file and in memory. */
function findMisaligned(segments: readonly Segment[]): MisalignedSegment | null {
  // A file of split-off debug information has the headers of segments, but not their bytes; nobody loads it.
  if (segments.some(({ type, fileSize }) => type === PT_DYNAMIC && fileSize === 0)) return null;
  // Also the empty ones: `strip` empties a segment and leaves it where it cannot be mapped.
  const loaded = segments.filter(({ type }) => type === PT_LOAD);
  const differs = (pageBytes: number): Segment | undefined =>
    loaded.find(({ offset, address }) => offset % pageBytes !== address % pageBytes);
  const never = differs(smallestPageBytes);
  if (never !== undefined) return { offset: never.offset, address: never.address, refusedBy: 'any' };
  const old = loaded.find(
    ({ offset, address, alignment }) =>
      alignment > smallestPageBytes && offset % alignment !== address % alignment,
  );
  return old === undefined ? null : { offset: old.offset, address: old.address, refusedBy: 'old' };
}

function cLibrary(
  interpreter: string | null,
  needed: readonly string[],
  glibc: string | null,
): 'glibc' | 'musl' | null {
  if (needed.some((name) => name.startsWith('libc.musl')) || interpreter?.includes('ld-musl')) return 'musl';
  if (glibc !== null || needed.includes('libc.so.6') || interpreter?.includes('ld-linux')) return 'glibc';
  return null;
}

async function readSegments(
  reader: ByteReader,
  data: Words,
  bits: 32 | 64,
  header: Buffer,
): Promise<Segment[]> {
  const wide = bits === 64;
  const offset = data.address(header, wide ? 32 : 28);
  const entrySize = data.half(header, wide ? 54 : 42);
  const count = data.half(header, wide ? 56 : 44);
  if (count === 0) return [];
  if (entrySize < (wide ? 56 : 32) || count > maxEntries) {
    throw new DamagedFile(`the program header table claims ${count} entries of ${entrySize} bytes`);
  }
  const table = await reader.read(offset, entrySize * count);
  return Array.from({ length: count }, (_, index) => {
    const at = index * entrySize;
    return {
      type: data.word(table, at),
      offset: data.address(table, at + (wide ? 8 : 4)),
      address: data.address(table, at + (wide ? 16 : 8)),
      fileSize: data.address(table, at + (wide ? 32 : 16)),
      memorySize: data.address(table, at + (wide ? 40 : 20)),
      alignment: data.address(table, at + (wide ? 48 : 28)),
    };
  });
}

async function readInterpreter(reader: ByteReader, segments: readonly Segment[]): Promise<string | null> {
  const segment = segments.find((candidate) => candidate.type === PT_INTERP);
  if (segment === undefined) return null;
  return cString(await reader.read(segment.offset, Math.min(segment.fileSize, 4096)));
}

interface Dynamic {
  readonly needed: readonly string[];
  readonly soname: string | null;
  readonly glibc: string | null;
}

async function readDynamic(
  reader: ByteReader,
  data: Words,
  bits: 32 | 64,
  segments: readonly Segment[],
): Promise<Dynamic> {
  const segment = segments.find((candidate) => candidate.type === PT_DYNAMIC);
  // A file of split-off debug information has the segment's header, but not its bytes.
  if (segment === undefined || segment.fileSize === 0) return { needed: [], soname: null, glibc: null };
  const entrySize = bits === 64 ? 16 : 8;
  const table = await reader.read(segment.offset, Math.min(segment.fileSize, maxEntries * entrySize));
  const neededNames: number[] = [];
  const values = new Map<number, number>();
  for (let at = 0; at + entrySize <= table.length; at += entrySize) {
    const tag = data.address(table, at);
    const value = data.address(table, at + entrySize / 2);
    if (tag === 0) break;
    if (tag === DT_NEEDED) neededNames.push(value);
    else values.set(tag, value);
  }
  const strings = values.get(DT_STRTAB);
  if (strings === undefined) return { needed: [], soname: null, glibc: null };
  const stringsOffset = fileOffset(segments, strings);
  const name = (index: number): Promise<string> => readName(reader, stringsOffset + index);
  const needed: string[] = [];
  for (const index of neededNames) needed.push(await name(index));
  const soname = values.get(DT_SONAME);
  const versions = values.get(DT_VERNEED);
  return {
    needed,
    soname: soname === undefined ? null : await name(soname),
    glibc:
      versions === undefined
        ? null
        : await readGlibc(reader, data, fileOffset(segments, versions), values.get(DT_VERNEEDNUM) ?? 0, name),
  };
}

/** Where an address of the running program stands in the file. */
function fileOffset(segments: readonly Segment[], address: number): number {
  const segment = segments.find(
    (candidate) =>
      candidate.type === PT_LOAD &&
      address >= candidate.address &&
      address < candidate.address + candidate.fileSize,
  );
  if (segment === undefined) throw new DamagedFile(`address ${address} is in no segment of the file`);
  return address - segment.address + segment.offset;
}

/** Walk `.gnu.version_r`: per library a chain of required versions. */
async function readGlibc(
  reader: ByteReader,
  data: Words,
  start: number,
  libraries: number,
  name: (index: number) => Promise<string>,
): Promise<string | null> {
  let highest: string | null = null;
  let at = start;
  for (let library = 0; library < Math.min(libraries, maxEntries); library++) {
    const need = await reader.read(at, 16);
    let versionAt = at + data.word(need, 8);
    const versions = Math.min(data.half(need, 2), maxEntries);
    for (let version = 0; version < versions; version++) {
      const entry = await reader.read(versionAt, 16);
      const isWeak = (data.half(entry, 4) & weakVersion) !== 0;
      const required = isWeak ? null : glibcVersion(await name(data.word(entry, 8)));
      if (required !== null && (highest === null || compareVersionTexts(required, highest) > 0))
        highest = required;
      const next = data.word(entry, 12);
      if (next === 0) break;
      versionAt += next;
    }
    const next = data.word(need, 12);
    if (next === 0) break;
    at += next;
  }
  return highest;
}

/** `GLIBC_2.34` → `2.34`; other libraries' versions and `GLIBC_PRIVATE` → null. */
function glibcVersion(symbolVersion: string): string | null {
  // The loader's feature marker for packed relocations, understood since 2.36.
  if (symbolVersion === 'GLIBC_ABI_DT_RELR') return '2.36';
  return /^GLIBC_(\d+(?:\.\d+)+)$/.exec(symbolVersion)?.[1] ?? null;
}

interface Section {
  readonly name: string;
  readonly type: number;
  /** It has a place in memory. */
  readonly allocated: boolean;
  readonly address: number;
  readonly size: number;
}

/** Section headers are for tools, not for the loader: a file without them, or with bad ones, still runs and has none here. */
async function readSections(
  reader: ByteReader,
  data: Words,
  bits: 32 | 64,
  header: Buffer,
): Promise<Section[]> {
  const wide = bits === 64;
  const offset = data.address(header, wide ? 40 : 32);
  const entrySize = data.half(header, wide ? 58 : 46);
  const count = data.half(header, wide ? 60 : 48);
  const namesIndex = data.half(header, wide ? 62 : 50);
  if (offset === 0 || count === 0 || entrySize < (wide ? 64 : 40) || namesIndex >= count) return [];
  if (offset + entrySize * count > reader.size) return [];
  const table = await reader.read(offset, entrySize * count);
  const namesAt = namesIndex * entrySize;
  const namesOffset = data.address(table, namesAt + (wide ? 24 : 16));
  const namesSize = data.address(table, namesAt + (wide ? 32 : 20));
  if (namesOffset + namesSize > reader.size) return [];
  const names = await reader.read(namesOffset, namesSize);
  return Array.from({ length: count }, (_, index) => {
    const at = index * entrySize;
    return {
      name: cString(names.subarray(Math.min(data.word(table, at), names.length))),
      type: data.word(table, at + 4),
      allocated: (data.word(table, at + 8) & SHF_ALLOC) !== 0,
      address: data.address(table, at + (wide ? 16 : 12)),
      size: data.address(table, at + (wide ? 32 : 20)),
    };
  });
}

function strippableBytes(sections: readonly Section[], fileBytes: number): number {
  const bytes = sections
    .filter(({ type, size }) => type !== SHT_NOBITS && Number.isFinite(size))
    .filter(({ name }) => /^\.(?:z?debug_|symtab$|strtab$|gdb_index$)/.test(name))
    .reduce((sum, { size }) => sum + size, 0);
  return Math.min(bytes, fileBytes);
}

/** Whether `strip` finds something that the segment is for. */
function hasSection({ type, address, memorySize }: Segment, sections: readonly Section[]): boolean {
  return (
    type !== PT_LOAD ||
    memorySize === 0 ||
    sections.some(
      (section) => section.allocated && section.address >= address && section.address < address + memorySize,
    )
  );
}

async function readName(reader: ByteReader, offset: number): Promise<string> {
  if (!Number.isFinite(offset)) throw new DamagedFile('a name is outside the file');
  return cString(await reader.read(offset, Math.max(0, Math.min(256, reader.size - offset))));
}

function cString(buffer: Buffer): string {
  const end = buffer.indexOf(0);
  return buffer.toString('utf8', 0, end === -1 ? buffer.length : end);
}
