import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../../../src/lib/process-identity.js';

export { isAlive };

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
