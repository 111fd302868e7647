import { readFile, rm, writeFile } from 'node:fs/promises';
import { beforeEach, expect, test } from 'vitest';
import { typedBackends, typesState, writeTypes, type TypedBackend } from '../../../src/hosts/client/index.js';
import { resolvedConfig } from '../../support/backend.js';
import { writeFiles } from '../../support/files.js';

const generator = {
  version: 'openapi-typescript 7.0.0',
  generate: () =>
    Promise.resolve({ types: 'export type paths = object;\n', events: 'export type events = object;\n' }),
};
const api = { openapi: '3.1.0', paths: { '/a': { get: {} } } };

let backend: TypedBackend;

beforeEach(async () => {
  const folder = await writeFiles({ 'backend/main.py': '' });
  const client = { output: 'src/it.gen.ts' };
  const config = resolvedConfig(folder, {
    'it-s': { entry: { asgi: 'main:app' }, source: 'backend', client },
  });
  const [typed] = typedBackends(config.backends);
  if (typed === undefined) throw new Error('no backend');
  backend = typed;
});

test('types that were written are current, whatever title the API has and however the files are laid out', async () => {
  expect(await typesState(backend, api)).toEqual({ state: 'missing' });
  await writeTypes(backend, api, generator);
  expect(await typesState(backend, { ...api, info: { version: '2' } })).toEqual({ state: 'current' });
  await writeFile(backend.client.document, JSON.stringify(api));
  const text = await readFile(backend.client.output, 'utf8');
  await writeFile(backend.client.output, text.replaceAll('\n', '\r\n'));
  expect(await typesState(backend, api, generator.version)).toEqual({ state: 'current' });
});

test('another API, another generator, a lost or edited document: they are outdated', async () => {
  await writeTypes(backend, api, generator);
  const other = { openapi: '3.1.0', paths: { '/b': { get: {} } } };
  expect(await typesState(backend, other)).toEqual({
    state: 'outdated',
    changes: [
      { route: 'GET /b', details: ['is new'] },
      { route: 'GET /a', details: ['is gone'] },
    ],
  });
  expect(await typesState(backend, api, 'openapi-typescript 7.99.0')).toEqual({
    state: 'outdated',
    changes: [],
  });
  await writeFile(backend.client.document, JSON.stringify(other));
  expect(await typesState(backend, api)).toMatchObject({ state: 'outdated' });
  await rm(backend.client.document);
  expect(await typesState(backend, api)).toEqual({ state: 'outdated', changes: [] });
});
