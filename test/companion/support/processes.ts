import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { execaSync } from 'execa';

/** Tell whether a process runs. A zombie does not: `kill(pid, 0)` would say that it does. */
export function isAlive(pid: number): boolean {
  if (process.platform === 'linux') {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return !/^[ZX]/u.test(text.slice(text.lastIndexOf(')') + 2));
    } catch {
      return false;
    }
  }
  const state = execaSync('ps', ['-o', 'stat=', '-p', String(pid)], { reject: false }).stdout ?? '';
  return state.trim() !== '' && !state.trim().startsWith('Z');
}

/** Wait until all these are gone; returns the milliseconds it took, or `Infinity` with some still alive at the limit. */
export async function timeUntilGone(pids: readonly number[], limitMs: number): Promise<number> {
  const begin = performance.now();
  while (pids.some(isAlive)) {
    if (performance.now() - begin > limitMs) return Number.POSITIVE_INFINITY;
    await delay(5);
  }
  return performance.now() - begin;
}

/** End a process group that a test started, whatever is left of it. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
