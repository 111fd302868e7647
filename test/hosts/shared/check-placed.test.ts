import { chmod, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestBundle } from '../../../src/bundle/index.js';
import { failOnProblems, findPlacementProblems } from '../../../src/hosts/shared/check-placed.js';
import type { Manifest } from '../../../src/runtime/manifest.js';
import { writeFiles } from '../../support/files.js';
import { fakeFile, fakeFrozen } from './fakes.js';

const files = [
  fakeFile('engine', { executable: true }),
  fakeFile('_internal/libpython.so'),
  { type: 'link', path: '_internal/lib.so', target: 'libpython.so' } as const,
];
const manifest: Manifest = { version: 1, backends: { engine: fakeFrozen('/bundle', files).manifest } };

async function placed(): Promise<string> {
  const resources = await writeFiles({ 'engine/engine': '', 'engine/_internal/libpython.so': '' });
  await chmod(path.join(resources, 'engine/engine'), 0o755);
  await symlink('libpython.so', path.join(resources, 'engine/_internal/lib.so'));
  return resources;
}

test('a backend that arrived whole has no problems', async () => {
  expect(await findPlacementProblems(await placed(), manifest, 'linux')).toEqual([]);
});

test.each([
  ['a missing file', (dir: string) => rm(path.join(dir, 'engine/_internal/libpython.so')), 'is missing'],
  [
    'a program that lost its permission',
    (dir: string) => chmod(path.join(dir, 'engine/engine'), 0o644),
    'is not executable',
  ],
  [
    'a link that was followed',
    async (dir: string) => {
      await unlink(path.join(dir, 'engine/_internal/lib.so'));
      await writeFiles({ 'engine/_internal/lib.so': '' }, dir);
    },
    'is no longer a symbolic link',
  ],
  [
    'a link that was rewritten',
    async (dir: string) => {
      await unlink(path.join(dir, 'engine/_internal/lib.so'));
      await symlink('/build/libpython.so', path.join(dir, 'engine/_internal/lib.so'));
    },
    'points to /build/libpython.so instead of libpython.so',
  ],
])('%s is found', async (_name, damage, expected) => {
  const resources = await placed();
  await damage(resources);
  const problems = await findPlacementProblems(resources, manifest, 'linux');
  expect(problems.map(({ problem }) => problem)).toEqual([expected]);
  expect(() => failOnProblems(problems, 'Look there.')).toThrow(new RegExp(`${expected}\\nLook there`));
});

describe('contents', () => {
  /** A bundle of a library and data, as digested, and a placed copy. */
  async function digested(integrity: 'exe' | 'off' = 'exe') {
    const text = { 'engine/engine': 'program', 'engine/_internal/data.bin': 'abc' };
    const bundle = await writeFiles(text);
    const list = await digestBundle(path.join(bundle, 'engine'), { executable: 'engine', platform: 'linux' });
    const { manifest: backend } = fakeFrozen('/bundle', list);
    const settings = { ...backend.settings, integrity };
    const resources = await writeFiles(text);
    await chmod(path.join(resources, 'engine/engine'), 0o755);
    const found = () =>
      findPlacementProblems(
        resources,
        { version: 1, backends: { engine: { ...backend, settings } } },
        'linux',
      );
    return { resources, found };
  }

  test.each([
    ['engine/engine', 'changed', 'is not the file that was frozen'],
    ['engine/engine', 'longer than before', 'has 18 bytes; 7 were frozen'],
    ['engine/_internal/data.bin', 'ab', 'has 2 bytes; 3 were frozen'],
  ])('%s with %j is found', async (file, text, problem) => {
    const { resources, found } = await digested();
    expect(await found()).toEqual([]);
    await writeFile(path.join(resources, file), text);
    expect((await found()).map((one) => one.problem)).toEqual([problem]);
  });

  test('are not looked at when the app will not look at them either', async () => {
    const { resources, found } = await digested('off');
    await writeFile(path.join(resources, 'engine/engine'), 'altered');
    expect(await found()).toEqual([]);
  });
});

test('execute permission is not asked of an app for Windows', async () => {
  const resources = await placed();
  await chmod(path.join(resources, 'engine/engine'), 0o644);
  expect(await findPlacementProblems(resources, manifest, 'win32')).toEqual([]);
});
