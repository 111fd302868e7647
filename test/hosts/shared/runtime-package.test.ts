import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import {
  hasRuntimePackage,
  runtimePackageFolder,
  shippedPackageWarning,
  writeRuntimePackage,
} from '../../../src/hosts/shared/runtime-package.js';
import { writeFiles } from '../../support/files.js';

test('an app finds the runtime in it by import and by require, and nothing of the build', async () => {
  const app = await writeFiles({
    'package.json': '{}',
    'a.cjs': "console.log(typeof require('electron-pyinstaller/runtime').createBackend)",
    'b.mjs':
      "import { createBackend, isBackendError } from 'electron-pyinstaller/runtime';\nconsole.log(typeof createBackend, typeof isBackendError)",
    'c.cjs': "require('electron-pyinstaller')",
  });
  const folder = path.join(app, runtimePackageFolder);
  expect(await hasRuntimePackage(app)).toBe(false);
  await writeFiles({ 'left over.js': '' }, folder);
  await writeRuntimePackage(folder);
  expect(await hasRuntimePackage(app)).toBe(true);
  expect((await execa('node', ['a.cjs'], { cwd: app })).stdout).toBe('function');
  expect((await execa('node', ['b.mjs'], { cwd: app })).stdout).toBe('function function');
  await expect(execa('node', ['c.cjs'], { cwd: app })).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  const entries = ['client', 'diagnose', 'preload', 'runtime'].flatMap((name) => [
    `${name}.cjs`,
    `${name}.js`,
  ]);
  expect((await readdir(folder)).sort()).toEqual([...entries, 'package.json'].sort());
});

test.each([
  ['{"dependencies":{"electron-pyinstaller":"^1.0.0"}}', /npm install --save-dev electron-pyinstaller/],
  ['{"devDependencies":{"electron-pyinstaller":"^1.0.0"},"dependencies":{"zod":"*"}}', null],
  ['{"dependencies":null}', null],
  ['{}', null],
])('%s is warned of: %s', async (text, expected) => {
  const warning = await shippedPackageWarning(await writeFiles({ 'package.json': text }));
  if (expected === null) expect(warning).toBeNull();
  else expect(warning).toMatch(expected);
});
