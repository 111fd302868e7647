import { writeAtomically } from '../../lib/write-atomically.js';
import { readText } from '../../lib/files.js';

/**
 * Write a generated file if its content differs, in one step: a bundler that watches it never sees half a file, and an unchanged
 * one causes no rebuild. Line ends of an existing file are respected (a checkout on Windows may have CRLF).
 *
 * @param file - Absolute path; missing folders are made.
 * @returns True if the file was written.
 * @throws The file system's error when the folder cannot be written.
 */
export async function writeGenerated(file: string, text: string): Promise<boolean> {
  const existing = await readText(file);
  if (existing !== null && existing.replaceAll('\r\n', '\n') === text) return false;
  await writeAtomically(file, text);
  return true;
}
