import { once } from 'node:events';
import { watch } from 'node:fs';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isIgnoredChange, watchSources } from '../../../src/runtime/dev/watch.js';
import { defaultSourceIgnore } from '../../../src/config/defaults.js';
import { watcherFile, watchIgnore } from '../../../src/hosts/dev/manifest.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { fixtureBackend, testBackend, until } from '../support.js';
import { needsDeepChanges } from '../../support/windows.js';

/** Bursts of changes in a folder, told when whoever watched it earlier was told. */
function allChanges(source: string): readonly string[] {
  const changes: string[] = [];
  const ended = watchSources(
    [source],
    [],
    (file) => changes.push(file),
    (error) => {
      throw error;
    },
  );
  onTestFinished(ended);
  return changes;
}

/** What a manifest of a development run says when the configuration names nothing. */
const usual = watchIgnore(defaultSourceIgnore);

test(
  'a change of the sources restarts the backend in development, once for a burst',
  needsDeepChanges,
  async () => {
    const source = await writeFiles({ 'main.py': '', 'pkg/deep.py': '' });
    const backend = fixtureBackend();
    if (backend.program.type !== 'development') throw new Error('not development');
    const watched = await testBackend({
      ...backend,
      program: { ...backend.program, watch: [source], watchIgnore: usual, watcher: watcherFile },
    });
    await watched.start();
    for (let count = 0; count < 5; count++) await appendFile(path.join(source, 'pkg/deep.py'), '# change\n');
    await until(() => watched.status().generation === 2 && watched.status().state === 'ready');
    const all = allChanges(source);
    await mkdir(path.join(source, '__pycache__'));
    await writeFile(path.join(source, '__pycache__', 'main.cpython-312.pyc'), 'x');
    await until(() => all.length === 1);
    expect(watched.status()).toMatchObject({ state: 'ready', generation: 2 });
    await watched.stop();
    await appendFile(path.join(source, 'main.py'), '# change\n');
    await until(() => all.length === 2);
    expect(watched.status()).toMatchObject({ state: 'stopped', generation: 2 });
  },
);

test('a file that is saved just before a stop, or meanwhile, does not undo it', async () => {
  const source = await writeFiles({ 'main.py': '' });
  const backend = fixtureBackend(
    { FIXTURE_IGNORE: 'term' },
    { stop: { graceMs: 700, terminateMs: 100, killMs: 500, http: null } },
  );
  if (backend.program.type !== 'development') throw new Error('not development');
  const watched = await testBackend({
    ...backend,
    program: { ...backend.program, watch: [source], watcher: watcherFile },
  });
  await watched.start();
  const all = allChanges(source);
  const seen = watch(source, { persistent: false });
  onTestFinished(() => seen.close());
  await Promise.all([once(seen, 'change'), appendFile(path.join(source, 'main.py'), '# change\n')]);
  const stopped = watched.stop();
  await appendFile(path.join(source, 'main.py'), '# change\n');
  await stopped;
  await until(() => all.length > 0);
  expect(watched.status()).toMatchObject({ state: 'stopped', generation: 1 });
});

test('new folders are watched, and what the configuration ignores is not', async () => {
  const source = await writeFiles({ 'main.py': '', 'tests/test_main.py': '', 'pkg/tests/deep.py': '' });
  const changes: string[] = [];
  const end = watchSources(
    [source],
    [/^tests$/s, /\.pyc$/s],
    (file) => changes.push(file),
    (error) => {
      throw error;
    },
  );
  onTestFinished(end);
  const all = allChanges(source);
  await appendFile(path.join(source, 'tests/test_main.py'), '#');
  await appendFile(path.join(source, 'pkg/tests/deep.py'), '#');
  await writeFile(path.join(source, 'main.pyc'), '');
  await until(() => all.length === 1);
  expect(changes).toEqual([]);
  await mkdir(path.join(source, 'fresh/inner'), { recursive: true });
  await until(() => changes.length === 1);
  await writeFile(path.join(source, 'fresh/inner/new.py'), '');
  await until(() => changes.length === 2);
  expect(changes[1]).toBe(path.join('fresh', 'inner', 'new.py'));
});

test('a folder that is missing does not keep the backend from running', async () => {
  const backend = fixtureBackend();
  if (backend.program.type !== 'development') throw new Error('not development');
  const missing = path.join(await temporaryFolder(), 'nothing');
  const watched = await testBackend({
    ...backend,
    program: { ...backend.program, watch: [missing], watcher: watcherFile },
  });
  await watched.start();
  expect(watched.status().state).toBe('ready');
});

test('the package that should watch is gone: the backend runs, and the log says why nothing is watched', async () => {
  const backend = fixtureBackend();
  if (backend.program.type !== 'development') throw new Error('not development');
  const folder = await temporaryFolder();
  const program = { ...backend.program, watch: [folder], watcher: path.join(folder, 'gone.js') };
  const remarks: string[] = [];
  const logger = {
    info: () => undefined,
    warn: (text: string) => remarks.push(text),
    error: () => undefined,
  };
  const watched = await testBackend({ ...backend, program }, { logger });
  await watched.start();
  expect(watched.status().state).toBe('ready');
  expect(remarks.join('\n')).toMatch(/the sources cannot be watched: .*gone\.js/);
});

test.each([
  ['main.py', false],
  ['config/app.json', false],
  ['templates/index.html', false],
  ['__pycache__/main.cpython-312.pyc', true],
  ['pkg/__pycache__', true],
  ['.git/index', true],
  ['data.sqlite3-journal', true],
  ['deep/data.db', true],
  ['venv/lib/x.py', true],
  ['.main.py.swp', true],
  ['main.py~', true],
  ['environment.py', false],
])('%s: ignored is %s', (file, ignored) => {
  expect(
    isIgnoredChange(
      file,
      usual.map((source) => new RegExp(source, 's')),
    ),
  ).toBe(ignored);
});
