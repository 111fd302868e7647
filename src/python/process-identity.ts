import { readFileSync } from 'node:fs';

/** Tell whether a process runs. One that belongs to somebody else does; one that only waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const [state] = readStat(pid) ?? [];
  return state !== 'Z' && state !== 'X';
}

/**
 * When a process was started, in a form that is only good for comparing; null where reading it would cost a process of
 * its own (macOS, Windows) or when there is no such process.
 */
export function startTimeOf(pid: number): string | null {
  const ticks = readStat(pid)?.[19];
  if (ticks === undefined) return null;
  try {
    // Ticks count from the machine's start.
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    return null;
  }
}

/** The fields of /proc/<pid>/stat from the third (the state) on; see proc(5). null where there is no such file. */
function readStat(pid: number): string[] | null {
  if (process.platform !== 'linux') return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
