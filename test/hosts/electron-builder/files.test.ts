import { createPackage } from '@electron/asar';
import { readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readFromAsar } from '../../../src/verify/asar.js';
import { hostError } from '../../../src/hosts/electron-builder/host-error.js';
import { repairCopy } from '../../../src/hosts/electron-builder/repair.js';
import { PyInstallerError } from '../../../src/errors.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';

test('a file in the root of an asar is seen; one below it or elsewhere is not', async () => {
  const app = await writeFiles({ 'package.json': '{}', 'electron-pyinstaller.json': '{}', 'a/b.json': '{}' });
  const archive = path.join(await temporaryFolder(), 'app.asar');
  await createPackage(app, archive);
  expect(await readFromAsar(archive, 'electron-pyinstaller.json')).toEqual(Buffer.from('{}'));
  expect(await readFromAsar(archive, 'b.json')).toBe(null);
  expect(await readFromAsar(archive, 'toString')).toBe(null);
});

test('what the copy left out is brought back, what is there stays as it is', async () => {
  const bundle = await writeFiles({
    engine: 'new',
    '_internal/node_modules/x.js': '1',
    'node_modules/y.js': '2',
    '_internal/.DS_Store': '3',
  });
  // Bundles of Windows have none.
  const links = process.platform === 'win32' ? [] : ['link'];
  for (const link of links) await symlink('engine', path.join(bundle, link));
  const placed = await writeFiles({ engine: 'signed', '_internal/node_modules/x.js': '1' });
  const repaired = await repairCopy(bundle, placed);
  expect(repaired.sort()).toEqual(['_internal/.DS_Store', ...links, 'node_modules', 'node_modules/y.js']);
  expect(await readFile(path.join(placed, 'engine'), 'utf8')).toBe('signed');
  expect(await readFile(path.join(placed, 'node_modules/y.js'), 'utf8')).toBe('2');
  for (const link of links) expect(await readlink(path.join(placed, link))).toBe('engine');
  await writeFile(path.join(placed, 'node_modules/y.js'), 'changed');
  expect(await readFile(path.join(bundle, 'node_modules/y.js'), 'utf8')).toBe('2');
  expect((await stat(path.join(placed, 'node_modules'))).isDirectory()).toBe(true);
});

test('an error of ours takes the class that electron-builder prints plainly, from its own copy', () => {
  class InvalidConfigurationError extends Error {}
  const error = new PyInstallerError('ERR_FREEZE', 'failed', { hint: 'Look.' });
  const cache = {
    '/app/node_modules/other/index.js': { exports: { InvalidConfigurationError: Error } },
    '/app/node_modules/builder-util/out/util.js': { exports: { InvalidConfigurationError } },
  };
  expect(hostError(error, cache)).toBeInstanceOf(InvalidConfigurationError);
  expect(hostError(error, cache)).toMatchObject({ message: 'failed\nLook.', code: 'ERR_FREEZE' });
  expect(hostError(error, {})).toMatchObject({ stack: 'electron-pyinstaller: failed\nLook.' });
  const bug = new TypeError('bug');
  expect(hostError(bug, cache)).toBe(bug);
});
