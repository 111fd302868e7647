import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeJsonSchema, makeTables, readInterfaces, replaceTables } from '../../scripts/config-manual.js';
import { backendSchema, configSchema } from '../../src/config/schema/index.js';
import { plainData } from '../../src/config/check/plain.js';
import { validate } from '../../src/config/check/validate.js';
import { repositoryDir } from '../support/paths.js';
import { coherent, mutate, mutation, validValue } from './arbitrary.js';

const schemaDir = path.join(repositoryDir, 'src/config/schema');
const interfaces = readdirSync(schemaDir)
  .sort()
  .flatMap((name) => readInterfaces(readFileSync(path.join(schemaDir, name), 'utf8')));
const written = (name: string): string => readFileSync(path.join(repositoryDir, name), 'utf8');

test('schema.json is up to date (else: npm run build && npm run gen)', () => {
  expect(JSON.parse(written('schema.json'))).toEqual(makeJsonSchema(configSchema, interfaces));
});

test('the tables of docs/config.md are up to date (else: npm run build && npm run gen)', () => {
  const manual = written('docs/config.md');
  expect(replaceTables(manual, makeTables(interfaces))).toBe(manual);
});

test('no property of schema.json lacks a description, and each is a sentence', () => {
  const lacking: string[] = [];
  let count = 0;
  visit(JSON.parse(written('schema.json')), '');
  expect(lacking).toEqual([]);
  expect(count).toBeGreaterThan(150);

  function visit(node: unknown, place: string): void {
    if (typeof node !== 'object' || node === null) return;
    const { properties } = node as { properties?: Record<string, { description?: string }> };
    for (const [key, value] of Object.entries(properties ?? {})) {
      count += 1;
      if (!/^(?:[A-Z`]|macOS).*[.:]/.test(value.description ?? '')) lacking.push(`${place}.${key}`);
    }
    for (const [key, value] of Object.entries(node)) visit(value, `${place}/${key}`);
  }
});

test('a key without a comment, and an interface without a section, are found', () => {
  const source = '/** A. */\nexport interface Config {\n  backends: string;\n}\n';
  expect(() => makeJsonSchema(configSchema, readInterfaces(source))).toThrow('Config.');
  expect(() => makeTables(readInterfaces(source.replace('Config', 'Other')))).toThrow('no section for Other');
});

interface Ajv {
  compile: (schema: unknown) => (value: unknown) => boolean;
}

test('editors and the build agree: what schema.json refuses is refused, what is accepted fits schema.json', () => {
  // The validator electron-builder brings; formats and `propertyNames` as in draft-7.
  const load = createRequire(createRequire(import.meta.url).resolve('app-builder-lib/package.json'));
  const AjvClass = load('ajv') as new (options: object) => Ajv;
  const fits = new AjvClass({ allErrors: false, unicodeRegExp: true, strict: false }).compile(
    JSON.parse(written('schema.json')),
  );
  const sound = coherent(backendSchema, ['engine', 'db']);
  const input = fc.oneof(
    validValue(configSchema),
    sound,
    fc
      .tuple(sound, fc.array(mutation, { minLength: 1, maxLength: 2 }))
      .map(([value, changes]) => mutate(value, changes)),
  );
  const seen = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(input, (raw) => {
      const { value, problems } = plainData(raw);
      fc.pre(problems.length === 0 && value !== undefined);
      const ours = validate(configSchema, value).length === 0;
      // Rules that are code (reserved names, regular expressions) cannot be said in JSON Schema: it accepts more, never less.
      if (ours) expect(fits(value)).toBe(true);
      if (!fits(value)) expect(ours).toBe(false);
      seen[ours ? 'accepted' : 'refused'] += 1;
    }),
    { numRuns: 1000 },
  );
  expect(seen.accepted).toBeGreaterThan(200);
  expect(seen.refused).toBeGreaterThan(100);
}, 60_000);

test.each([
  [{ entry: { asgi: 'my-app:app' } }, true],
  [{ entry: { module: 'my-app' } }, true],
  [{ entry: { asgi: 'my-app:my-app' } }, false],
  [
    {
      entry: 'm.py',
      hiddenImports: ['my-plugin', 'plugins.my-plugin', 'app.migrations.0001_initial', 'a-b.*'],
    },
    true,
  ],
  [{ entry: 'm.py', hiddenImports: ['my plugin'] }, false],
  [{ entry: 'm.py', hiddenImports: ['-plugin'] }, false],
  [{ entry: 'm.py', excludes: ['my-plugin'], collect: { submodules: ['my-plugins'] } }, true],
] as const)('a name that import_module takes is a module name: %j', (backend, isRight) => {
  expect(validate(configSchema, { backends: { engine: backend } }).length === 0).toBe(isRight);
});
