import path from 'node:path';
import { appendFile, readFile, utimes, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { findInterpreterCached } from '../../../src/python/find/interpreter-cache.js';
import { realDisk } from '../../../src/python/environment/disk.js';
import type { FindOptions } from '../../../src/python/find/find.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { fakePython, programName, script, scriptPath } from '../fake-python.js';
import { plainPython } from '../plain-python.js';
import { interpretersOf } from '../../../src/python/find/path-search.js';

const python3 = programName('python3');
const searchPath = (folder: string): string => [folder, ...scriptPath].join(path.delimiter);

/** A search over what the test made, with a count of the processes it starts. */
async function search() {
  const folder = await temporaryFolder();
  const library = path.join(folder, 'lib/libpython.so');
  await writeFiles({ 'lib/libpython.so': 'x', 'project/x': '' }, folder);
  const real = await fakePython(path.join(folder, 'real', python3), { sharedLibrary: library });
  const python = await script(
    path.join(folder, 'bin', python3),
    `require('node:fs').appendFileSync(${JSON.stringify(path.join(folder, 'runs'))}, 'x\\n'); require(${JSON.stringify(real)});`,
  );
  const options: FindOptions = {
    python: plainPython,
    projectDir: path.join(folder, 'project'),
    env: { PATH: searchPath(path.join(folder, 'bin')) },
    platform: process.platform,
    homeDir: path.join(folder, 'home'),
    disk: { ...realDisk, isFile: (file) => file.startsWith(folder) && realDisk.isFile(file) },
  };
  const runs = async () =>
    (await readFile(path.join(folder, 'runs'), 'utf8').catch(() => '')).split('\n').length - 1;
  const find = (changes: Partial<FindOptions> = {}) =>
    findInterpreterCached({ ...options, ...changes }, path.join(folder, 'cache'));
  return { folder, library, real, python, options, runs, find };
}

test('the second search starts no process and gives the same answer', async () => {
  const { find, runs } = await search();
  const first = await find();
  expect(await runs()).toBe(1);
  expect(await find()).toEqual(first);
  expect(await runs()).toBe(1);
});

test('a new Python in front of it is seen', async () => {
  const { folder, find } = await search();
  await find();
  const newer = await fakePython(
    interpretersOf(path.join(folder, 'project/.venv'), process.platform)[0] ?? '',
    { version: [3, 13, 0] },
  );
  expect((await find()).probe).toMatchObject({ executable: newer, version: [3, 13, 0] });
});

test('one that was replaced in place is asked again', async () => {
  const { python, real, find, runs } = await search();
  await find();
  await utimes(python, 1000, 1000);
  await find();
  expect(await runs()).toBe(2);
  // What is behind the command counts too: an upgrade changes the interpreter, not the link to it.
  await appendFile(real, '// upgraded\n');
  await utimes(python, 2000, 2000);
  await find();
  expect(await runs()).toBe(3);
});

test('a libpython that disappeared or changed is noticed', async () => {
  const { library, python, find, runs } = await search();
  await find();
  await writeFile(library, 'another');
  await utimes(python, 1000, 1000);
  await find();
  expect(await runs()).toBe(2);
});

test.each<[string, Partial<FindOptions>]>([
  ['the range', { python: { ...plainPython, version: '>=3.11' } }],
  ['the architecture', { arch: process.arch === 'x64' ? 'arm64' : 'x64' }],
  ['the purpose', { purpose: 'run' }],
  ['what kind of environment is wanted', { python: { ...plainPython, env: { type: 'active' } } }],
])('%s makes another question', async (_, changes) => {
  const { folder, find, runs, python } = await search();
  await find();
  await utimes(python, 1000, 1000);
  await find(changes).catch(() => undefined);
  expect(await runs()).toBe(2);
  expect(folder).not.toBe('');
});

test('a damaged memory is ignored', async () => {
  const { folder, find, runs, python } = await search();
  await find();
  const { readdir } = await import('node:fs/promises');
  for (const name of await readdir(path.join(folder, 'cache/interpreters')))
    await writeFile(path.join(folder, `cache/interpreters/${name}`), '{');
  await utimes(python, 1000, 1000);
  expect((await find()).probe.version).toEqual([3, 12, 1]);
  expect(await runs()).toBe(2);
});

test('a shim is asked again when the version selected for the project changes', async () => {
  const { folder, find } = await search();
  const old = await fakePython(path.join(folder, 'versions/3.11', programName('python')), {
    version: [3, 11, 0],
  });
  const recent = await fakePython(path.join(folder, 'versions/3.13', programName('python')), {
    version: [3, 13, 0],
  });
  await script(
    path.join(folder, 'shims', python3),
    `require(require('node:fs').existsSync('.python-version') ? ${JSON.stringify(recent)} : ${JSON.stringify(old)});`,
  );
  const env = { PATH: searchPath(path.join(folder, 'shims')) };
  expect((await find({ env })).probe.executable).toBe(old);
  await writeFile(path.join(folder, 'project/.python-version'), '3.13.0\n');
  expect((await find({ env })).probe.executable).toBe(recent);
});
