import type { TargetArch } from '../../target.js';
import { DamagedFile, type ByteReader } from './reader.js';

/** One architecture inside a Mach-O file. */
export interface MachSlice {
  readonly arch: TargetArch | 'unknown';
  /** Number from `mach/machine.h`. */
  readonly cpuType: number;
  readonly type: 'executable' | 'library' | 'bundle' | 'other';
  /** Lowest macOS it runs on, e.g. `11.0`; null: not stated. */
  readonly minimumSystem: string | null;
  /** SDK it was built with, e.g. `14.2`; Apple's notary wants 10.9 or newer. */
  readonly sdk: string | null;
  /** `adhoc`: without identity, as PyInstaller signs by default; must be signed again before notarisation. */
  readonly signature: 'none' | 'adhoc' | 'identity';
}

/** What a Mach-O file (macOS program or library) says. */
export interface MachInfo {
  readonly format: 'mach-o';
  readonly archs: readonly (TargetArch | 'unknown')[];
  /** Several architectures in one file ("universal"). */
  readonly fat: boolean;
  readonly slices: readonly MachSlice[];
}

/** `cputype` of `mach/machine.h`. */
const cpuTypes: Readonly<Record<number, TargetArch>> = {
  0x01000007: 'x64',
  0x0100000c: 'arm64',
  7: 'ia32',
  12: 'armv7l',
};

const fileTypes: Readonly<Record<number, MachSlice['type']>> = { 2: 'executable', 6: 'library', 8: 'bundle' };

const LC_SEGMENT = 0x1;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const LC_VERSION_MIN_MACOSX = 0x24;
const LC_BUILD_VERSION = 0x32;
/** A fat file with more slices is a Java class file, which begins with the same four bytes. */
const maxSlices = 20;

/**
 * Read what matters of a Mach-O file, thin or fat.
 *
 * @returns null when it is no Mach-O file.
 * @throws DamagedFile
 */
export async function readMach(reader: ByteReader): Promise<MachInfo | null> {
  if (reader.size < 28) return null;
  const head = await reader.read(0, 8);
  const magic = head.readUInt32BE(0);
  if (magic === 0xcafebabe || magic === 0xcafebabf) {
    const count = head.readUInt32BE(4);
    if (count === 0 || count > maxSlices) return null;
    const entrySize = magic === 0xcafebabf ? 32 : 20;
    const table = await reader.read(8, count * entrySize);
    const slices: MachSlice[] = [];
    for (let index = 0; index < count; index++) {
      const at = index * entrySize + 8;
      const offset = magic === 0xcafebabf ? Number(table.readBigUInt64BE(at)) : table.readUInt32BE(at);
      const length =
        magic === 0xcafebabf ? Number(table.readBigUInt64BE(at + 8)) : table.readUInt32BE(at + 4);
      const slice = await readSlice(reader, offset, length);
      if (slice === null) throw new DamagedFile(`slice ${index} of the universal file is no Mach-O file`);
      slices.push(slice);
    }
    return { format: 'mach-o', archs: slices.map((slice) => slice.arch), fat: true, slices };
  }
  const slice = await readSlice(reader, 0, reader.size);
  return slice === null ? null : { format: 'mach-o', archs: [slice.arch], fat: false, slices: [slice] };
}

async function readSlice(reader: ByteReader, start: number, length: number): Promise<MachSlice | null> {
  const header = await reader.read(start, 28);
  const magic = header.readUInt32LE(0);
  // Macs are little-endian since 2006; PowerPC files are not read.
  if (magic !== 0xfeedface && magic !== 0xfeedfacf) return null;
  const commandsStart = start + (magic === 0xfeedfacf ? 32 : 28);
  const count = header.readUInt32LE(16);
  const commands = await reader.read(commandsStart, header.readUInt32LE(20));
  // A file of debug information describes segments that it does not hold.
  const isLoadable = header.readUInt32LE(12) in fileTypes;
  if (start + length > reader.size)
    throw new DamagedFile(`a slice ends at ${start + length}, the file has ${reader.size}`);
  let minimumSystem: string | null = null;
  let sdk: string | null = null;
  let signature: MachSlice['signature'] = 'none';
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + 8 > commands.length) throw new DamagedFile(`load command ${index} is outside the table`);
    const command = commands.readUInt32LE(at);
    const size = commands.readUInt32LE(at + 4);
    if (size < 8 || at + size > commands.length)
      throw new DamagedFile(`load command ${index} has ${size} bytes`);
    const end = isLoadable ? segmentEnd(commands.subarray(at, at + size)) : 0;
    if (end > length) throw new DamagedFile(`a segment ends at ${end}, the file has ${length}`);
    if (command === LC_BUILD_VERSION && size >= 20) {
      minimumSystem = version(commands.readUInt32LE(at + 12));
      sdk = version(commands.readUInt32LE(at + 16));
    } else if (command === LC_VERSION_MIN_MACOSX && size >= 16) {
      minimumSystem = version(commands.readUInt32LE(at + 8));
      sdk = version(commands.readUInt32LE(at + 12));
    } else if (command === LC_CODE_SIGNATURE && size >= 16) {
      signature = await readSignature(reader, start + commands.readUInt32LE(at + 8));
    }
    at += size;
  }
  const cpuType = header.readUInt32LE(4);
  return {
    arch: cpuTypes[cpuType] ?? 'unknown',
    cpuType,
    type: fileTypes[header.readUInt32LE(12)] ?? 'other',
    minimumSystem,
    sdk,
    signature,
  };
}

/** Where a load command's segment ends in its slice; 0: it is another command. */
function segmentEnd(command: Buffer): number {
  const type = command.readUInt32LE(0);
  if (type === LC_SEGMENT_64 && command.length >= 72)
    return Number(command.readBigUInt64LE(40) + command.readBigUInt64LE(48));
  return type === LC_SEGMENT && command.length >= 56
    ? command.readUInt32LE(32) + command.readUInt32LE(36)
    : 0;
}

/** `xxxx.yy.zz` packed into 32 bits; the last number only when it is not 0. */
function version(packed: number): string {
  const patch = packed & 0xff;
  return `${packed >>> 16}.${(packed >>> 8) & 0xff}${patch === 0 ? '' : `.${patch}`}`;
}

/** Tell an ad-hoc signature from a real one: a flag in the code directory of the signature's blob. */
async function readSignature(reader: ByteReader, start: number): Promise<MachSlice['signature']> {
  const head = await reader.read(start, 12);
  if (head.readUInt32BE(0) !== 0xfade0cc0) return 'none';
  const count = Math.min(head.readUInt32BE(8), 64);
  const index = await reader.read(start + 12, count * 8);
  for (let entry = 0; entry < count; entry++) {
    if (index.readUInt32BE(entry * 8) !== 0) continue;
    const directory = await reader.read(start + index.readUInt32BE(entry * 8 + 4), 16);
    const isAdhoc = (directory.readUInt32BE(12) & 2) !== 0;
    return isAdhoc ? 'adhoc' : 'identity';
  }
  return 'none';
}
