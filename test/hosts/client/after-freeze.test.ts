import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { FrozenBackend } from '../../../src/bundle/frozen.js';
import { freezeAndType } from '../../../src/hosts/client/after-freeze.js';
import { typedBackends } from '../../../src/hosts/client/index.js';
import { keptDocument } from '../../../src/hosts/client/kept-document.js';
import { typesText } from '../../../src/hosts/client/types-file.js';
import type { EngineEvent } from '../../../src/report.js';
import { resolvedConfig } from '../../support/backend.js';
import { writeFiles } from '../../support/files.js';

const before = { openapi: '3.1.0', paths: { '/a': { get: {} } } };
const after = { openapi: '3.1.0', paths: { '/b': { get: {} } } };

/** A library as far as it is used; the real one is tried in generate.e2e.test.ts. */
const library = {
  'node_modules/openapi-typescript/package.json':
    '{ "name": "openapi-typescript", "version": "7.1.0", "exports": { ".": "./index.cjs", "./package.json": "./package.json" } }',
  'node_modules/openapi-typescript/index.cjs':
    'exports.default = async (document) => [document];\nexports.astToString = ([document]) => `export type paths = ${JSON.stringify(document.paths)};\\n`;\n',
  'node_modules/typescript/package.json': '{ "name": "typescript", "version": "5.9.3" }',
};

/** A project whose types are of `before`, and a freeze that answers with a document. */
async function project(files: Readonly<Record<string, string>> = library) {
  const folder = await writeFiles({ 'backend/main.py': '', ...files });
  const client = { output: 'src/engine.api.gen.ts' };
  const entry = { asgi: 'main:app' };
  const { backends } = resolvedConfig(folder, {
    engine: { entry, source: 'backend', client },
    plain: { entry, source: 'backend' },
  });
  const [engine] = typedBackends(backends);
  if (engine === undefined) throw new Error('no backend');
  const made = { types: '', events: '' };
  await mkdir(path.join(folder, 'src'));
  await writeFile(engine.client.output, typesText('engine', before, 'openapi-typescript 7.1.0', made));
  await writeFile(engine.client.document, JSON.stringify(before));
  const events: EngineEvent[] = [];
  const build = (document?: object, meanwhile: () => Promise<void> = () => Promise.resolve()) =>
    freezeAndType(
      backends,
      { cacheDir: path.join(folder, 'cache'), report: (event: EngineEvent) => events.push(event) },
      async (all) => {
        await meanwhile();
        return all.map((backend) => ({ backend, document }) as FrozenBackend);
      },
    );
  const types = () => readFile(engine.client.output, 'utf8');
  return {
    folder,
    engine,
    build,
    types,
    warnings: () => events.flatMap((one) => ('message' in one ? [one.message] : [])),
  };
}

test('a build whose program answers with another API writes the types anew, and says by route what is different', async () => {
  const { engine, build, types, warnings } = await project();
  expect(await build(after)).toHaveLength(2);
  expect(await types()).toContain('export type paths = {"/b":{"get":{}}};');
  expect(JSON.parse(await readFile(engine.client.document, 'utf8'))).toEqual(after);
  expect(warnings()).toEqual([
    'The types of its API (src/engine.api.gen.ts) were out of date and are written anew; what was compiled with the old ones does not know of this:\n  GET /b: is new\n  GET /a: is gone',
  ]);
  await build(after);
  expect(warnings()).toHaveLength(1);
});

test('the same API changes no file, and its document is kept for `generate` until a source changes', async () => {
  const { folder, engine, build, types, warnings } = await project();
  const text = await types();
  await build(before);
  expect([await types(), warnings(), await keptDocument(engine)]).toEqual([text, [], before]);
  await writeFile(path.join(folder, 'backend/main.py'), 'x = 1\n');
  expect(await keptDocument(engine)).toBeNull();
});

test('a document of sources that were edited while it was frozen is not kept as that of the new ones', async () => {
  const { folder, engine, build } = await project();
  await build(before, () => writeFile(path.join(folder, 'backend/main.py'), 'x = 2\n'));
  expect(await keptDocument(engine)).toBeNull();
});

test('a bundle that was not run leaves the types alone', async () => {
  const { build, types, warnings } = await project();
  const text = await types();
  await build();
  expect([await types(), warnings()]).toEqual([text, []]);
});

test('types that cannot be written are a warning, and the bundle is made', async () => {
  const broken = { ...library, 'node_modules/openapi-typescript/index.cjs': "throw new Error('broken');\n" };
  const { build, warnings } = await project(broken);
  expect(await build(after)).toHaveLength(2);
  expect(warnings()).toEqual(['The types of its API (src/engine.api.gen.ts) could not be written: broken']);
});
