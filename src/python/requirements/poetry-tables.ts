import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { PyInstallerError } from '../../errors.js';
import { normalizeName } from '../../lib/text.js';
import type { ProjectQuery } from './project-query.js';

const tableShape = z.looseObject({
  version: z.string().optional(),
  extras: z.array(z.string()).optional(),
  optional: z.boolean().optional(),
  python: z.string().optional(),
  platform: z.string().optional(),
  markers: z.string().optional(),
  git: z.string().optional(),
  branch: z.string().optional(),
  tag: z.string().optional(),
  rev: z.string().optional(),
  subdirectory: z.string().optional(),
  url: z.string().optional(),
  path: z.string().optional(),
  file: z.string().optional(),
});
const dependencyShape = z.union([z.string(), tableShape, z.array(z.union([z.string(), tableShape]))]);
const tablesShape = z.record(z.string(), dependencyShape);

const shape = z.looseObject({
  tool: z.looseObject({
    poetry: z.looseObject({
      dependencies: tablesShape,
      'dev-dependencies': tablesShape.optional(),
      group: z.record(z.string(), z.looseObject({ dependencies: tablesShape.default({}) })).optional(),
      extras: z.record(z.string(), z.array(z.string())).optional(),
      source: z
        .union([
          z.array(z.looseObject({ url: z.string().optional() })),
          z.looseObject({ url: z.string().optional() }),
        ])
        .optional(),
    }),
  }),
});

type Dependency = z.infer<typeof dependencyShape>;
type Table = z.infer<typeof tableShape>;

/** What Poetry's own tables ask for, in the words of pip. */
export interface PoetryDependencies {
  readonly requirements: readonly string[];
  /** Further package indexes. */
  readonly indexes: readonly string[];
}

/**
 * The dependencies in `[tool.poetry.dependencies]` with the extras and groups wanted; null: there is no such table. Whether
 * the project is itself a package (`package-mode`) makes no difference: its own modules come from the source folders. Pure.
 *
 * @throws PyInstallerError `ERR_CONFIG` for an extra or a group that is not there, and for `||` in a version.
 */
export function poetryDependencies(content: unknown, query: ProjectQuery): PoetryDependencies | null {
  const parsed = shape.safeParse(content);
  if (!parsed.success) return null;
  const { poetry } = parsed.data.tool;
  const wanted = new Set(query.extras.flatMap((name) => extraOf(poetry.extras ?? {}, name, query)));
  const main = Object.entries(poetry.dependencies)
    .filter(([name]) => normalizeName(name) !== 'python')
    .filter(([name, dependency]) => !isOptional(dependency) || wanted.has(normalizeName(name)));
  const groups = query.groups.flatMap((name) => {
    const found =
      Object.entries(poetry.group ?? {}).find(([group]) => normalizeName(group) === normalizeName(name))?.[1]
        .dependencies ?? (normalizeName(name) === 'dev' ? poetry['dev-dependencies'] : undefined);
    // `[dependency-groups]` is everybody's table; who asks for it looks there too.
    return Object.entries(found ?? {});
  });
  const sources = [poetry.source ?? []].flat();
  return {
    requirements: [...main, ...groups].flatMap(([name, dependency]) =>
      requirementsOf(name, dependency, query.file),
    ),
    indexes: sources.flatMap(({ url }) =>
      url === undefined || /^https?:\/\/pypi\.org\//.test(url) ? [] : [url],
    ),
  };
}

/** Groups that Poetry's tables have. Pure. */
export function poetryGroups(content: unknown): string[] {
  const parsed = shape.safeParse(content);
  if (!parsed.success) return [];
  const { poetry } = parsed.data.tool;
  return [...Object.keys(poetry.group ?? {}), ...(poetry['dev-dependencies'] === undefined ? [] : ['dev'])];
}

function extraOf(
  extras: Readonly<Record<string, readonly string[]>>,
  name: string,
  query: ProjectQuery,
): string[] {
  const key = Object.keys(extras).find((candidate) => normalizeName(candidate) === normalizeName(name));
  if (key !== undefined) return (extras[key] ?? []).map(normalizeName);
  const there = Object.keys(extras);
  throw new PyInstallerError(
    'ERR_CONFIG',
    `${query.file} has no extra ${JSON.stringify(name)}. ${there.length === 0 ? 'It has none.' : `It has: ${there.join(', ')}.`}`,
    { file: query.file, hint: 'Correct the name under `requirements`.' },
  );
}

