import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DamagedFile, withReader } from '../bundle/binary/reader.js';

interface AsarNode {
  readonly files?: Readonly<Record<string, AsarNode>>;
  /** Decimal text: offsets may exceed what JSON numbers hold exactly. */
  readonly offset?: string;
  readonly size?: number;
  /** The content is in `<archive>.unpacked` instead. */
  readonly unpacked?: boolean;
}

/**
 * Read one file out of an asar archive.
 *
 * The format is a Chromium pickle with a JSON tree, then the files one after the other
 * (https://github.com/electron/asar#format).
 *
 * @param archive - absolute path of the `.asar`.
 * @param file - path inside it, `/` as separator.
 * @returns null when the archive has no such file.
 * @throws DamagedFile when the archive is none.
 */
export function readFromAsar(archive: string, file: string): Promise<Buffer | null> {
  return withReader(archive, async (reader, handle) => {
    const head = await reader.read(0, 16);
    const headerBytes = head.readUInt32LE(4);
    const textBytes = head.readUInt32LE(12);
    if (head.readUInt32LE(0) !== 4 || textBytes > headerBytes) throw new DamagedFile('it is no asar archive');
    let node: AsarNode | undefined = parse((await reader.read(16, textBytes)).toString('utf8'));
    for (const part of file.split('/')) {
      node = child(node, part);
      if (node === undefined) return null;
    }
    if (node.unpacked === true) return readFile(path.join(`${archive}.unpacked`, file));
    if (node.size === undefined || node.offset === undefined) return null;
    const content = Buffer.alloc(node.size);
    const { bytesRead } = await handle.read(content, 0, node.size, 8 + headerBytes + Number(node.offset));
    if (bytesRead < node.size) throw new DamagedFile(`${file} is not complete in it`);
    return content;
  });
}

function child({ files }: AsarNode, name: string): AsarNode | undefined {
  return files !== undefined && Object.hasOwn(files, name) ? files[name] : undefined;
}

function parse(text: string): AsarNode {
  try {
    return JSON.parse(text) as AsarNode;
  } catch {
    throw new DamagedFile('the list of files in it is no JSON');
  }
}
