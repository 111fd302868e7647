/**
 * Reads an asar archive: an 8-byte size prefix, a length-prefixed JSON header, then the files' bytes.
 * Format: https://github.com/electron/asar#format
 */
import path from 'node:path';
import { originalFs } from './original-fs.ts';

/** One node of the header's tree. */
export type ArchiveNode =
  | { readonly files: Readonly<Record<string, ArchiveNode>> }
  | { readonly link: string }
  | {
      readonly size: number;
      /** Decimal string: may exceed what JSON numbers can hold. Absent when unpacked. */
      readonly offset?: string;
      readonly executable?: boolean;
      readonly unpacked?: boolean;
    };

/** The parsed header and where the files' bytes begin. */
export interface ArchiveHeader {
  readonly root: ArchiveNode;
  readonly dataOffset: number;
}

/** Read the header of an archive. */
export function readArchiveHeader(archive: string): ArchiveHeader {
  const descriptor = originalFs.openSync(archive, 'r');
  try {
    const prefix = readBytes(descriptor, 8, 0);
    const headerSize = prefix.readUInt32LE(4);
    const header = readBytes(descriptor, headerSize, 8);
    // The header is a pickle: payload size, string length, string.
    const json = header.toString('utf8', 8, 8 + header.readUInt32LE(4));
    return { root: JSON.parse(json) as ArchiveNode, dataOffset: 8 + headerSize };
  } finally {
    originalFs.closeSync(descriptor);
  }
}

/** Write everything an archive holds (unpacked files included) below `destination`, which must not exist. */
export function extractArchive(archive: string, destination: string): void {
  const { root, dataOffset } = readArchiveHeader(archive);
  const descriptor = originalFs.openSync(archive, 'r');
  const write = (node: ArchiveNode, inner: string): void => {
    const target = path.join(destination, inner);
    if ('files' in node) {
      originalFs.mkdirSync(target);
      for (const [name, child] of Object.entries(node.files)) write(child, path.join(inner, name));
    } else if ('link' in node) {
      // Links are stored relative to the archive's root.
      const to = path.relative(path.dirname(target), path.join(destination, node.link));
      originalFs.symlinkSync(to, target);
    } else if (node.unpacked === true) {
      originalFs.copyFileSync(path.join(`${archive}.unpacked`, inner), target);
    } else {
      const bytes = readBytes(descriptor, node.size, dataOffset + Number(node.offset));
      originalFs.writeFileSync(target, bytes, { mode: node.executable === true ? 0o755 : 0o644 });
    }
  };
  try {
    write(root, '');
  } finally {
    originalFs.closeSync(descriptor);
  }
}

function readBytes(descriptor: number, size: number, position: number): Buffer {
  const bytes = Buffer.alloc(size);
  let done = 0;
  while (done < size) {
    const count = originalFs.readSync(descriptor, bytes, done, size - done, position + done);
    if (count === 0)
      throw new Error(`The archive ends early: wanted ${size} bytes at ${position}, got ${done}.`);
    done += count;
  }
  return bytes;
}
