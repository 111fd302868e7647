import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './files.js';

const attempts = 50;
const intervalMs = 20;

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
    await replace(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** On Windows a file cannot be replaced while somebody reads or replaces it: another build, an editor, a virus scanner. */
async function replace(temporary: string, file: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(temporary, file);
      return;
    } catch (error) {
      const isBusy = ['EPERM', 'EACCES', 'EBUSY'].includes(errorCode(error) ?? '');
      if (process.platform !== 'win32' || !isBusy || attempt === attempts) throw error;
    }
    await sleep(intervalMs);
  }
}
