import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { PyInstallerError } from '../../errors.js';
import type { LockedRequirements } from './lock-file.js';

const entryShape = z.looseObject({
  version: z.string().optional(),
  hashes: z.array(z.string()).optional(),
  markers: z.string().optional(),
  extras: z.array(z.string()).optional(),
  git: z.string().optional(),
  ref: z.string().optional(),
  subdirectory: z.string().optional(),
  path: z.string().optional(),
  file: z.string().optional(),
});
const sources = z.array(z.looseObject({ url: z.string() })).default([]);
const lockShape = z.looseObject({
  _meta: z.looseObject({ sources }).optional(),
  default: z.record(z.string(), entryShape),
});

type Entry = z.infer<typeof entryShape>;

/** What is wanted from a Pipfile.lock. */
export interface PipfileQuery {
  /** Absolute path, for messages and relative paths in it. */
  readonly file: string;
  /** Further categories: `develop`, or names of one's own. */
  readonly groups: readonly string[];
}

/**
 * Turn a parsed `Pipfile.lock` into pinned requirements with hashes. Markers stay in force: the installer evaluates them. Pure.
 *
 * @throws PyInstallerError `ERR_ENVIRONMENT` when it has another form, `ERR_CONFIG` for a category that is not there.
 */
export function readPipfileLock(content: unknown, { file, groups }: PipfileQuery): LockedRequirements {
  const parsed = lockShape.safeParse(content);
  if (!parsed.success) {
    throw new PyInstallerError(
      'ERR_ENVIRONMENT',
      `Could not read the lock file ${file}: it has no packages under "default".`,
      {
        file,
        hint: 'Write it again: `pipenv lock`.',
      },
    );
  }
  const { data } = parsed;
  const wanted = groups.flatMap((name) => {
    const category = z.record(z.string(), entryShape).safeParse(data[name === 'dev' ? 'develop' : name]);
    if (category.success) return Object.entries(category.data);
    const there = Object.keys(data).filter((key) => key !== '_meta' && key !== 'default');
    throw new PyInstallerError(
      'ERR_CONFIG',
      `${file} has no category ${JSON.stringify(name)}. It has: ${there.join(', ') || 'none'}.`,
      {
        file,
        hint: 'Correct the name under `requirements`.',
      },
    );
  });
  const entries = new Map([...Object.entries(data.default), ...wanted]);
  // The project itself: its modules come from the source folders.
  const isItself = ({ path: local }: Entry) =>
    local !== undefined && path.resolve(path.dirname(file), local) === path.dirname(file);
  const others = [...entries].filter(([, entry]) => !isItself(entry));
  const hashed = others.every(
    ([, { hashes, version }]) => version !== undefined && hashes !== undefined && hashes.length > 0,
  );
  const lines = others.map(([name, entry]) => {
    const hashes = hashed ? (entry.hashes ?? []).map((hash) => ` --hash=${hash}`).sort() : [];
    return `${pipRequirement(name, entry, file)}${hashes.join('')}`;
  });
  const indexes = data._meta?.sources.filter(({ url }) => !/^https?:\/\/pypi\.org\//.test(url)) ?? [];
  const options = indexes.map(({ url }) => `--extra-index-url ${url}`);
  return { text: [...options, ...lines.sort(), ''].join('\n'), hashed };
}

const pipfileShape = z.looseObject({
  source: sources.optional(),
  packages: z.record(z.string(), z.union([z.string(), z.looseObject(entryShape.shape)])).default({}),
});

/** Markers that a Pipfile writes as keys of their own: `sys_platform = "== 'win32'"`. */
const markerKeys = [
  'os_name',
  'sys_platform',
  'platform_machine',
  'platform_system',
  'python_version',
  'python_full_version',
];

/** The lines of a requirements file that a parsed `Pipfile` stands for. Pure. */
export function readPipfile(content: unknown, file: string): string[] {
  const parsed = pipfileShape.safeParse(content);
  if (!parsed.success) {
    throw new PyInstallerError(
      'ERR_ENVIRONMENT',
      `Could not read ${file}: its [packages] are not as expected.`,
      {
        file,
        hint: 'Commit its lock (`pipenv lock`) and name Pipfile.lock under `requirements`.',
      },
    );
  }
  const indexes = (parsed.data.source ?? []).filter(({ url }) => !/^https?:\/\/pypi\.org\//.test(url));
  return [
    ...indexes.map(({ url }) => `--extra-index-url ${url}`),
    ...Object.entries(parsed.data.packages).map(([name, value]) => {
      const entry: Entry = typeof value === 'string' ? { version: value } : value;
      const markers = markerKeys.flatMap((key) =>
        typeof entry[key] === 'string' ? [`${key} ${entry[key]}`] : [],
      );
      const all = [...(entry.markers === undefined ? [] : [`(${entry.markers})`]), ...markers];
      return pipRequirement(
        name,
        { ...entry, ...(all.length === 0 ? {} : { markers: all.join(' and ') }) },
        file,
      );
    }),
  ];
}

function pipRequirement(name: string, entry: Entry, file: string): string {
  const extras = entry.extras === undefined || entry.extras.length === 0 ? '' : `[${entry.extras.join(',')}]`;
  const marker = entry.markers === undefined || entry.markers === '' ? '' : ` ; ${entry.markers}`;
  const part = entry.subdirectory === undefined ? '' : `#subdirectory=${entry.subdirectory}`;
  if (entry.git !== undefined)
    return `${name}${extras} @ git+${entry.git}${entry.ref === undefined ? '' : `@${entry.ref}`}${part}${marker}`;
  const local = entry.path ?? entry.file;
  if (local !== undefined) {
    const url = /^[a-z][a-z0-9+.-]+:\/\//i.test(local)
      ? local
      : pathToFileURL(path.resolve(path.dirname(file), local)).href;
    return `${name}${extras} @ ${url}${marker}`;
  }
  const version = entry.version === undefined || entry.version === '*' ? '' : entry.version;
  return `${name}${extras}${/^\d/.test(version) ? `==${version}` : version}${marker}`;
}
