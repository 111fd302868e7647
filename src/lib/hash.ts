import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Lower-case hexadecimal SHA-256 of a text or of bytes. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Hexadecimal SHA-256 of a file, read in pieces. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  // Not a stream: of a small file that takes longer than its content.
  const handle = await open(file);
  try {
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    for (let read = buffer.length; read === buffer.length;) {
      read = (await handle.read(buffer)).bytesRead;
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}
