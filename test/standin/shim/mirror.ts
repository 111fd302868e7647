/**
 * Archives as folders: the first touch of an archive extracts it into a temporary folder of this process (the mirror); paths are
 * translated in both directions. Node's own functions then do the work on the mirror, so that their results are Node's.
 */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { extractArchive } from './archive.ts';
import { originalFs } from './original-fs.ts';

/** A path that leads into an archive (`inner` is empty for the archive itself). */
export interface ArchivePath {
  readonly archive: string;
  readonly inner: string;
}

const prefix = 'electron-stand-in-';
const mirrorRoot = path.join(originalFs.realpathSync(tmpdir()), `${prefix}${process.pid}`);
const archives = new Map<string, boolean>();
const mirrors = new Map<string, string>();

/** Split a path at the first component that is an asar file; null when it leads to no archive. */
export function splitArchivePath(file: string): ArchivePath | null {
  // Electron's documented switch: https://www.electronjs.org/docs/latest/tutorial/asar-archives
  if ((process as { noAsar?: boolean }).noAsar === true || !file.includes('.asar')) return null;
  const absolute = path.resolve(file);
  const parts = absolute.split(path.sep);
  for (let count = 1; count <= parts.length; count += 1) {
    if (!(parts[count - 1] ?? '').endsWith('.asar')) continue;
    const archive = parts.slice(0, count).join(path.sep);
    if (isArchive(archive)) return { archive, inner: parts.slice(count).join(path.sep) };
  }
  return null;
}

function isArchive(file: string): boolean {
  const known = archives.get(file);
  if (known === true) return true;
  const found = originalFs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  if (found) archives.set(file, true);
  return found;
}

/** The mirror's path of a path inside an archive, or null for any other path. */
export function toMirror(file: string): string | null {
  const split = splitArchivePath(file);
  return split === null ? null : path.join(mirrorOf(split.archive), split.inner);
}

/** The other way round: the archive path that a mirror path stands for; any other path comes back as it is. */
export function fromMirror(file: string): string {
  for (const [archive, mirror] of mirrors) {
    if (file === mirror || file.startsWith(mirror + path.sep)) return archive + file.slice(mirror.length);
  }
  return file;
}

function mirrorOf(archive: string): string {
  const known = mirrors.get(archive);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(archive).digest('hex').slice(0, 16);
  const mirror = path.join(mirrorRoot, name);
  originalFs.mkdirSync(mirrorRoot, { recursive: true, mode: 0o700 });
  // Worker threads share the main thread's mirror; extraction is made visible in one step.
  if (!originalFs.existsSync(mirror)) {
    const half = `${mirror}.${process.hrtime.bigint()}`;
    extractArchive(archive, half);
    try {
      originalFs.renameSync(half, mirror);
    } catch (error) {
      originalFs.rmSync(half, { recursive: true, force: true });
      if (!originalFs.existsSync(mirror)) throw error;
    }
  }
  mirrors.set(archive, mirror);
  return mirror;
}

/** Remove what this process, or one that was killed, left in the temporary folder. Main thread only. */
export function sweepMirrors(): void {
  if (!isMainThread) return;
  const folder = path.dirname(mirrorRoot);
  for (const name of originalFs.readdirSync(folder)) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length));
    if (!Number.isInteger(pid) || (pid !== process.pid && isAlive(pid))) continue;
    try {
      originalFs.rmSync(path.join(folder, name), { recursive: true, force: true });
    } catch {
      // Another user's, or being removed by another process right now.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
