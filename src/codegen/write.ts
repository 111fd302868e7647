import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Write a generated file if its content differs, in one step: a bundler that watches it never sees half a file, and an unchanged
 * one causes no rebuild. Line ends of an existing file are respected (a checkout on Windows may have CRLF).
 *
 * @param file - Absolute path; missing folders are made.
 * @returns True if the file was written.
 * @throws The file system's error when the folder cannot be written.
 */
export async function writeGenerated(file: string, text: string): Promise<boolean> {
  const existing = await readFile(file, 'utf8').catch(() => null);
  if (existing !== null && existing.replaceAll('\r\n', '\n') === text) return false;
  await mkdir(path.dirname(file), { recursive: true });
  // In the same folder, because a rename across file systems is not atomic (or fails).
  const temporary = path.join(
    path.dirname(file),
    `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return true;
}
