import { readdir, readFile, readlink } from 'node:fs/promises';
import { verifyMarkerVariable } from './scrubbed-environment.js';

/** A process that outlived its verification. */
export interface Leftover {
  readonly pid: number;
  /** Its command line, shortened. */
  readonly command: string;
}

/**
 * Find processes that carry a verification's mark in their environment, or whose program lies below a folder. Linux only:
 * elsewhere environments cannot be read without tools, and the runtime's own account of what it stopped has to do.
 *
 * @param marker - value of the marker variable.
 * @param folder - absolute.
 */
export async function findLeftovers(marker: string, folder: string): Promise<Leftover[]> {
  if (process.platform !== 'linux') return [];
  const wanted = `${verifyMarkerVariable}=${marker}`;
  const found: Leftover[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    // A process may end, or belong to somebody else, at any moment.
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    const program = await readlink(`/proc/${name}/exe`).catch(() => '');
    if (!environment.split('\0').includes(wanted) && !program.startsWith(`${folder}/`)) continue;
    const state = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // A zombie has ended; only its exit code waits for its parent.
    if (state === '' || /\) [ZX] /.test(state)) continue;
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    found.push({ pid: Number(name), command: command.replaceAll('\0', ' ').trim().slice(0, 200) });
  }
  return found;
}

/**
 * Like {@link findLeftovers}, but gives processes that are just ending a moment.
 *
 * @param withinMs - how long to wait for the last one.
 */
export async function awaitNoLeftovers(
  marker: string,
  folder: string,
  withinMs: number,
): Promise<Leftover[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await findLeftovers(marker, folder);
    if (found.length === 0 || performance.now() >= deadline) return found;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

/** End what {@link findLeftovers} found: it carries our mark, so it is ours. */
export function endLeftovers(leftovers: readonly Leftover[]): void {
  for (const { pid } of leftovers) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself in the meantime.
    }
  }
}
