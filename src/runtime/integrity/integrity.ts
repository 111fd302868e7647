import type { Stats } from 'node:fs';
import { isWindows } from '../is-windows.js';
import { digestFiles } from './digest-worker.js';
import type { DigestTask } from './digest-worker.js';
import { BackendError, isBackendError } from '../errors.js';
import { cacheMatches, readIntegrityCache, writeIntegrityCache } from './integrity-cache.js';
import type { FileStamp } from './integrity-cache.js';
import type { IntegrityLevel, ManifestFile } from '../manifest.js';
import { node } from '../node.js';
import { machRanges } from './mach-layout.js';
import { peHeaderBytes, peRanges, type PeRanges } from './pe-layout.js';

/** What is compared with the manifest. */
export interface IntegrityCheck {
  readonly name: string;
  /** Folder of the bundle. */
  readonly directory: string;
  readonly files: readonly ManifestFile[];
  readonly level: Exclude<IntegrityLevel, 'off'>;
  /** Content key of the bundle; a result is remembered under it. */
  readonly key: string;
  /** Where level `cached` remembers; absolute. */
  readonly cacheFile: string;
  readonly signal: AbortSignal;
}

/** One difference. */
export interface IntegrityProblem {
  readonly path: string;
  readonly problem: string;
}

/** Files looked at at the same time. */
const concurrency = 16;

/** Differences named in a message. */
const shown = 5;

/**
 * Compare a bundle with its manifest, off the main thread.
 *
 * What it is for: removed by security software, half an update, a bad disk. What it is not: a protection against somebody who may write to
 * the app's folder; between this look and the start they may still write.
 *
 * @throws BackendError `E_EXE_CORRUPT` naming the files.
 */
export async function checkIntegrity(check: IntegrityCheck): Promise<void> {
  await (
    await lookFirst(check)
  )();
}

/** All differences. Rejects only when the check itself cannot be made. */
export async function findProblems(check: IntegrityCheck): Promise<readonly IntegrityProblem[]> {
  try {
    await checkIntegrity(check);
    return [];
  } catch (error) {
    if (isBackendError(error)) return error.detail as readonly IntegrityProblem[];
    throw error;
  }
}

/**
 * The first half of {@link checkIntegrity}: what can be seen without reading the files.
 *
 * @returns The second half.
 * @throws BackendError `E_EXE_CORRUPT` naming the files; so does the second half.
 */
export async function lookFirst(check: IntegrityCheck): Promise<() => Promise<void>> {
  const { directory, files, level, signal } = check;
  const problems: IntegrityProblem[] = [];
  const stamps: Record<string, FileStamp> = {};
  const present: Extract<ManifestFile, { type: 'file' }>[] = [];
  await eachLimited(files, async (file) => {
    signal.throwIfAborted();
    const problem = await lookAt(directory, file, stamps);
    if (problem !== null) problems.push({ path: file.path, problem });
    else if (file.type === 'file') present.push(file);
  });
  refuse(check, problems);
  return async () => {
    if (level === 'cached' && cacheMatches(await readIntegrityCache(check.cacheFile), check.key, stamps))
      return;
    const hashed = present.filter(
      (file) => file.algorithm.endsWith('sha256') && (level !== 'exe' || file.core),
    );
    const tasks: DigestTask[] = [];
    await eachLimited(hashed, async (file) => {
      const absolute = node.path.join(directory, file.path);
      const size = stamps[file.path]?.size ?? file.size;
      const parts =
        file.algorithm === 'sha256'
          ? undefined
          : await readParts(absolute, size, file.algorithm === 'pe-sha256').catch((error: Error) => error);
      if (parts instanceof Error) problems.push({ path: file.path, problem: unreadable(parts) });
      else if (parts === null)
        problems.push({
          path: file.path,
          problem: `is no ${file.algorithm === 'pe-sha256' ? 'Windows' : 'macOS'} program any more`,
        });
      else tasks.push({ file: absolute, ranges: parts?.ranges ?? null, padding: parts?.padding ?? 0, size });
    });
    const expected = new Map(hashed.map((file) => [node.path.join(directory, file.path), file]));
    for (const answer of await digestFiles(tasks, signal)) {
      const file = expected.get(answer.file);
      if (file === undefined || answer.digest === file.digest) continue;
      problems.push({
        path: file.path,
        problem: answer.digest === null ? `cannot be read: ${answer.error ?? '?'}` : 'has other content',
      });
    }
    if (problems.length === 0 && level === 'cached')
      await writeIntegrityCache(check.cacheFile, { key: check.key, files: stamps });
    refuse(check, problems);
  };
}

function refuse(check: IntegrityCheck, problems: IntegrityProblem[]): void {
  if (problems.length === 0) return;
  problems.sort((a, b) => (a.path < b.path ? -1 : 1));
  const listed = problems.slice(0, shown).map(({ path, problem }) => `${path} (${problem})`);
  const more = problems.length > shown ? ` and ${problems.length - shown} more` : '';
  throw new BackendError(
    'E_EXE_CORRUPT',
    `Checking the backend "${check.name}" in ${check.directory}: ${listed.join(', ')}${more}`,
    {
      phase: 'verifying',
      hint: 'An interrupted update, a failing disk, or security software (see its quarantine). Install the app again.',
      detail: problems,
    },
  );
}

function unreadable({ code, message }: NodeJS.ErrnoException): string {
  return `cannot be read: ${code ?? message}`;
}

/** Existence, kind, size, mode, target of a link. */
async function lookAt(
  directory: string,
  file: ManifestFile,
  stamps: Record<string, FileStamp>,
): Promise<string | null> {
  const absolute = node.path.join(directory, file.path);
  // Half as long as by `promises`, which counts with thousands of files.
  const stat = await new Promise<Stats | NodeJS.ErrnoException>((resolve) =>
    node.fs.lstat(absolute, (error, found) => resolve(error ?? found)),
  );
  if (stat instanceof Error)
    return stat.code === 'ENOENT' || stat.code === 'ENOTDIR' ? 'is missing' : unreadable(stat);
  if (file.type === 'link') {
    if (!stat.isSymbolicLink()) return 'is no link any more';
    const target = await node.fs.promises.readlink(absolute);
    return target === file.target ? null : `links to ${target} instead of ${file.target}`;
  }
  if (!stat.isFile()) return 'is no file any more';
  if (file.executable && !isWindows && (stat.mode & 0o111) === 0) return 'is not executable';
  stamps[file.path] = { size: stat.size, mtimeMs: stat.mtimeMs, ctimeMs: stat.ctimeMs, ino: stat.ino };
  if (file.algorithm === 'sha256')
    return stat.size === file.size ? null : `has ${stat.size} bytes instead of ${file.size}`;
  // A signature makes it longer.
  if (file.algorithm.endsWith('sha256'))
    return stat.size >= file.size ? null : `has only ${stat.size} bytes instead of ${file.size}`;
  // Sealed by the signature.
  return stat.size > 0 ? null : 'is empty';
}

async function readParts(file: string, size: number, isWindowsProgram: boolean): Promise<PeRanges | null> {
  const handle = await node.fs.promises.open(file, 'r');
  const read = async (at: number, length: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
    return buffer.subarray(0, bytesRead);
  };
  try {
    return isWindowsProgram ? peRanges(await read(0, peHeaderBytes), size) : await machRanges(read, size);
  } finally {
    await handle.close();
  }
}

async function eachLimited<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
