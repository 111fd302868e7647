import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Write a text file in one step: a reader sees the old content or the new one, never half of it. Missing folders are made.
 *
 * @throws The file system's error; the old file is then as it was.
 */
export async function writeAtomically(file: string, text: string): Promise<void> {
  // In the same folder, because a rename across file systems is not atomic (or fails).
  const temporary = path.join(
    path.dirname(file),
    `.${path.basename(file)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`,
  );
  try {
    await mkdir(path.dirname(temporary), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
