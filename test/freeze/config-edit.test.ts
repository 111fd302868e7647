import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { listEdit } from '../../src/freeze/config-edit.js';
import { makeBackend } from './support/project.js';

const files = { 'backend/main.py': '' };
const entry = 'backend/main.py';

test('a list that is not in the configuration yet is written whole', async () => {
  expect(listEdit(await makeBackend(files, { entry }), 'hiddenImports', ['a.*', 'b'])).toBe(
    "hiddenImports: ['a.*', 'b'] to backends.engine in pyinstaller.config.json",
  );
});

test('a list that is there is added to, at its line', async () => {
  const backend = await makeBackend(files, { entry, hiddenImports: ['x'] });
  const lines = [
    '{ "backends": {',
    '  // hiddenImports: nothing yet',
    '  "engine": {',
    '    "hiddenImports": ["x"]',
    '} } }',
  ];
  await writeFile(path.join(backend.projectDir, backend.configFile), lines.join('\n'));
  const edit = listEdit(backend, 'hiddenImports', ['a.*']);
  expect(edit).toBe("'a.*' to the list hiddenImports of backends.engine in pyinstaller.config.json:4");
  const plugin = { ...backend, configFile: `${backend.configFile} (PyInstallerPlugin)` };
  expect(listEdit(plugin, 'hiddenImports', ['a.*'])).toBe(`${edit} (PyInstallerPlugin)`);
});

test('with several such lists no line is claimed, nor in a file that cannot be read', async () => {
  const backend = await makeBackend(files, { entry, excludes: ['x'] });
  await writeFile(path.join(backend.projectDir, backend.configFile), 'excludes: []\nexcludes: []\n');
  const expected = "'a' to the list excludes of backends.engine in pyinstaller.config.json";
  expect(listEdit(backend, 'excludes', ['a'])).toBe(expected);
  const gone = { ...backend, configFile: '/nowhere/pyinstaller.config.json' };
  expect(listEdit(gone, 'excludes', ['a'])).toBe(
    "'a' to the list excludes of backends.engine in /nowhere/pyinstaller.config.json",
  );
});

test('a configuration in a folder of the project is named with the folder', async () => {
  const backend = { ...(await makeBackend(files, { entry })), configFile: 'config/backends.json' };
  expect(listEdit(backend, 'excludes', ['a'])).toBe(
    "excludes: ['a'] to backends.engine in config/backends.json",
  );
});
