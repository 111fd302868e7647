import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { sha256, sha256OfFile } from '../../lib/hash.js';
import type { Audit } from '../driver/records.js';
import { mapLimited } from '../../lib/map-limited.js';
import { isCodeName } from '../../lib/code-name.js';
import { isInside, relativeInside } from '../../lib/paths.js';

/** Something outside of everything listed that went into a bundle: looked at again at each hit. */
export interface OutsideFile {
  /** Absolute. */
  readonly file: string;
  /** A folder is told by the names in it: a new file may belong to the bundle. Left out: a file. */
  readonly type?: 'folder';
  readonly size: number;
  readonly mtimeMs: number;
  readonly digest: string;
}

/**
 * What went into a bundle from outside of the folders the fingerprint covers: libraries of the system (libssl, libz, …), and
 * what a hand-written spec takes from elsewhere. Nothing knows these before the build, so they are recorded after it and
 * looked at again before the result is used. Of data files and modules also the names beside them: the spec may take the
 * whole folder, and a module that was missing may have come.
 *
 * @param known - Folders whose content is covered by the fingerprint: sources, environment, Python, work folder.
 * @param projectDir - Inside of it the folders above are looked at too, up to it.
 */
export async function outsideFiles(
  audit: Pick<Audit, 'files' | 'origins'>,
  known: readonly string[],
  projectDir: string,
): Promise<OutsideFile[]> {
  const covered = known.filter((folder) => folder !== '').map((folder) => path.resolve(folder) + path.sep);
  const isOutside = (file: string | null): file is string =>
    file !== null && path.isAbsolute(file) && !covered.some((folder) => file.startsWith(folder));
  const collected = audit.files.filter(([, , kind]) => kind !== 'SYMLINK');
  const files = new Set([...collected.map(([, source]) => source), ...audit.origins].filter(isOutside));
  const data = collected.filter(([, , kind]) => kind === 'DATA').map(([, source]) => source);
  const folders = new Set(
    [...data, ...audit.origins].filter(isOutside).flatMap((file) => foldersAbove(file, projectDir)),
  );
  const rows = [
    ...(await mapLimited([...files].sort(), 8, (file) => describeFile(file))),
    ...(await mapLimited([...folders].sort(), 8, (folder) => describeFolder(folder))),
  ];
  return rows.filter((row) => row !== null);
}

/** Data files of the project that PyInstaller collected by itself, with the names beside them: hooks may ask for any. */
export async function takenFiles(
  audit: Pick<Audit, 'files'>,
  folders: readonly string[],
  projectDir: string,
): Promise<OutsideFile[]> {
  const files = audit.files.filter(
    ([, source, kind]) =>
      kind === 'DATA' &&
      source !== null &&
      !isCodeName(source) &&
      folders.some((folder) => isInside(folder, source)),
  );
  return await outsideFiles({ files, origins: [] }, [], projectDir);
}

/** The folder of a file; inside of the project also those above it, without the project itself. */
function foldersAbove(file: string, projectDir: string): string[] {
  const folder = path.dirname(file);
  const relative = relativeInside(projectDir, folder);
  if (relative === null) return [folder];
  if (relative === '.') return [];
  return relative.split('/').map((_, index, parts) => path.join(projectDir, ...parts.slice(0, index + 1)));
}

async function describeFile(file: string): Promise<OutsideFile | null> {
  const stats = await stat(file).catch(() => null);
  if (stats === null || !stats.isFile()) return null;
  return { file, size: stats.size, mtimeMs: stats.mtimeMs, digest: await sha256OfFile(file) };
}

async function describeFolder(folder: string): Promise<OutsideFile | null> {
  const digest = await namesIn(folder);
  return digest === null ? null : { file: folder, type: 'folder', size: 0, mtimeMs: 0, digest };
}

/** Caches and hidden files come and go by themselves. */
async function namesIn(folder: string): Promise<string | null> {
  const names = await readdir(folder).catch(() => null);
  if (names === null) return null;
  return sha256(
    names
      .filter((name) => !name.startsWith('.') && name !== '__pycache__')
      .sort()
      .join('\0'),
  );
}

/** The first of the recorded files and folders that is not as it was; null: all are. */
export async function changedOutside(recorded: readonly OutsideFile[]): Promise<string | null> {
  for (const known of recorded) {
    if (known.type === 'folder') {
      if ((await namesIn(known.file)) !== known.digest) return known.file;
      continue;
    }
    const stats = await stat(known.file).catch(() => null);
    if (stats === null || stats.size !== known.size) return known.file;
    if (stats.mtimeMs !== known.mtimeMs && (await sha256OfFile(known.file)) !== known.digest)
      return known.file;
  }
  return null;
}
