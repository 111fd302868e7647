import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PyInstallerError } from '../../errors.js';
import { cacheError } from './errors.js';
import { isGone, parseOwner, thisOwner, type Owner } from './owner.js';

/** A held lock. */
export interface Lock {
  release(): Promise<void>;
}

/** Options of {@link acquireLock}. */
export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called once when somebody else holds it. */
  readonly onWait?: (owner: Owner | null) => void;
}

const pollMs = 200;
/** The holder touches its lock this often. */
const heartbeatMs = 5_000;
/**
 * A lock that was not touched for this long is nobody's. It matters where a dead process cannot be recognised (another
 * machine on a shared folder, a reused process id). Taking a lock away wrongly costs a second freeze, nothing else:
 * results are published atomically and identical.
 */
const staleMs = 60_000;

/**
 * Take the lock `name`, waiting for whoever holds it.
 *
 * @throws PyInstallerError `ERR_CANCELLED` when aborted while waiting, `ERR_CACHE` when the folder cannot be written.
 */
export async function acquireLock(cacheDir: string, name: string, options: LockOptions = {}): Promise<Lock> {
  const file = path.join(cacheDir, 'locks', `${name}.lock`);
  const owner = thisOwner();
  let waited = false;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    for (;;) {
      if (await tryTake(file, owner)) return hold(file, owner);
      const holder = await readOwner(file);
      if (holder.state === 'stale') {
        await takeAway(file, owner);
        continue;
      }
      if (holder.state === 'held' && !waited) {
        waited = true;
        options.onWait?.(holder.owner);
      }
      await delay(pollMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
    }
  } catch (error) {
    if (options.signal?.aborted === true) {
      throw new PyInstallerError(
        'ERR_CANCELLED',
        'Waiting for another build of the same backend was cancelled.',
        {
          cause: error,
        },
      );
    }
    throw cacheError('Taking a lock in the cache', cacheDir, error);
  }
}

/** Create the lock with its content in one step: a lock without content would look abandoned to others. */
async function tryTake(file: string, owner: Owner): Promise<boolean> {
  const draft = `${file}.${owner.nonce}`;
  await writeFile(draft, JSON.stringify(owner));
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return false;
    // Some network and FAT file systems have no hard links.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS') {
      return await createExclusively(file, owner);
    }
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function createExclusively(file: string, owner: Owner): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(owner), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

type Holder =
  | { readonly state: 'free' }
  | { readonly state: 'stale' }
  | { readonly state: 'held'; readonly owner: Owner | null };

async function readOwner(file: string): Promise<Holder> {
  try {
    const [text, stats] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    if (Date.now() - stats.mtimeMs > staleMs) return { state: 'stale' };
    let parsed: unknown = null;
    try {
      parsed = JSON.parse(text);
    } catch {
      // Half written on a file system without hard links: its age decides.
    }
    const owner = parseOwner(parsed);
    if (owner !== null && isGone(owner)) return { state: 'stale' };
    return { state: 'held', owner };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'free' };
    throw error;
  }
}

/** Move a stale lock aside first: of several waiters exactly one succeeds, and only with the file that was judged. */
async function takeAway(file: string, owner: Owner): Promise<void> {
  const aside = `${file}.${owner.nonce}.stale`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Between judging and renaming the lock may have become somebody's: give it back.
  const moved = await readOwner(aside);
  if (moved.state === 'held') await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

function hold(file: string, owner: Owner): Lock {
  const timer = setInterval(() => {
    const now = new Date();
    void utimes(file, now, now).catch(() => undefined);
  }, heartbeatMs);
  timer.unref();
  return {
    async release() {
      clearInterval(timer);
      const holder = await readOwner(file).catch(() => null);
      // Only when it is still ours: it may have been taken away while this machine slept.
      if (holder?.state === 'held' && holder.owner?.nonce === owner.nonce) await rm(file, { force: true });
    },
  };
}
