import { rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { preparedFiles } from '../../../src/hosts/dev/prepared-files.js';
import { watcherFile } from '../../../src/hosts/dev/manifest.js';
import type { ResolvedBackend } from '../../../src/config/resolved.js';
import { refuseStale } from '../../../src/runtime/dev/stale.js';
import type { DevelopmentProgram } from '../../../src/runtime/manifest.js';
import { writeFiles } from '../../support/files.js';
import { fixtureBackend, testBackend } from '../support.js';

/** A project that was made ready for development from this configuration; `edit` writes a file long before the app begins. */
async function project(
  configFile: string,
  files: Readonly<Record<string, string>>,
  requirements: string[] = [],
) {
  const folder = await writeFiles(files);
  const edit = async (name: string, text: string): Promise<void> => {
    await writeFile(path.join(folder, name), text);
    await utimes(path.join(folder, name), 1, 1);
  };
  for (const [name, text] of Object.entries(files)) await edit(name, text);
  const absolute = requirements.map((name) => path.join(folder, name));
  const prepared = {
    command: 'electron-forge start',
    files: preparedFiles(
      { projectDir: folder, configFile },
      { requirements: { type: 'pip', files: absolute } as unknown as ResolvedBackend['requirements'] },
    ),
  };
  const { program, ...backend } = fixtureBackend();
  const manifest = {
    ...backend,
    program: { ...program, watcher: watcherFile, prepared } as DevelopmentProgram,
  };
  return { folder, edit, manifest, ask: () => refuseStale(manifest) };
}

test('a backend whose configuration was edited before the app began is not started from the old one', async () => {
  const { edit, manifest } = await project('pyinstaller.config.json', { 'pyinstaller.config.json': '{}' });
  await edit('pyinstaller.config.json', '{ "backends": {} }');
  const stale = await testBackend(manifest);
  await expect(stale.start()).rejects.toMatchObject({
    code: 'E_MANIFEST',
    message: expect.stringMatching(
      /pyinstaller\.config\.json has changed[^]*electron-forge start/,
    ) as unknown,
  });
});

test.each([
  ['electron-builder.yml', 'electron-builder.yml'],
  ['forge.config.ts', 'forge.config.ts (PyInstallerPlugin)'],
  ['pyinstaller.config.mjs', 'pyinstaller.config.mjs'],
])('a configuration in %s counts', async (file, configFile) => {
  const { ask, edit } = await project(configFile, { [file]: 'a' });
  expect(ask).not.toThrow();
  await edit(file, 'b');
  expect(ask).toThrow(`${file} has changed`);
});

test.each([
  [{ pyinstaller: { backends: {} } }, true],
  [{ build: { extraMetadata: { _pyinstaller: {} } } }, true],
  [{ config: { forge: {} } }, true],
  [{ dependencies: { react: '19' }, version: '2.0.0' }, false],
])('of package.json only what configures backends counts: %j', async (changed, isStale) => {
  const { ask, edit } = await project('package.json', { 'package.json': '{"name":"x"}' });
  await edit('package.json', JSON.stringify({ name: 'x', ...changed }));
  if (isStale) expect(ask).toThrow('package.json has changed');
  else expect(ask).not.toThrow();
});

test('requirements that changed, or are gone, are not in the environment yet', async () => {
  const files = { 'pyinstaller.config.json': '{}', 'requirements.txt': 'flask\n' };
  const { ask, edit, folder } = await project('pyinstaller.config.json', files, ['requirements.txt']);
  expect(ask).not.toThrow();
  await edit('requirements.txt', 'flask\nrequests\n');
  expect(ask).toThrow('requirements.txt has changed');
  await rm(path.join(folder, 'requirements.txt'));
  expect(ask).toThrow('requirements.txt has changed');
});

test('what is edited while the app runs is left for its next run', async () => {
  const { ask, folder } = await project('pyinstaller.config.json', { 'pyinstaller.config.json': '{}' });
  await writeFile(path.join(folder, 'pyinstaller.config.json'), '{ "backends": {} }');
  expect(ask).not.toThrow();
});

test('a configuration that names no file, as electron-builder may give it, is not looked for', async () => {
  const { ask } = await project("electron-builder's configuration", {});
  expect(ask).not.toThrow();
});
