import { sleep } from '../clock.js';
import type { Clock } from '../clock.js';
import { node } from '../node.js';

/** How often, and at which distance, a locked program is tried again. */
const attempts = 50;
const intervalMs = 100;

/**
 * Wait until Windows lets a program be replaced: virus scanners and the indexer hold it for a moment after its end. Elsewhere a running
 * program can always be replaced.
 *
 * @returns False when it is still locked after five seconds.
 */
export async function waitUntilWritable(
  file: string,
  clock: Clock,
  platform: string = process.platform,
  open: (file: string) => Promise<void> = openForWriting,
): Promise<boolean> {
  if (platform !== 'win32') return true;
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      await open(file);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Missing or read-only: not locked.
      if (code !== 'EBUSY' && code !== 'EPERM' && code !== 'EACCES') return true;
    }
    await sleep(clock, intervalMs);
  }
  return false;
}

async function openForWriting(file: string): Promise<void> {
  const handle = await node.fs.promises.open(file, 'r+');
  await handle.close();
}
