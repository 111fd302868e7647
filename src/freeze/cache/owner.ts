import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a lock or a work folder. */
export interface Owner {
  readonly host: string;
  readonly pid: number;
  /** Tells a process from a later one with the same id; null where the system does not say cheaply. */
  readonly startedAt: string | null;
  /** Tells two holders inside one process apart. */
  readonly nonce: string;
}

/** The running process as an owner. */
export function thisOwner(): Owner {
  return {
    host: hostname(),
    pid: process.pid,
    startedAt: processStart(process.pid),
    nonce: randomBytes(8).toString('hex'),
  };
}

/**
 * When a process started, in ticks since boot; null: not known.
 *
 * Linux only: elsewhere it takes a subprocess, and a lock there is released by its age instead (see lock.ts).
 */
export function processStart(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold anything; the start time is the 22nd field.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** Whether the owner certainly runs no more. False when in doubt (another machine, no permission to ask). */
export function isGone(owner: Owner): boolean {
  if (owner.host !== hostname()) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const now = processStart(owner.pid);
  return owner.startedAt !== null && now !== null && now !== owner.startedAt;
}

/** Read an owner from parsed JSON; null: not one. */
export function parseOwner(value: unknown): Owner | null {
  if (typeof value !== 'object' || value === null) return null;
  const { host, pid, startedAt, nonce } = value as Record<string, unknown>;
  if (typeof host !== 'string' || typeof pid !== 'number' || typeof nonce !== 'string') return null;
  return { host, pid, startedAt: typeof startedAt === 'string' ? startedAt : null, nonce };
}
