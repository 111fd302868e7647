/** Who is alive, read from /proc: to show that an app that ended left nobody behind. */
import { readFile, readdir } from 'node:fs/promises';

/** A process, told from a later one with the same number by its start time. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

interface ProcessRow extends ProcessIdentity {
  readonly parent: number;
  readonly isZombie: boolean;
}

async function listProcesses(): Promise<ProcessRow[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const rows = await Promise.all(names.map((name) => readRow(Number(name))));
  return rows.filter((row) => row !== null);
}

async function readRow(pid: number): Promise<ProcessRow | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The name, in parentheses, may hold anything: count from its end. proc(5): state, ppid, … starttime is field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, parent: Number(fields[1]), startTime: fields[19] ?? '', isZombie: fields[0] === 'Z' };
}

/** A process and everything below it, as it is now. */
export async function processTree(root: number): Promise<ProcessIdentity[]> {
  const all = await listProcesses();
  const tree = all.filter(({ pid }) => pid === root);
  for (let index = 0; index < tree.length; index += 1) {
    tree.push(...all.filter(({ parent }) => parent === tree[index]?.pid));
  }
  return tree.map(({ pid, startTime }) => ({ pid, startTime }));
}

/** Everybody alive who is one of `known`, or whose environment holds `NAME=value`. */
async function survivors(known: readonly ProcessIdentity[], marker: string): Promise<number[]> {
  const alive: number[] = [];
  for (const { pid, startTime, isZombie } of await listProcesses()) {
    if (isZombie || pid === process.pid) continue;
    const isKnown = known.some((one) => one.pid === pid && one.startTime === startTime);
    const environment = isKnown ? '' : await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (isKnown || environment.split('\0').includes(marker)) alive.push(pid);
  }
  return alive;
}

/** What is left. */
export interface Leftovers {
  /** Process ids still alive when the time was up. */
  readonly pids: readonly number[];
  /** Milliseconds until the last one was gone (or the time was up). */
  readonly tookMs: number;
}

/** Wait until nobody of a tree is left, at most `timeoutMs`. */
export async function waitForLeftovers(
  known: readonly ProcessIdentity[],
  marker: string,
  timeoutMs: number,
): Promise<Leftovers> {
  const started = performance.now();
  for (;;) {
    const pids = await survivors(known, marker);
    const tookMs = Math.round(performance.now() - started);
    if (pids.length === 0 || tookMs >= timeoutMs) return { pids, tookMs };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
