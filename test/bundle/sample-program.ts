import { deflateSync } from 'node:zlib';

/** What goes into a {@link sampleProgram}. */
export interface SampleContents {
  /** Modules of the PYZ: name to compressed size; a name ending in `.` is a package. */
  readonly modules?: Readonly<Record<string, number>>;
  /** Entries of the archive: name to type code and content. */
  readonly entries?: Readonly<Record<string, readonly [type: string, content: Uint8Array]>>;
  readonly options?: readonly string[];
}

const int32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
};

/** The part of Python's marshal format that a list of modules needs. */
function marshal(rows: readonly (readonly [string, readonly number[]])[]): Buffer {
  const parts: Buffer[] = [Buffer.from('['), int32(rows.length)];
  for (const [name, numbers] of rows) {
    const text = Buffer.from(name);
    parts.push(Buffer.from([0x29, 2, 0x7a, text.length]), text, Buffer.from([0x29, numbers.length]));
    for (const number of numbers) parts.push(Buffer.from('i'), int32(number));
  }
  return Buffer.concat(parts);
}

function pyz(modules: Readonly<Record<string, number>>): Buffer {
  const blobs: Buffer[] = [];
  const rows: [string, number[]][] = [];
  let at = 17;
  for (const [name, size] of Object.entries(modules)) {
    rows.push([name.replace(/\.$/, ''), [name.endsWith('.') ? 1 : 0, at, size]]);
    blobs.push(Buffer.alloc(size, 1));
    at += size;
  }
  const head = Buffer.alloc(17);
  head.write('PYZ\0');
  head.writeUInt32BE(at, 8);
  return Buffer.concat([head, ...blobs, marshal(rows)]);
}

/** A program file as PyInstaller makes it: bootloader, archive, cookie. */
export function sampleProgram(
  bootloader: Uint8Array,
  { modules = {}, entries = {}, options = [] }: SampleContents,
): Buffer {
  const data: Buffer[] = [];
  const table: Buffer[] = [];
  let at = 0;
  const add = (name: string, type: string, stored: Uint8Array, full: number, compressed: boolean): void => {
    const nameBytes = Buffer.from(`${name}\0`);
    const padded = Buffer.alloc(Math.ceil((18 + nameBytes.length) / 16) * 16 - 18);
    nameBytes.copy(padded);
    const head = Buffer.alloc(18);
    head.writeUInt32BE(18 + padded.length, 0);
    head.writeUInt32BE(at, 4);
    head.writeUInt32BE(stored.length, 8);
    head.writeUInt32BE(full, 12);
    head.writeUInt8(compressed ? 1 : 0, 16);
    head.write(type, 17, 'latin1');
    table.push(head, padded);
    data.push(Buffer.from(stored));
    at += stored.length;
  };
  for (const option of options) add(option, 'o', Buffer.alloc(0), 0, false);
  for (const [name, [type, content]] of Object.entries(entries)) {
    add(name, type, deflateSync(content), content.length, true);
  }
  const archive = pyz(modules);
  add('PYZ.pyz', 'z', archive, archive.length, false);
  const body = Buffer.concat(data);
  const toc = Buffer.concat(table);
  const cookie = Buffer.alloc(88);
  cookie.write('MEI\x0c\x0b\x0a\x0b\x0e', 'latin1');
  cookie.writeUInt32BE(body.length + toc.length + 88, 8);
  cookie.writeUInt32BE(body.length, 12);
  cookie.writeUInt32BE(toc.length, 16);
  cookie.writeUInt32BE(312, 20);
  cookie.write('libpython3.12.so.1.0', 24);
  return Buffer.concat([bootloader, body, toc, cookie]);
}
