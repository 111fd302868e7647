import { symlink } from 'node:fs/promises';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { collectRules } from '../../../src/freeze/fingerprint/data-files.js';
import { makeBackend } from '../support/project.js';

const files = {
  'backend/main.py': '',
  'backend/config/a.json': '',
  'backend/config/deep/er/b.json': '',
  'backend/config/deep/c.txt': '',
  'backend/config/__pycache__/x.pyc': '',
  'models é/one.bin': '',
};

async function collected(data: unknown): Promise<ReadonlySet<string>> {
  const backend = await makeBackend(files, { entry: { asgi: 'main:app' }, data });
  const found = await collectRules(backend, backend.data);
  return new Set(found.map((file) => path.posix.join(file.destination, path.basename(file.source))));
}

test('a glob keeps the path below its fixed part', async () => {
  expect(await collected([{ from: 'backend/config/**/*.json', to: 'config' }])).toEqual(
    new Set(['config/a.json', 'config/deep/er/b.json']),
  );
});

test('a folder is taken whole, without caches', async () => {
  expect(await collected([{ from: 'backend/config', to: 'x/y' }])).toEqual(
    new Set(['x/y/a.json', 'x/y/deep/c.txt', 'x/y/deep/er/b.json']),
  );
});

test('one file goes into the folder named, also with letters outside ASCII', async () => {
  expect(await collected([{ from: 'models é/one.bin', to: 'models é' }])).toEqual(
    new Set(['models é/one.bin']),
  );
});

test('exclude takes files and whole folders away', async () => {
  expect(await collected([{ from: 'backend/config', to: 'c', exclude: ['deep/er', '*.txt'] }])).toEqual(
    new Set(['c/a.json']),
  );
});

test('nothing found is an error with its place, unless it is optional', async () => {
  const backend = await makeBackend(files, {
    entry: { asgi: 'main:app' },
    data: [{ from: 'backend/nothing/*.json', to: 'x', optional: true }],
  });
  expect(await collectRules(backend, backend.data)).toEqual([]);
  const [rule] = backend.data;
  if (rule === undefined) throw new Error('no rule');
  await expect(collectRules(backend, [{ ...rule, optional: false }])).rejects.toMatchObject({
    code: 'ERR_NOT_FOUND',
    path: 'backends.engine.data[0]',
    message: expect.stringContaining('nothing matches') as string,
  });
});

test('a folder that links to its parent is walked once', async () => {
  const backend = await makeBackend(files, {
    entry: { asgi: 'main:app' },
    data: [{ from: 'backend/config', to: 'c' }],
  });
  await symlink('..', path.join(backend.projectDir, 'backend/config/loop'));
  const found = await collectRules(backend, backend.data);
  expect(found.map((file) => path.basename(file.source)).filter((name) => name === 'a.json')).toHaveLength(1);
});

test('destinations never leave the bundle', async () => {
  const backend = await makeBackend(files, {
    entry: { asgi: 'main:app' },
    data: [{ from: 'backend/config', to: 'c' }],
  });
  const [rule] = backend.data;
  if (rule === undefined) throw new Error('no rule');
  const to = fc
    .array(fc.constantFrom('a', 'b', '.'), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'));
  await fc.assert(
    fc.asyncProperty(to, async (folder) => {
      for (const file of await collectRules(backend, [{ ...rule, to: folder }])) {
        expect(file.destination).not.toMatch(/(^\/)|(\.\.)|(\/$)|(\/\.(\/|$))/);
      }
    }),
    { numRuns: 20 },
  );
});
