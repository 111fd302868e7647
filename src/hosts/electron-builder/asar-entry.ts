import { open } from 'node:fs/promises';

/**
 * Tell whether an asar archive has a file in its root. Only the header is read.
 *
 * The header is JSON behind four little-endian numbers; the fourth is its length
 * (https://github.com/electron/asar#format).
 */
export async function asarHasFile(archive: string, name: string): Promise<boolean> {
  const file = await open(archive, 'r');
  try {
    const sizes = Buffer.alloc(16);
    await file.read(sizes, 0, 16, 0);
    const header = Buffer.alloc(sizes.readUInt32LE(12));
    await file.read(header, 0, header.length, 16);
    const { files } = JSON.parse(header.toString('utf8')) as { files?: Record<string, unknown> };
    return files !== undefined && Object.hasOwn(files, name);
  } finally {
    await file.close();
  }
}
