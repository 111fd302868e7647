import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';

/** Bytes that folders take together, a file with several names counted once. */
export async function diskUse(folders: readonly string[]): Promise<number> {
  const text = await new Promise<string>((resolve) => {
    // What is being deleted meanwhile makes it complain; the sums are right all the same.
    execFile('du', ['-s', '-c', '--block-size=1', ...folders], (_error, stdout) => resolve(stdout));
  });
  return Number.parseInt(/(\d+)\s+total\s*$/.exec(text)?.[1] ?? '0', 10);
}

/** Watches how much folders take. */
export interface DiskWatch {
  /** The most since the last call. */
  takePeak(): number;
  stop(): Promise<void>;
}

/** Look again and again, a second after the last look. */
export async function watchDisk(folders: readonly string[]): Promise<DiskWatch> {
  for (const folder of folders) await mkdir(folder, { recursive: true });
  let peak = 0;
  const stopping = new AbortController();
  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      peak = Math.max(peak, await diskUse(folders));
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  };
  const looking = look();
  return {
    takePeak() {
      const seen = peak;
      peak = 0;
      return seen;
    },
    async stop() {
      stopping.abort();
      await looking;
    },
  };
}
