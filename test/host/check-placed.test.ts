import { chmod, rm, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { failOnProblems, findPlacementProblems } from '../../src/host/check-placed.js';
import type { Manifest } from '../../src/runtime/manifest.js';
import { writeFiles } from '../support/files.js';
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

test('execute permission is not asked of an app for Windows', async () => {
  const resources = await placed();
  await chmod(path.join(resources, 'engine/engine'), 0o644);
  expect(await findPlacementProblems(resources, manifest, 'win32')).toEqual([]);
});
