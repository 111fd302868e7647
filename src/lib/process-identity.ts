import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errorCode } from './files.js';

/** A process that left something behind (a lock, a work folder), so that others can tell whether it still runs. */
export interface ProcessIdentity {
  readonly host: string;
  /** Where the id counts: containers of one host have their own ids, and may have its name. Null except on Linux. */
  readonly pidNamespace: string | null;
  readonly pid: number;
  /** Tells a process from a later one with the same id; null where the system does not say cheaply. */
  readonly startTime: string | null;
}

/** The running process. */
export function thisProcess(): ProcessIdentity {
  return {
    host: hostname(),
    pidNamespace: pidNamespace(),
    pid: process.pid,
    startTime: startTimeOf(process.pid),
  };
}

/** Read an identity from parsed JSON; null: not one. */
export function parseIdentity(value: unknown): ProcessIdentity | null {
  if (typeof value !== 'object' || value === null) return null;
  const { host, pid, ...rest } = value as Record<string, unknown>;
  if (typeof host !== 'string' || typeof pid !== 'number') return null;
  const text = (name: string): string | null => (typeof rest[name] === 'string' ? rest[name] : null);
  return { host, pidNamespace: text('pidNamespace'), pid, startTime: text('startTime') };
}

/**
 * What is known about a process: it runs, it is gone, or nobody can tell (another machine; a process with the same id
 * where start times are not known).
 */
export function fateOf(identity: ProcessIdentity): 'runs' | 'gone' | 'unknown' {
  if (identity.host !== hostname() || identity.pidNamespace !== pidNamespace()) return 'unknown';
  if (!isAlive(identity.pid)) return 'gone';
  const startTime = startTimeOf(identity.pid);
  if (identity.startTime === null || startTime === null) return 'unknown';
  return identity.startTime === startTime ? 'runs' : 'gone';
}

/** Tell whether a process runs. One that belongs to somebody else does; one that only waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
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

/** See pid_namespaces(7). On Windows anybody may have made a folder of that name. */
function pidNamespace(): string | null {
  if (process.platform !== 'linux') return null;
  try {
    return readlinkSync('/proc/self/ns/pid');
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
