import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readProjectTree } from './digest-tree.js';
import { normalizeName } from '../../lib/text.js';
import type { Distribution } from '../types.js';
import { sha256 } from '../../lib/hash.js';
import { isInside } from '../../lib/paths.js';
import { namesIn, readText } from '../../lib/files.js';

/** A distribution as it stands on the disk. */
export interface InstalledDistribution {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of what the installer put there. */
  readonly installDigest: string;
  /** Source tree outside of the environment: of an editable install, or a folder added by a `.pth` file. */
  readonly source: string | null;
}

/**
 * List the distributions installed in package folders, without starting Python.
 *
 * The digest covers the installed files (RECORD holds a hash of each); of an editable install, whose RECORD says nothing
 * about its code, the source tree. Folders that `.pth` files add are listed as distributions named `path:<folder>`.
 *
 * @param sitePackages absolute folders; those that do not exist are skipped.
 * @param without as for {@link addSources}.
 */
export async function listDistributions(
  sitePackages: readonly string[],
  without: readonly string[] = [],
): Promise<Distribution[]> {
  return addSources(await readInstalled(sitePackages), without);
}

/**
 * Complete the digests with those of source trees outside of the environment.
 *
 * @param without folders that somebody else looks after (the backend's sources); absolute.
 */
export async function addSources(
  installed: readonly InstalledDistribution[],
  without: readonly string[] = [],
): Promise<Distribution[]> {
  return Promise.all(
    installed.map(async ({ name, version, installDigest, source }): Promise<Distribution> => {
      if (source === null) return { name, version, recordDigest: installDigest };
      const { digest, codeDigest, dataFiles } = await readProjectTree(source, without);
      const withTree = (tree: string): string => sha256(`${installDigest}\n${tree}`);
      return {
        name,
        version,
        recordDigest: withTree(digest),
        tree: { directory: source, codeDigest: withTree(codeDigest), dataFiles },
      };
    }),
  );
}

/** As {@link listDistributions}, without reading source trees. */
export async function readInstalled(sitePackages: readonly string[]): Promise<InstalledDistribution[]> {
  const found = new Map<string, InstalledDistribution>();
  for (const folder of sitePackages) {
    for (const entry of await namesIn(folder)) {
      const place = path.join(folder, entry);
      const read = entry.endsWith('.dist-info')
        ? await readDistInfo(place)
        : entry.endsWith('.egg-info')
          ? await readEggInfo(place)
          : null;
      // The first folder wins, as for Python itself.
      if (read !== null && !found.has(read.name)) found.set(read.name, read);
    }
  }
  const sources = [...found.values()].map(({ source }) => source).filter((source) => source !== null);
  for (const folder of await pthFolders(sitePackages)) {
    if ([...sources, ...sitePackages].some((outer) => isInside(outer, folder))) continue;
    const name = `path:${folder}`;
    found.set(name, { name, version: '', installDigest: '', source: folder });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The version of an installed distribution; null: not installed. */
export function versionOf(
  distributions: readonly { name: string; version: string }[],
  name: string,
): string | null {
  return distributions.find((distribution) => distribution.name === normalizeName(name))?.version ?? null;
}

/** One digest over a list of distributions. */
export function digestDistributions(
  distributions: readonly (Distribution | InstalledDistribution)[],
): string {
  const rows = distributions.map((row) => [
    row.name,
    row.version,
    'recordDigest' in row ? row.recordDigest : row.installDigest,
  ]);
  return sha256(JSON.stringify(rows));
}

async function readDistInfo(place: string): Promise<InstalledDistribution | null> {
  const metadata = await readText(path.join(place, 'METADATA'));
  if (metadata === null) return null;
  const identity = readIdentity(metadata);
  if (identity === null) return null;
  const record = await readText(path.join(place, 'RECORD'));
  // Distributions of conda and of Linux distributions may have no RECORD: their metadata is all there is.
  const digest = record === null ? sha256(metadata) : sha256(withoutVolatileLines(record));
  return { ...identity, installDigest: digest, source: await editableSource(place) };
}

const volatile =
  /(__pycache__\/|\.dist-info\/(INSTALLER|REQUESTED|RECORD|direct_url\.json|uv_)|^__editable__|^(\.\.\/)+(bin|Scripts)\/)/;

/**
 * Lines of RECORD that differ between two installs of the same thing: byte code, start scripts (they name the
 * environment's path), and who installed it from where.
 */
function withoutVolatileLines(record: string): string {
  return record
    .split(/\r?\n/)
    .filter((line) => !volatile.test(line))
    .sort()
    .join('\n');
}

async function editableSource(place: string): Promise<string | null> {
  const text = await readText(path.join(place, 'direct_url.json'));
  if (text === null) return null;
  try {
    const { url, dir_info: info } = JSON.parse(text) as { url?: unknown; dir_info?: { editable?: unknown } };
    if (info?.editable !== true || typeof url !== 'string' || !url.startsWith('file:')) return null;
    return path.normalize(fileURLToPath(url)).replace(/[\\/]+$/, '');
  } catch {
    return null;
  }
}

async function readEggInfo(place: string): Promise<InstalledDistribution | null> {
  const text = (await readText(path.join(place, 'PKG-INFO'))) ?? (await readText(place));
  const identity = text === null ? null : readIdentity(text);
  if (identity === null || text === null) return null;
  const files = (await readText(path.join(place, 'installed-files.txt'))) ?? '';
  return { ...identity, installDigest: sha256(`${text}\n${files}`), source: null };
}

function readIdentity(metadata: string): { name: string; version: string } | null {
  const head = metadata.split(/\r?\n\r?\n/, 1)[0] ?? '';
  const name = /^Name:\s*(\S+)\s*$/m.exec(head)?.[1];
  const version = /^Version:\s*(\S+)\s*$/m.exec(head)?.[1];
  return name === undefined || version === undefined ? null : { name: normalizeName(name), version };
}

/** Folders that `.pth` files put on `sys.path`. Their `import` lines cannot be understood without running them. */
async function pthFolders(sitePackages: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const folder of sitePackages) {
    for (const entry of await namesIn(folder)) {
      if (!entry.endsWith('.pth') && !entry.endsWith('.egg-link')) continue;
      const text = (await readText(path.join(folder, entry))) ?? '';
      for (const line of text.split(/\r?\n/).map((part) => part.trim())) {
        if (line === '' || line.startsWith('#') || /^import[\s]/.test(line)) continue;
        found.add(path.resolve(folder, line));
      }
    }
  }
  const existing = await Promise.all(
    [...found].map(async (folder) => ((await readdir(folder).catch(() => null)) === null ? null : folder)),
  );
  return existing.filter((folder) => folder !== null).sort();
}
