/** One architecture of a macOS file to assemble. */
export interface MachOptions {
  /** Default: arm64. */
  readonly arch?: 'arm64' | 'x64';
  /** Default: a library. */
  readonly type?: 'executable' | 'library' | 'bundle';
  /** Bytes of code and data. */
  readonly content?: Uint8Array;
  /** Of 32 bits, as Intel once was; its `arch` is not looked at. */
  readonly narrow?: boolean;
}

/** A page of Apple's processors; slices of universal files begin at one. */
const pageBytes = 16384;
/** Room for load commands, as linkers leave it for tools. */
const headerBytes = 512;
const fileTypes = { executable: 2, library: 6, bundle: 8 } as const;

/** A small Mach-O file without signature: header, `__TEXT`, `__LINKEDIT`, lowest macOS 11, content. */
export function machFile(options: MachOptions = {}): Buffer {
  const { arch = 'arm64', type = 'library', content = Buffer.from('code'), narrow = false } = options;
  const layout = layoutOf(narrow);
  const linkEditBytes = Math.ceil(content.length / 2);
  const commands = [
    segment('__TEXT', 0, headerBytes + content.length - linkEditBytes, narrow),
    segment('__LINKEDIT', headerBytes + content.length - linkEditBytes, linkEditBytes, narrow),
    words(0x32, 24, 1, 0x000b0000, 0x000e0000, 0),
  ];
  const size = commands.reduce((sum, command) => sum + command.length, 0);
  const cpu = narrow ? [7, 3] : arch === 'arm64' ? [0x0100000c, 0] : [0x01000007, 3];
  const head = words(
    narrow ? 0xfeedface : 0xfeedfacf,
    ...cpu,
    fileTypes[type],
    commands.length,
    size,
    0x85,
    ...(narrow ? [] : [0]),
  );
  if (head.length !== layout.head) throw new Error('the header has another length');
  const file = Buffer.concat([head, ...commands, Buffer.alloc(headerBytes)]).subarray(0, headerBytes);
  return Buffer.concat([file, content]);
}

/** How a file is signed. */
export interface SignOptions {
  /** Default: an identity, as a developer's certificate gives one. */
  readonly kind?: 'adhoc' | 'identity';
  /** Bytes of the signature. */
  readonly size?: number;
}

/** Sign a thin file as `codesign` does: at its end, in place of an earlier signature. */
export function signMach(plain: Uint8Array, { kind = 'identity', size = 320 }: SignOptions = {}): Buffer {
  const file = unsigned(plain);
  const narrow = file.readUInt32LE(0) === 0xfeedface;
  const start = Math.ceil(file.length / 16) * 16;
  const signed = Buffer.concat([file, Buffer.alloc(start - file.length), signature(kind, size)]);
  const { head, extents, wide } = layoutOf(narrow);
  let at = head;
  for (let left = signed.readUInt32LE(16); left > 0; left--) {
    if (isLinkEdit(signed, at)) {
      const inFile = signed.length - signed.readUInt32LE(at + extents + 4 + wide * 4);
      signed.writeUInt32LE(Math.ceil(inFile / pageBytes) * pageBytes, at + extents);
      signed.writeUInt32LE(inFile, at + extents + 8 + wide * 8);
    }
    at += signed.readUInt32LE(at + 4);
  }
  words(0x1d, 16, start, signed.length - start).copy(signed, at);
  signed.writeUInt32LE(signed.readUInt32LE(16) + 1, 16);
  signed.writeUInt32LE(signed.readUInt32LE(20) + 16, 20);
  return signed;
}

/** Join architectures; with `wide` as a file with offsets of 64 bits. Each begins at a page. */
export function fatFile(slices: readonly Uint8Array[], wide = false): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(wide ? 0xcafebabf : 0xcafebabe, 0);
  head.writeUInt32BE(slices.length, 4);
  const entries: Buffer[] = [];
  const parts: Buffer[] = [];
  let at = pageBytes;
  for (const slice of slices) {
    const bytes = Buffer.from(slice);
    const entry = Buffer.alloc(wide ? 32 : 20);
    entry.writeUInt32BE(bytes.readUInt32LE(4), 0);
    entry.writeUInt32BE(bytes.readUInt32LE(8), 4);
    if (wide) {
      entry.writeBigUInt64BE(BigInt(at), 8);
      entry.writeBigUInt64BE(BigInt(bytes.length), 16);
      entry.writeUInt32BE(14, 24);
    } else {
      entry.writeUInt32BE(at, 8);
      entry.writeUInt32BE(bytes.length, 12);
      entry.writeUInt32BE(14, 16);
    }
    entries.push(entry);
    const padding = (pageBytes - (bytes.length % pageBytes)) % pageBytes;
    parts.push(bytes, Buffer.alloc(padding));
    at += bytes.length + padding;
  }
  // The last one is not padded.
  parts.pop();
  const table = Buffer.concat([head, ...entries]);
  return Buffer.concat([table, Buffer.alloc(pageBytes - table.length), ...parts]);
}

/** A compiled Java class, which begins with the same four bytes as a universal file. */
export function javaClass(): Buffer {
  return Buffer.concat([Buffer.from('cafebabe00000041', 'hex'), Buffer.alloc(200, 1)]);
}

function layoutOf(narrow: boolean): { head: number; extents: number; wide: 0 | 1 } {
  return narrow ? { head: 28, extents: 28, wide: 0 } : { head: 32, extents: 32, wide: 1 };
}

function isLinkEdit(file: Buffer, at: number): boolean {
  return file.toString('latin1', at + 8, at + 18) === '__LINKEDIT';
}

/** What was there before a signature; padding that it brought stays. */
function unsigned(bytes: Uint8Array): Buffer {
  const file = Buffer.from(bytes);
  let at = file.readUInt32LE(0) === 0xfeedface ? 28 : 32;
  for (let left = file.readUInt32LE(16); left > 0; left--) {
    const size = file.readUInt32LE(at + 4);
    if (file.readUInt32LE(at) === 0x1d) {
      const end = file.readUInt32LE(at + 8);
      file.fill(0, at, at + 16);
      file.writeUInt32LE(file.readUInt32LE(16) - 1, 16);
      file.writeUInt32LE(file.readUInt32LE(20) - 16, 20);
      return file.subarray(0, end);
    }
    at += size;
  }
  return file;
}

/** A blob with a code directory, as far as readers of signatures look. */
function signature(kind: 'adhoc' | 'identity', size: number): Buffer {
  const blob = Buffer.alloc(Math.max(size, 64), 7);
  blob.writeUInt32BE(0xfade0cc0, 0);
  blob.writeUInt32BE(blob.length, 4);
  blob.writeUInt32BE(1, 8);
  blob.writeUInt32BE(0, 12);
  blob.writeUInt32BE(20, 16);
  blob.writeUInt32BE(0xfade0c02, 20);
  blob.writeUInt32BE(kind === 'adhoc' ? 2 : 0, 32);
  return blob;
}

function segment(name: string, offset: number, size: number, narrow: boolean): Buffer {
  const memory = Math.ceil(size / pageBytes) * pageBytes;
  const title = Buffer.alloc(16);
  title.write(name, 'latin1');
  if (narrow) return Buffer.concat([words(1, 56), title, words(offset, memory, offset, size, 7, 5, 0, 0)]);
  return Buffer.concat([words(0x19, 72), title, words(offset, 0, memory, 0, offset, 0, size, 0, 7, 5, 0, 0)]);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
}
