import { randomBytes } from 'node:crypto';
import { access, chmod, constants, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fateOf, parseIdentity, thisProcess, type ProcessIdentity } from '../../lib/process-identity.js';
import { sha256 } from '../../lib/hash.js';
import { cacheError } from '../../advice/file-system.js';
import { readJson, namesIn } from '../../lib/files.js';

/** A private folder for one freeze. */
export interface Workspace {
  readonly directory: string;
  /** Remove it, whatever is in it. Never throws. */
  dispose(): Promise<void>;
}

/** Folders without an owner file are removed when they are older than this: their maker died between two lines. */
const unownedMs = 60 * 60 * 1000;

/**
 * Make sure that the cache can be written, before anything is begun.
 *
 * @throws PyInstallerError `ERR_CACHE` with the reason.
 */
export async function assertWritable(cacheDir: string): Promise<void> {
  try {
    await mkdir(cacheDir, { recursive: true });
    // Making folders below a read-only one fails with the misleading ENOENT; asking for access tells the truth.
    await access(cacheDir, constants.W_OK);
  } catch (error) {
    throw cacheError('Using the cache', cacheDir, error);
  }
}

/** Make a private folder inside the cache, after removing those whose makers are dead. */
export async function openWorkspace(cacheDir: string): Promise<Workspace> {
  const root = path.join(cacheDir, 'work');
  const owner = thisProcess();
  const directory = path.join(root, folderName(owner));
  try {
    await sweepWorkspaces(cacheDir);
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, 'owner.json'), `${JSON.stringify(owner)}\n`);
  } catch (error) {
    throw cacheError('Making a work folder in the cache', cacheDir, error);
  }
  return { directory, dispose: () => removeTree(directory) };
}

/** The name says who made it, for the case that the maker died before it could write so inside. */
function folderName(owner: ProcessIdentity): string {
  return `${owner.pid}-${randomBytes(4).toString('hex')}-${placeDigest(owner)}`;
}

/** Where a process id counts, in a few letters. */
function placeDigest({ host, pidNamespace }: ProcessIdentity): string {
  return sha256(`${host} ${pidNamespace ?? ''}`).slice(0, 6);
}

/** Remove work folders whose makers are dead. Returns how many. */
export async function sweepWorkspaces(cacheDir: string, now = Date.now()): Promise<number> {
  const root = path.join(cacheDir, 'work');
  const names = await namesIn(root);
  let removed = 0;
  for (const name of names) {
    const directory = path.join(root, name);
    if (!(await isAbandoned(directory, now))) continue;
    await removeTree(directory);
    removed += 1;
  }
  return removed;
}

async function isAbandoned(directory: string, now: number): Promise<boolean> {
  const owner = parseIdentity(await readJson(path.join(directory, 'owner.json')));
  if (owner !== null) return fateOf(owner) === 'gone';
  const [, pid = '', place = ''] = /^(\d+)-[0-9a-f]{8}-([0-9a-f]{6})$/.exec(path.basename(directory)) ?? [];
  const here = thisProcess();
  if (place === placeDigest(here)) return fateOf({ ...here, pid: Number(pid), startTime: null }) === 'gone';
  const stats = await stat(directory).catch(() => null);
  return stats !== null && now - stats.mtimeMs > unownedMs;
}

/** Remove a tree, read-only folders included; on Windows files may be held for a moment by virus scanners. Never throws. */
export async function removeTree(directory: string): Promise<void> {
  const remove = (): Promise<void> =>
    rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  await remove()
    .catch(async () => {
      await allowRemoval(directory);
      await remove();
    })
    .catch(() => undefined);
}

/** What is in a folder can only be deleted by who may write into the folder. */
async function allowRemoval(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await allowRemoval(path.join(directory, entry.name));
  }
}
