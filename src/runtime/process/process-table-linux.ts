import { processNames, readProc } from './proc.js';
import { attempt } from '../attempt.js';
import { detachedVariable, instanceVariable } from '../launch/child-environment.js';
import { node } from '../node.js';
import type { ProcessEntry, ProcessTable } from './process-table.js';

/**
 * Parse `/proc/<pid>/stat`. The program's name stands in parentheses and may itself hold spaces and parentheses.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function parseStat(text: string): Omit<ProcessEntry, 'executable'> | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const pid = Number(text.slice(0, open));
  const fields = text.slice(close + 2).split(' ');
  const [state, ppid, group, session] = fields;
  // Field 22 of the manual: start time in clock ticks since boot.
  const started = fields[19];
  if (!Number.isInteger(pid) || state === undefined || started === undefined) return null;
  return {
    pid,
    ppid: Number(ppid),
    group: Number(group),
    session: Number(session),
    started,
    zombie: state === 'Z' || state === 'X',
  };
}

function readStat(pid: number | string): Omit<ProcessEntry, 'executable'> | null {
  try {
    return parseStat(node.fs.readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (error) {
    // Out of descriptors: that says nothing about the process.
    if (['EMFILE', 'ENFILE', 'ENOMEM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return null;
  }
}

function readAll(): readonly ProcessEntry[] {
  const found: ProcessEntry[] = [];
  for (const name of processNames()) {
    const entry = readStat(name);
    if (entry !== null) found.push({ ...entry, executable: null });
  }
  return found;
}

/** Processes of Linux, from `/proc`. */
export const linuxProcessTable: ProcessTable = {
  list: () => new Promise((resolve) => resolve(readAll())),
  startedNow(pid) {
    try {
      const entry = readStat(pid);
      return entry === null || entry.zombie ? null : entry.started;
    } catch {
      return undefined;
    }
  },
  hasMark(pid, instance) {
    const environment = readProc(`${pid}/environ`).split('\0');
    const has = (name: string): boolean => environment.includes(`${name}=${instance}`);
    if (has(detachedVariable)) return false;
    // Also where nothing is to be read: another user's, or an empty one. Then the parents tell.
    if (has(instanceVariable) || readProc(`${pid}/limits`).includes(` ${markingLimit(instance)} `))
      return true;
    return environment.length > 1 ? false : null;
  },
  executable: (pid) =>
    // The kernel marks a file that was replaced since (an update).
    attempt(() => node.fs.readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')),
  command: (pid) => readProc(`${pid}/comm`).trim() || null,
};

/**
 * The companion's second mark (its _mark.py): a limit of real-time computing so high that it never counts. Programs overwrite their
 * environment (to change their title), and daemons start with an empty one; limits are inherited whatever they do.
 */
export function markingLimit(instance: string): string {
  const bit = 1n << 62n;
  return String(bit | (BigInt(`0x${instance}`) & (bit - 1n)));
}
