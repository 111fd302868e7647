import { fileURLToPath } from 'node:url';
import path from 'node:path';
import * as z from 'zod';
import { PyInstallerError } from '../../errors.js';
import { normalizeName } from '../../lib/text.js';

/** What is wanted from a lock file. */
export interface LockQuery {
  readonly tool: 'poetry' | 'pdm';
  /** Absolute path, for messages and relative paths in it. */
  readonly file: string;
  readonly extras: readonly string[];
  readonly groups: readonly string[];
}

/** A lock file in the words of pip. */
export interface LockedRequirements {
  /** Content of a requirements file; every line is pinned. */
  readonly text: string;
  /** Every line has its hashes. */
  readonly hashed: boolean;
}

const packageShape = z.object({
  name: z.string(),
  version: z.string().optional(),
  groups: z.array(z.string()).optional(),
  optional: z.boolean().optional(),
  /** Poetry: one marker for all groups, or one for each. */
  markers: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  /** PDM. */
  marker: z.string().optional(),
  files: z.array(z.object({ hash: z.string() })).optional(),
  source: z
    .object({
      type: z.string(),
      url: z.string(),
      resolved_reference: z.string().optional(),
      subdirectory: z.string().optional(),
      develop: z.boolean().optional(),
    })
    .optional(),
  git: z.string().optional(),
  revision: z.string().optional(),
  path: z.string().optional(),
  url: z.string().optional(),
  subdirectory: z.string().optional(),
});

const lockShape = z.object({
  package: z.array(packageShape).default([]),
  /** Poetry: the extras of the project. */
  extras: z.record(z.string(), z.unknown()).default({}),
  metadata: z.object({ groups: z.array(z.string()).optional() }).optional(),
});

/** The installer's own index needs no naming; the user's mirror must stay in its place. */
const publicIndex = /^https?:\/\/pypi\.org\//;

type LockedPackage = z.infer<typeof packageShape>;
type Lock = z.infer<typeof lockShape>;

/**
 * Turn a parsed `poetry.lock` (Poetry 2) or `pdm.lock` into pinned requirements with hashes, for the groups and extras
 * wanted. Markers stay in force: the installer evaluates them.
 *
 * Formats: what Poetry 2.1+ (lock-version 2.1) and PDM 2.8+ (lock_version 4.4+) write; both name the groups of each package.
 *
 * @throws PyInstallerError `ERR_ENVIRONMENT` for older formats, which do not say to which group a package belongs.
 */
export function readLock(content: unknown, query: LockQuery): LockedRequirements {
  const parsed = lockShape.safeParse(content);
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join('.') ?? '';
    throw unreadable(query, `its entry ${place} is not as expected`);
  }
  const packages = parsed.data.package;
  if (packages.length > 0 && packages.every(({ groups }) => groups === undefined)) {
    throw unreadable(query, 'it does not say to which group a package belongs');
  }
  checkNames(parsed.data, query);
  const wanted = new Set([query.tool === 'poetry' ? 'main' : 'default', ...query.groups]);
  // PDM keeps extras as groups of the same name.
  if (query.tool === 'pdm') for (const extra of query.extras) wanted.add(extra);
  const lines = new Map<string, string>();
  const indexes = new Set<string>();
  let hashed = true;
  for (const entry of packages) {
    const groups = (entry.groups ?? []).filter((group) => wanted.has(group));
    if (groups.length === 0) continue;
    const { requirement, pinned } = nameOf(entry, query);
    const marker = markerOf(entry, groups, query.extras.map(normalizeName));
    if (marker === never) continue;
    if (!pinned || entry.files === undefined || entry.files.length === 0) hashed = false;
    const hashes = pinned ? (entry.files ?? []).map(({ hash }) => ` --hash=${hash}`).sort() : [];
    const line = `${requirement}${marker === '' ? '' : ` ; ${marker}`}`;
    // PDM lists a package once more for each set of its extras.
    lines.set(line, `${line}${hashes.join('')}`);
    const index = entry.source?.type === 'legacy' ? entry.source.url : null;
    if (index !== null && !publicIndex.test(index)) indexes.add(index);
  }
  const options = [...indexes].sort().map((url) => `--extra-index-url ${url}`);
  const body = [...lines.values()].sort().map((line) => (hashed ? line : line.replace(/ --hash=\S+/g, '')));
  return { text: [...options, ...body, ''].join('\n'), hashed };
}

/** A lock of Poetry before 2.1: it does not say to which group a package belongs. Pure. */
export function isWithoutGroups(content: unknown): boolean {
  const parsed = lockShape.safeParse(content);
  if (!parsed.success) return false;
  const packages = parsed.data.package;
  return packages.length > 0 && packages.every(({ groups }) => groups === undefined);
}