function isOptional(dependency: Dependency): boolean {
  const tables = typeof dependency === 'string' ? [] : [dependency].flat();
  return tables.some((table) => typeof table !== 'string' && table.optional === true);
}

/** One entry of a table; several when it differs by platform or Python. */
export function requirementsOf(name: string, dependency: Dependency, file: string): string[] {
  return [dependency]
    .flat()
    .map((item) => requirementOf(name, typeof item === 'string' ? { version: item } : item, file));
}

function requirementOf(name: string, table: Table, file: string): string {
  const extras = table.extras === undefined || table.extras.length === 0 ? '' : `[${table.extras.join(',')}]`;
  const markers = [
    ...(table.markers === undefined ? [] : [table.markers]),
    ...(table.python === undefined ? [] : [pythonMarker(table.python, file)]),
    ...(table.platform === undefined ? [] : [`sys_platform == "${table.platform}"`]),
  ].filter((marker) => marker !== '');
  const marker =
    markers.length === 0
      ? ''
      : ` ; ${markers.length === 1 ? (markers[0] ?? '') : markers.map((part) => `(${part})`).join(' and ')}`;
  const place = directPlace(table, file);
  return place === null
    ? `${name}${extras}${poetryRange(table.version ?? '*', file)}${marker}`
    : `${name}${extras} @ ${place}${marker}`;
}

function directPlace(table: Table, file: string): string | null {
  const part = table.subdirectory === undefined ? '' : `#subdirectory=${table.subdirectory}`;
  if (table.git !== undefined) {
    const url = table.git.replace(/^(?!\w+:\/\/)([\w.-]+@)?([\w.-]+):(?!\/)/, 'ssh://$1$2/');
    const reference = table.rev ?? table.tag ?? table.branch;
    return `git+${url}${reference === undefined ? '' : `@${reference}`}${part}`;
  }
  if (table.url !== undefined) return `${table.url}${part}`;
  const local = table.path ?? table.file;
  return local === undefined ? null : `${pathToFileURL(path.resolve(path.dirname(file), local)).href}${part}`;
}

function pythonMarker(written: string, file: string): string {
  const range = poetryRange(written, file);
  if (range === '') return '';
  return range
    .split(',')
    .map((comparison) => {
      const [, operator = '', version = ''] = /^([<>=!~]+)(.*)$/.exec(comparison) ?? [];
      const isFull = version.split('.').length > 2 && !version.endsWith('*');
      return `${isFull ? 'python_full_version' : 'python_version'} ${operator} "${version.split('.').length === 1 ? `${version}.0` : version}"`;
    })
    .join(' and ');
}

/**
 * A version of Poetry in the words of PEP 440: `^1.2` is `>=1.2,<2`, `~1.2` is `>=1.2,<1.3`. Pure.
 *
 * @throws PyInstallerError `ERR_CONFIG` for alternatives (`||`), which a requirement cannot have.
 */
export function poetryRange(written: string, file: string): string {
  if (written.includes('|')) {
    throw new PyInstallerError(
      'ERR_CONFIG',
      `${file}: the version ${JSON.stringify(written)} has alternatives, which pip has no word for.`,
      { file, hint: 'Commit a lock file (`poetry lock`): it names one version. Or write one range.' },
    );
  }
  return written
    .trim()
    .replaceAll(/([<>=!~^])\s+/g, '$1')
    .split(/\s*,\s*|\s+/)
    .flatMap((part) => comparisons(part))
    .join(',');
}

function comparisons(part: string): string[] {
  if (part === '*' || part === '') return [];
  const [, operator = '', version = ''] = /^(\^|~=|~|===?|!=|>=|<=|>|<|=)?(.*)$/.exec(part) ?? [];
  const numbers = (/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? '0').split('.').map(Number);
  if (operator === '^') {
    // The first part that is not zero may not change; without one, the last.
    const significant = numbers.findIndex((number) => number !== 0);
    return [`>=${version}`, `<${increased(numbers, significant === -1 ? numbers.length - 1 : significant)}`];
  }
  if (operator === '~') return [`>=${version}`, `<${increased(numbers, Math.min(1, numbers.length - 1))}`];
  if (operator === '' || operator === '=') return [`==${version}`];
  return [`${operator}${version}`];
}

function increased(numbers: readonly number[], index: number): string {
  return [...numbers.slice(0, index), (numbers[index] ?? 0) + 1].join('.');
}
