import { stat } from 'node:fs/promises';
import path from 'node:path';
import { mapLimited } from '../bundle/index.js';
import type { SystemFile } from './cache/store.js';
import { hashFile } from './fingerprint/stat-cache.js';
import type { Audit } from './records.js';

/**
 * Files that were taken from the system (libssl, libz, …): nothing in the fingerprint knows them before the build, so
 * they are recorded after it and looked at again before the result is used.
 *
 * @param known - Folders whose content is covered by the fingerprint: sources, environment, Python, work folder.
 */
export async function systemFilesOf(audit: Audit, known: readonly string[]): Promise<SystemFile[]> {
  const covered = known.filter((folder) => folder !== '').map((folder) => path.resolve(folder) + path.sep);
  const sources = new Set(
    audit.files.flatMap(([, source, kind]) =>
      source !== null &&
      kind !== 'SYMLINK' &&
      path.isAbsolute(source) &&
      !covered.some((folder) => source.startsWith(folder))
        ? [source]
        : [],
    ),
  );
  const rows = await mapLimited([...sources].sort(), 8, async (file): Promise<SystemFile | null> => {
    const stats = await stat(file).catch(() => null);
    if (stats === null || !stats.isFile()) return null;
    return { file, size: stats.size, mtimeMs: stats.mtimeMs, digest: await hashFile(file) };
  });
  return rows.filter((row) => row !== null);
}
