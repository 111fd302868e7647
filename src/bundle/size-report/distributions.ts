import path from 'node:path';
import { mapLimited } from '../../lib/map-limited.js';
import { normalizeName } from '../../lib/text.js';
import { namesIn, readText } from '../../lib/files.js';

/** An installed Python distribution, as its `.dist-info` folder describes it. */
export interface Distribution {
  /** As its author writes it, e.g. `PyYAML`. */
  readonly name: string;
  readonly version: string;
  /** Files, relative to site-packages, `/` as separator. */
  readonly files: readonly string[];
  /** What `import` finds: `yaml`, `_yaml`. */
  readonly topLevel: readonly string[];
  /** Normalised names of everything it may require, extras included. */
  readonly requires: readonly string[];
  /** Installed because somebody asked for it, not because something else needs it. */
  readonly requested: boolean;
}

/**
 * Read every distribution installed in the given folders.
 *
 * @param folders - absolute `site-packages` folders (or the contents folder of a bundle, which has the metadata of some).
 */
export async function readDistributions(folders: readonly string[]): Promise<Distribution[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const names = await namesIn(folder);
    found.push(...names.filter((name) => name.endsWith('.dist-info')).map((name) => path.join(folder, name)));
  }
  const read = await mapLimited(found, 16, readDistribution);
  return read.filter((distribution) => distribution !== null);
}

async function readDistribution(folder: string): Promise<Distribution | null> {
  const text = (name: string): Promise<string | null> => readText(path.join(folder, name));
  const metadata = parseMetadata((await text('METADATA')) ?? '');
  if (metadata === null) return null;
  const files = parseRecord((await text('RECORD')) ?? '');
  return { ...metadata, files, topLevel: topLevelOf(files), requested: (await text('REQUESTED')) !== null };
}

/** Read the header of a METADATA file (RFC 822 style); null when it names nothing. */
export function parseMetadata(text: string): Pick<Distribution, 'name' | 'version' | 'requires'> | null {
  const header = text.split(/\r?\n\r?\n/, 1)[0] ?? '';
  const all = (key: string): string[] =>
    [...header.matchAll(new RegExp(`^${key}:[ \\t]*(.+?)[ \\t\\r]*$`, 'gim'))].map((match) => match[1] ?? '');
  const [name] = all('Name');
  if (name === undefined) return null;
  const requires = all('Requires-Dist').map((line) => normalizeName(/^[\w.-]+/.exec(line)?.[0] ?? ''));
  return { name, version: all('Version')[0] ?? '', requires: [...new Set(requires)] };
}

/** Paths of a RECORD file: comma-separated values of which only the first column matters; it may be quoted. */
export function parseRecord(text: string): string[] {
  const files: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const quoted = /^"((?:[^"]|"")*)"/.exec(line);
    const file = quoted === null ? line.split(',', 1)[0] : quoted[1]?.replaceAll('""', '"');
    if (file === undefined || file === '' || file.startsWith('../') || path.isAbsolute(file)) continue;
    files.push(file.replaceAll('\\', '/'));
  }
  return files;
}

const importable = /^([A-Za-z_]\w*)(?:\.(?:py|pyd)|\.(?:cpython-|cp\d|abi3)[^/]*\.(?:so|pyd)|\.so)$/;

function topLevelOf(files: readonly string[]): string[] {
  const names = new Set<string>();
  for (const file of files) {
    const [first = '', ...rest] = file.split('/');
    if (first.includes('.dist-info') || first === '__pycache__') continue;
    if (rest.length === 0) {
      const module = importable.exec(first)?.[1];
      if (module !== undefined) names.add(module);
    } else if (/^[A-Za-z_]\w*$/.test(first) && /\.(?:py|so|pyd)$/.test(file)) {
      names.add(first);
    }
  }
  return [...names].sort();
}

/**
 * Names of the distributions that nothing asked for leads to: neither requested themselves nor required by something
 * that is. Everything a distribution may require counts, whatever the extra or marker, so that nothing needed is named.
 *
 * @param buildTools - normalised names that do not count as asked for although they are.
 */
export function findUnrequested(
  distributions: readonly Distribution[],
  buildTools: ReadonlySet<string>,
): ReadonlySet<string> {
  const byName = new Map(
    distributions.map((distribution) => [normalizeName(distribution.name), distribution]),
  );
  const reached = new Set<string>();
  const pending = [...byName].flatMap(([name, { requested }]) =>
    requested && !buildTools.has(name) ? [name] : [],
  );
  // Without any mark (conda, copied environments) nothing can be said.
  if (pending.length === 0) return new Set();
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    pending.push(...(byName.get(name)?.requires ?? []));
  }
  return new Set([...byName.keys()].filter((name) => !reached.has(name)));
}
