import { randomUUID } from 'node:crypto';
import { link, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fateOf, parseIdentity, thisProcess, type ProcessIdentity } from './process-identity.js';
import { errorCode, namesIn, readJson } from './files.js';

/** Who holds a lock: the content of its file. */
interface Holder extends ProcessIdentity {
  /** Tells two holders inside one process apart. */
  readonly token: string;
}

/** Options of {@link withFileLock}. */
export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when another process holds the lock, e.g. with `process 4711 on build-7`. */
  readonly onWait?: (holder: string) => void;
  /** Milliseconds between looks at a held lock. Default 200. */
  readonly pollMs?: number;
  /** A lock whose holder cannot be judged otherwise is broken after this long without a sign of life. Default 60 000. */
  readonly silentMs?: number;
}

const beatMs = 5_000;

/**
 * Do something while holding a lock that other processes respect.
 *
 * The lock of a dead process is broken at once, that of a running one never, however long it takes. Only where nobody can
 * tell (a holder on another machine or in another container; macOS and Windows, where a process id may have been given
 * away anew) the holder's signs of life decide: it touches the file every few seconds, and a lock that stays untouched
 * for `silentMs` while it is watched is taken to have no holder.
 *
 * @param file absolute path of the lock file; its folder is made.
 * @throws The signal's reason when cancelled while waiting, the system's error when the folder cannot be written.
 */
export async function withFileLock<T>(file: string, options: LockOptions, act: () => Promise<T>): Promise<T> {
  const token = randomUUID();
  await acquire(file, token, options);
  const beat = setInterval(() => {
    const now = new Date();
    // A missed beat is harmless; a lock broken by hand shows when it is released.
    utimes(file, now, now).catch(() => undefined);
  }, beatMs);
  beat.unref();
  try {
    return await act();
  } finally {
    clearInterval(beat);
    const holder = await readHolder(file);
    if (holder?.token === token) await rm(file, { force: true, maxRetries: 5 });
  }
}

/** Whether somebody who is not certainly gone holds a lock. */
export async function isLocked(file: string): Promise<boolean> {
  const holder = await readHolder(file);
  return holder !== null && fateOf(holder) !== 'gone';
}

/** Remove the locks in a folder (files ending in `.lock`, and their drafts) whose holders are certainly gone. */
export async function removeDeadLocks(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (!/\.lock(?:\.[0-9a-f-]{36})?$/.test(name)) continue;
    const file = path.join(folder, name);
    const holder = await readHolder(file);
    if (holder === null || fateOf(holder) !== 'gone') continue;
    await breakLock(file, holder, new Silence(breakingMs));
  }
}

async function acquire(file: string, token: string, options: LockOptions): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const { signal, pollMs = 200, silentMs = 60_000 } = options;
  const watch = new Silence(silentMs);
  const breaking = new Silence(breakingMs);
  let told = false;
  for (;;) {
    signal?.throwIfAborted();
    if (await tryCreate(file, token)) return;
    const holder = await readHolder(file);
    if (await isStale(file, holder, watch)) {
      await breakLock(file, holder, breaking);
      continue;
    }
    if (!told)
      options.onWait?.(holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}`);
    told = true;
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Create the lock with its content in one step: a lock without content would look like one that is being written. */
async function tryCreate(file: string, token: string): Promise<boolean> {
  const text = JSON.stringify({ token, ...thisProcess() } satisfies Holder);
  const draft = `${file}.${token}`;
  try {
    await writeFile(draft, text);
    return await link(draft, file).then(
      () => true,
      (error: unknown) => {
        if (isTaken(error)) return false;
        if (!hasNoLinks(error)) throw error;
        return createExclusively(file, text);
      },
    );
  } finally {
    await rm(draft, { force: true, maxRetries: 5 });
  }
}

async function createExclusively(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    // Windows answers EPERM or EBUSY while the file is being deleted by its last holder.
    const code = errorCode(error);
    if (isTaken(error) || ((code === 'EPERM' || code === 'EBUSY') && process.platform === 'win32'))
      return false;
    throw error;
  }
}

function isTaken(error: unknown): boolean {
  return errorCode(error) === 'EEXIST';
}

/** Some network and FAT file systems have no hard links; Windows says EPERM also while the file is being deleted. */
function hasNoLinks(error: unknown): boolean {
  const code = errorCode(error);
  return (
    code !== undefined && ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'UNKNOWN'].includes(code)
  );
}

async function readHolder(file: string): Promise<Holder | null> {
  // No JSON: gone, or just being written.
  const value = (await readJson(file)) as { token?: unknown } | undefined;
  const identity = parseIdentity(value);
  return identity === null || typeof value?.token !== 'string' ? null : { ...identity, token: value.token };
}

async function isStale(file: string, holder: Holder | null, silence: Silence): Promise<boolean> {
  const fate = holder === null ? 'unknown' : fateOf(holder);
  if (fate !== 'unknown') return fate === 'gone';
  const modified = await modifiedMs(file);
  return modified !== null && silence.lasts(`${holder?.token ?? ''} ${modified}`);
}

async function modifiedMs(file: string): Promise<number | null> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}

/** One look never counts for more than this: between two looks this machine may have slept, and the holder too. */
const lookMs = 2_000;

/** Measures for how long we have watched nothing change. Not by the time of day: clocks differ, and laptops sleep. */
class Silence {
  private readonly limitMs: number;
  private sign: string | null = null;
  private lookedAt = 0;
  private watchedMs = 0;

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  lasts(sign: string): boolean {
    const now = performance.now();
    this.watchedMs = sign === this.sign ? this.watchedMs + Math.min(now - this.lookedAt, lookMs) : 0;
    this.sign = sign;
    this.lookedAt = now;
    return this.watchedMs > this.limitMs;
  }
}

/** Breaking a lock takes two file operations. A process that has not finished them after this time is taken to be dead. */
const breakingMs = 10_000;

/** Remove a stale lock, unless somebody else has replaced it in the meantime. Serialised by a second, short lock. */
async function breakLock(file: string, stale: Holder | null, silence: Silence): Promise<void> {
  const breaking = `${file}.break`;
  try {
    await writeFile(breaking, '', { flag: 'wx' });
  } catch (error) {
    if (!isTaken(error) && process.platform !== 'win32') throw error;
    const modified = await modifiedMs(breaking);
    if (modified !== null && silence.lasts(String(modified))) await rm(breaking, { force: true });
    await sleep(20);
    return;
  }
  try {
    const holder = await readHolder(file);
    if (holder?.token === stale?.token) await rm(file, { force: true, maxRetries: 5 });
  } finally {
    await rm(breaking, { force: true, maxRetries: 5 });
  }
}
