import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { readMarshal, type MarshalValue } from './marshal.js';
import { DamagedFile, withReader, type ByteReader } from '../binary/reader.js';

/** One thing packed into a frozen program. */
export interface ArchiveEntry {
  /** For files of a onefile program: the path it will be unpacked to, `/` as separator. */
  readonly name: string;
  /**
   * `binary`, `data` and `link` are unpacked at start (onefile); `script` and `module` are run from the archive; `pyz` is
   * the archive of all other modules.
   */
  readonly type: 'binary' | 'data' | 'link' | 'script' | 'module' | 'pyz' | 'other';
  /** Bytes in the program file. */
  readonly storedBytes: number;
  /** Bytes when unpacked. */
  readonly fullBytes: number;
  readonly compressed: boolean;
  /** From the start of the file. */
  readonly offset: number;
  /** Of the byte that says the type, from the start of the file. */
  readonly typeOffset: number;
}

/** A Python module inside a frozen program. */
export interface ArchiveModule {
  /** Dotted. */
  readonly name: string;
  /** Bytes in the program file (compressed). */
  readonly bytes: number;
  readonly isPackage: boolean;
}

/** What PyInstaller appended to its bootloader. */
export interface Archive {
  /** Bytes of the whole program file. */
  readonly fileBytes: number;
  /** Bytes of the archive in it. */
  readonly archiveBytes: number;
  /** E.g. `3.12`. */
  readonly python: string;
  /** Name of the library of Python that the program loads; empty: it does not say. */
  readonly pythonLibrary: string;
  readonly entries: readonly ArchiveEntry[];
  readonly modules: readonly ArchiveModule[];
  /** Options for the bootloader, e.g. `pyi-contents-directory _internal`. */
  readonly options: readonly string[];
}

const cookieMagic = Buffer.from('MEI\x0c\x0b\x0a\x0b\x0e', 'latin1');
const cookieBytes = 88;
const entryBytes = 18;
const searchBytes = 64 * 1024;

const types: Readonly<Record<string, ArchiveEntry['type']>> = {
  b: 'binary',
  x: 'data',
  Z: 'data',
  n: 'link',
  s: 'script',
  m: 'module',
  M: 'module',
  z: 'pyz',
};

/**
 * Read the table of contents of a program frozen by PyInstaller: of its own archive, and of the Python modules in it.
 * The format is that of `PyInstaller/archive/readers.py`, unchanged from 5.0 to 6.22.
 *
 * @returns null when the file is no such program, or a damaged one.
 */
export function readArchive(file: string): Promise<Archive | null> {
  return withReader(file, async (reader) => {
    try {
      return await read(reader);
    } catch (error) {
      if (error instanceof DamagedFile || error instanceof RangeError) return null;
      throw error;
    }
  });
}

async function read(reader: ByteReader): Promise<Archive | null> {
  const cookieOffset = await findCookie(reader);
  if (cookieOffset === null) return null;
  const cookie = await reader.read(cookieOffset, cookieBytes);
  const archiveBytes = cookie.readUInt32BE(8);
  const start = cookieOffset + cookieBytes - archiveBytes;
  if (start < 0) throw new DamagedFile('its archive begins before the file');
  const table = await reader.read(start + cookie.readUInt32BE(12), cookie.readUInt32BE(16));
  const { entries, options } = readTable(table, start, cookie.readUInt32BE(12));
  const pyz = entries.find((entry) => entry.type === 'pyz');
  const version = cookie.readUInt32BE(20);
  return {
    fileBytes: reader.size,
    archiveBytes,
    python: `${Math.floor(version / 100)}.${version % 100}`,
    pythonLibrary: cookie
      .toString('latin1', 24)
      .replace(/\0[^]*$/, '')
      .replaceAll('\\', '/'),
    entries,
    modules: pyz === undefined ? [] : await readModules(reader, pyz),
    options,
  };
}

/** The cookie is at the end, but a signature may stand behind it. */
async function findCookie(reader: ByteReader): Promise<number | null> {
  let end = reader.size;
  while (end >= cookieBytes) {
    const start = Math.max(0, end - searchBytes);
    const found = (await reader.read(start, end - start)).lastIndexOf(cookieMagic);
    if (found !== -1) return start + found;
    if (start === 0) return null;
    end = start + cookieMagic.length - 1;
  }
  return null;
}

function readTable(
  table: Buffer,
  start: number,
  tableStart: number,
): { entries: ArchiveEntry[]; options: string[] } {
  const entries: ArchiveEntry[] = [];
  const options: string[] = [];
  let at = 0;
  while (at < table.length) {
    const length = table.readUInt32BE(at);
    if (length < entryBytes || at + length > table.length)
      throw new DamagedFile(`an entry claims ${length} bytes`);
    const code = table.toString('latin1', at + 17, at + 18);
    const name = table.toString('utf8', at + entryBytes, at + length).replace(/\0+$/, '');
    if (code === 'o') {
      options.push(name);
    } else {
      entries.push({
        name: name.replaceAll('\\', '/'),
        type: types[code] ?? 'other',
        storedBytes: table.readUInt32BE(at + 8),
        fullBytes: table.readUInt32BE(at + 12),
        compressed: table.readUInt8(at + 16) !== 0,
        offset: start + table.readUInt32BE(at + 4),
        typeOffset: start + tableStart + at + 17,
      });
    }
    at += length;
  }
  return { entries, options };
}

async function readModules(reader: ByteReader, pyz: ArchiveEntry): Promise<ArchiveModule[]> {
  const head = await reader.read(pyz.offset, 12);
  if (head.toString('latin1', 0, 4) !== 'PYZ\0') throw new DamagedFile('its module archive has no beginning');
  const tableOffset = head.readUInt32BE(8);
  const table = readMarshal(await reader.read(pyz.offset + tableOffset, pyz.storedBytes - tableOffset));
  if (!Array.isArray(table)) throw new DamagedFile('its module table is no list');
  return (table as readonly MarshalValue[]).map((row) => {
    const [name, place] = row as readonly [MarshalValue, readonly MarshalValue[]];
    const [type, , bytes] = Array.isArray(place) ? place : [];
    if (typeof name !== 'string' || typeof type !== 'number' || typeof bytes !== 'number') {
      throw new DamagedFile('its module table has an unknown shape');
    }
    // 1: package with code, 3: namespace package.
    return { name, bytes, isPackage: type === 1 || type === 3 };
  });
}

const unpack = promisify(inflate);

/**
 * The bytes of one entry, unpacked.
 *
 * @throws Error when the archive is damaged.
 */
export function readArchiveEntry(file: string, entry: ArchiveEntry): Promise<Buffer> {
  return withReader(file, async (_reader, handle) => {
    const stored = Buffer.alloc(entry.storedBytes);
    const { bytesRead } = await handle.read(stored, 0, stored.length, entry.offset);
    if (bytesRead < stored.length) throw new DamagedFile(`${entry.name} is not complete in ${file}`);
    return entry.compressed ? unpack(stored, { maxOutputLength: Math.max(1, entry.fullBytes) }) : stored;
  });
}
