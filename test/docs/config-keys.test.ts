import { expect, test } from 'vitest';
import { asRecord } from '../../src/lib/files.js';
import { pageText, readPages } from './markdown.js';

type Schema = Readonly<Record<string, unknown>>;
const root = JSON.parse(await pageText('schema.json')) as Schema;
const definitions = asRecord(root['definitions'] ?? root['$defs']) ?? {};

/** The keys that a value of this schema may have, over all its forms; with the schema of each. */
function keysOf(schema: Schema, seen: readonly string[] = []): Readonly<Record<string, Schema>> {
  const name = typeof schema['$ref'] === 'string' ? schema['$ref'].split('/').at(-1) : undefined;
  if (name !== undefined) {
    const target = asRecord(definitions[name]);
    return target === null || seen.includes(name) ? {} : keysOf(target, [...seen, name]);
  }
  const forms = ['anyOf', 'oneOf', 'allOf'].flatMap((key) =>
    Array.isArray(schema[key]) ? (schema[key] as Schema[]) : [],
  );
  const items = asRecord(schema['items']);
  return Object.assign(
    {},
    ...[...forms, ...(items === null ? [] : [items])].map((form) => keysOf(form, seen)),
    asRecord(schema['properties']),
  ) as Readonly<Record<string, Schema>>;
}

const top = keysOf(root);
const backend = keysOf(asRecord(top['backends']?.['additionalProperties']) ?? {});

/** The first part of a dotted path that the schema has no key for; null: all are there. */
function unknownPart(path: readonly string[]): string | null {
  const [first = ''] = path;
  let keys = first in backend ? backend : first in top ? top : null;
  if (keys === null) return null;
  for (const part of path) {
    const schema: Schema | undefined = keys[part];
    if (schema === undefined) return part;
    keys = keysOf(schema);
    // Free names below (environment variables, names of backends).
    if (Object.keys(keys).length === 0) return null;
  }
  return null;
}

test('every dotted key of the configuration that the pages name is there', async () => {
  const pages = await readPages();
  const isFile = /\.(?:[cm]?[jt]s|json|ya?ml|txt|py|lock|toml|spec|md)$/;
  let checked = 0;
  const unknown = pages.flatMap(({ file, prose }) =>
    prose.flatMap((line, index) =>
      [...(line ?? '').matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z0-9]+)+)(?=[`:])/g)].flatMap(([, path = '']) => {
        const part = isFile.test(path) ? null : unknownPart(path.split('.'));
        checked += 1;
        return part === null ? [] : [`${file}:${index + 1}: ${path}: there is no ${part}`];
      }),
    ),
  );
  expect(unknown).toEqual([]);
  expect(checked).toBeGreaterThan(100);
});

test('a key that does not exist is found', () => {
  expect(unknownPart(['run', 'dev', 'watchh'])).toBe('watchh');
  expect(unknownPart(['run', 'dev', 'watch'])).toBeNull();
  expect(unknownPart(['pyinstaller', 'hidden'])).toBe('hidden');
});
