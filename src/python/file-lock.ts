import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PyInstallerError } from '../errors.js';
import { isAlive, startTimeOf } from './process-identity.js';

/** Who holds a lock: the content of its file. */
interface Holder {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one with the same id; null where the system does not say. */
  readonly startTime: string | null;
}

/** Options of {@link withFileLock}. */
export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called once when another process holds the lock. */
  readonly onWait?: (holder: string) => void;
  /** Milliseconds between looks at a held lock. Default 200. */
  readonly pollMs?: number;
  /** A lock whose holder cannot be judged otherwise is broken after this long without a sign of life. Default 60 000. */
  readonly silentMs?: number;
}

const beatMs = 5_000;

/**
 * Do something while holding a lock that other processes respect. The lock of a dead process is broken; so is one whose
 * holder (on another machine, in another container) has given no sign of life for `silentMs`.
 *
 * @param file absolute path of the lock file; its folder is made.
 * @throws PyInstallerError `ERR_CANCELLED` when cancelled while waiting, `ERR_CACHE` when the folder cannot be written.
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

async function acquire(file: string, token: string, options: LockOptions): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true }).catch((cause: unknown) => {
    throw cannotLock(file, cause);
  });
  const watch = new Silence(options.silentMs ?? 60_000);
  let told = false;
  for (;;) {
    if (options.signal?.aborted === true)
      throw new PyInstallerError('ERR_CANCELLED', 'Cancelled while waiting.');
    if (await tryCreate(file, token)) return;
    const holder = await readHolder(file);
    if (await isStale(file, holder, watch)) {
      await breakLock(file, holder);
      continue;
    }
    if (!told)
      options.onWait?.(holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}`);
    told = true;
    await sleep(options.pollMs ?? 200);
  }
}

async function tryCreate(file: string, token: string): Promise<boolean> {
  const holder: Holder = {
    token,
    pid: process.pid,
    host: hostname(),
    startTime: startTimeOf(process.pid),
  };
  let handle;
  try {
    handle = await open(file, 'wx');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Windows answers EPERM or EBUSY while the file is being deleted by its last holder.
    if (code === 'EEXIST' || ((code === 'EPERM' || code === 'EBUSY') && process.platform === 'win32'))
      return false;
    throw cannotLock(file, cause);
  }
  try {
    await handle.writeFile(JSON.stringify(holder));
  } finally {
    await handle.close();
  }
  return true;
}

function cannotLock(file: string, cause: unknown): PyInstallerError {
  const { code } = cause as NodeJS.ErrnoException;
  return new PyInstallerError('ERR_CACHE', `Could not create the lock ${file} (${code ?? String(cause)}).`, {
    hint: 'Make the cache folder writable or choose another one with `cacheDir`.',
    cause,
  });
}

async function readHolder(file: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    // Gone, or just being written.
    return null;
  }
}

async function isStale(file: string, holder: Holder | null, silence: Silence): Promise<boolean> {
  if (holder !== null && holder.host === hostname()) {
    if (!isAlive(holder.pid)) return true;
    const startTime = startTimeOf(holder.pid);
    if (holder.startTime !== null && startTime !== null) return holder.startTime !== startTime;
  }
  const modified = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
  return modified !== null && silence.lasts(`${holder?.token ?? ''} ${modified}`);
}

/** Measures on our own clock for how long nothing changed: clocks of machines differ, and laptops sleep. */
class Silence {
  private readonly limitMs: number;
  private sign = '';
  private since = 0;

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  lasts(sign: string): boolean {
    if (sign !== this.sign) {
      this.sign = sign;
      this.since = performance.now();
    }
    return performance.now() - this.since > this.limitMs;
  }
}

/** Remove a stale lock, unless somebody else has replaced it in the meantime. Serialised by a second, short lock. */
async function breakLock(file: string, stale: Holder | null): Promise<void> {
  const breaking = `${file}.break`;
  try {
    await (await open(breaking, 'wx')).close();
  } catch {
    const modified = await stat(breaking).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    );
    if (modified !== null && Date.now() - modified > 10_000) await rm(breaking, { force: true });
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