/** The versions of everything in a lock, as constraints. Pure. */
export function lockedVersions(content: unknown): {
  readonly pins: readonly string[];
  readonly indexes: readonly string[];
} {
  const packages = lockShape.safeParse(content).data?.package ?? [];
  const fromIndex = packages.filter(({ source }) => source === undefined || source.type === 'legacy');
  const urls = fromIndex.flatMap(({ source }) =>
    source === undefined || publicIndex.test(source.url) ? [] : [source.url],
  );
  const versions = new Map<string, Set<string>>();
  for (const { name, version } of fromIndex) {
    if (version === undefined) continue;
    const known = versions.get(normalizeName(name)) ?? new Set();
    versions.set(normalizeName(name), known.add(version));
  }
  return {
    // One name at several versions differs by marker, which this lock does not tell.
    pins: [...versions]
      .flatMap(([name, known]) => (known.size === 1 ? [`${name}==${[...known][0] ?? ''}`] : []))
      .sort(),
    indexes: [...new Set(urls)].sort(),
  };
}

/** A misspelt group or extra would silently install less. */
function checkNames(lock: Lock, query: LockQuery): void {
  const groups = new Set([
    ...(lock.metadata?.groups ?? []),
    ...lock.package.flatMap((entry) => entry.groups ?? []),
  ]);
  const extras = query.tool === 'poetry' ? new Set(Object.keys(lock.extras).map(normalizeName)) : groups;
  const wrong =
    query.groups.find((group) => !groups.has(group)) ??
    query.extras.find((extra) => !extras.has(query.tool === 'poetry' ? normalizeName(extra) : extra));
  if (wrong === undefined) return;
  const known = [...new Set([...groups, ...extras])].sort().join(', ');
  throw new PyInstallerError(
    'ERR_CONFIG',
    `${query.file} has no group or extra ${JSON.stringify(wrong)}. It has: ${known}.`,
    {
      file: query.file,
      hint: 'Correct the name under `requirements`, or lock again.',
    },
  );
}

function nameOf(entry: LockedPackage, query: LockQuery): { requirement: string; pinned: boolean } {
  const { source } = entry;
  const direct = (url: string) => ({ requirement: `${entry.name} @ ${url}`, pinned: false });
  const folder = (file: string) =>
    direct(
      `file://${encodeURI(path.resolve(path.dirname(query.file), file).replaceAll('\\', '/')).replace(/^(?!\/)/, '/')}`,
    );
  const part = (subdirectory: string | undefined) =>
    subdirectory === undefined ? '' : `#subdirectory=${subdirectory}`;
  if (source?.type === 'git') {
    return direct(`git+${source.url}@${source.resolved_reference ?? 'HEAD'}${part(source.subdirectory)}`);
  }
  if (source?.type === 'url') return direct(source.url);
  if (source?.type === 'directory' || source?.type === 'file') return folder(source.url);
  if (entry.git !== undefined)
    return direct(`git+${entry.git}@${entry.revision ?? 'HEAD'}${part(entry.subdirectory)}`);
  if (entry.path !== undefined)
    return folder(entry.path.startsWith('file:') ? fileURLToPath(entry.path) : entry.path);
  if (entry.url !== undefined) return direct(entry.url);
  if (entry.version === undefined) throw unreadable(query, `the package ${entry.name} has no version`);
  return { requirement: `${entry.name}==${entry.version}`, pinned: true };
}

function markerOf(entry: LockedPackage, groups: readonly string[], extras: readonly string[]): string {
  const { markers } = entry;
  if (entry.marker !== undefined) return entry.marker;
  if (markers === undefined) return '';
  if (typeof markers === 'string') return withoutExtras(markers, extras);
  const each = groups.map((group) => markers[group]);
  // A group without a marker needs the package always.
  if (each.includes(undefined)) return '';
  const distinct = [...new Set(each)].map((marker) => withoutExtras(marker ?? '', extras));
  return distinct.length === 1 ? (distinct[0] ?? '') : distinct.map((marker) => `(${marker})`).join(' or ');
}

const always = 'python_version >= "3"';
const never = 'python_version < "3"';

/**
 * Decide the parts of a marker that ask for an extra of the project itself: an installer given a plain requirements file
 * takes every extra as not wanted.
 */
function withoutExtras(marker: string, extras: readonly string[]): string {
  return marker.replace(/extra\s*(==|!=)\s*["']([^"']+)["']/g, (_, operator: string, extra: string) => {
    const holds = extras.includes(normalizeName(extra)) === (operator === '==');
    return holds ? always : never;
  });
}

function unreadable(query: LockQuery, what: string): PyInstallerError {
  const [program, command, needed] =
    query.tool === 'poetry' ? ['Poetry', 'poetry lock', '2.1'] : ['PDM', 'pdm lock', '2.8'];
  return new PyInstallerError('ERR_ENVIRONMENT', `Could not read the lock file ${query.file}: ${what}.`, {
    file: query.file,
    hint:
      `Write it again with ${program} ${needed} or newer (\`${command}\`). Or use the project's own environment: ` +
      "python.env: 'active'.",
  });
}
