import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createBackends } from '../../../src/runtime/index.js';
import type { BackendOptions } from '../../../src/runtime/index.js';
import { plain, supportRedactor } from '../../../src/runtime/diagnose/diagnosis.js';
import { diagnoseArchive, withDiagnosis } from '../../../src/runtime/diagnose/index.js';
import { parseUsage, processUsage } from '../../../src/runtime/diagnose/process-usage.js';
import { zip } from '../../../src/runtime/diagnose/zip.js';
import type { BackendManifest } from '../../../src/runtime/manifest.js';
import { temporaryFolder } from '../../support/files.js';
import { failure } from '../failure.js';
import { FakeApp, fixtureBackend, manifestOf, python, testBackend, testSettings, until } from '../support.js';
import { isWindows, patience } from '../../support/windows.js';

/** PowerShell tells whole seconds. */
const leastSeconds = isWindows ? 0 : 0.01;

/** What Python's zipfile finds in archives: texts by name. It checks every sum of them. */
function unzip(files: readonly string[]): Readonly<Record<string, string>>[] {
  const code = `import json, sys, zipfile
def read(name):
    with zipfile.ZipFile(name) as file:
        assert file.testzip() is None
        return {one.filename: file.read(one).decode() for one in file.infolist()}
print(json.dumps([read(name) for name in sys.argv[1:]]))`;
  const text = execFileSync(python, ['-c', code, ...files], { encoding: 'utf8', maxBuffer: 1e9 });
  return JSON.parse(text) as Readonly<Record<string, string>>[];
}

async function diagnosable(
  manifest: BackendManifest = fixtureBackend(),
  options: Pick<BackendOptions, 'manifest' | 'env'> = {},
) {
  const backend = await testBackend(manifest, options);
  return withDiagnosis(backend, { app: backend.app, manifest: manifestOf(manifest), ...options });
}

const once = { restart: { ...testSettings.restart, max: 0 } };

test('a diagnosis is plain data about a running backend', async () => {
  const backend = await diagnosable();
  await backend.start();
  const told = await backend.diagnose();
  expect(structuredClone(told)).toEqual(told);
  const { pid, url } = backend.status();
  expect(told).toMatchObject({
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    versions: { python: '3', package: '0', node: process.versions.node },
    status: { state: 'ready', url, pid },
    history: [
      { event: 'state', prev: 'idle', next: 'starting' },
      { event: 'state', prev: 'starting', next: 'ready' },
    ],
    integrity: { level: testSettings.integrity, problem: null },
  });
  const own = told.processes.find((one) => one.pid === pid);
  expect(own?.memoryBytes).toBeGreaterThan(2 ** 20);
  expect(own?.cpuSeconds).toBeGreaterThanOrEqual(leastSeconds);
});

test('it says how the backend ended and why, also when nothing runs any more', async () => {
  const backend = await diagnosable(
    fixtureBackend({ FIXTURE_AFTER_READY: `segfault:${0.5 * patience}` }, once),
  );
  await backend.start();
  await until(() => backend.status().state === 'failed');
  const told = await backend.diagnose();
  expect(told.processes).toEqual([]);
  expect(told.history).toContainEqual(
    expect.objectContaining({
      event: 'exit',
      ...(isWindows ? { code: 0xc0000005 } : { signal: 'SIGSEGV' }),
      expected: false,
      generation: 1,
      tail: [],
    }),
  );
  const message: unknown = expect.stringMatching(/signal SIGSEGV: invalid memory access|access violation/);
  expect(told.history.findLast(({ event }) => event === 'failed')).toMatchObject({ error: { message } });
});

test('a backend that was never started, or has no manifest, has a diagnosis', async () => {
  const backend = await diagnosable(fixtureBackend(), { manifest: { version: 1, backends: {} } });
  expect(await backend.diagnose()).toMatchObject({ status: { state: 'idle' }, history: [], processes: [] });
  expect(await failure(backend.start())).toMatchObject({ code: 'E_MANIFEST' });
  const { history } = await backend.diagnose();
  expect(history.at(-1)).toMatchObject({ event: 'failed', error: { code: 'E_MANIFEST' } });
});

test('the archive holds the diagnosis and the log, and no secret of the log or of the environment', async () => {
  const key = 'sk-51H(8xT.qq+4';
  const env = {
    OPENAI_API_KEY: key,
    FIXTURE_BEFORE_HELLO: `print:key ${key}, password=open-sesame, user=me`,
  };
  const logs = { ...testSettings.logs, redact: ['password=[^,]+'] };
  const backend = await diagnosable(fixtureBackend(env, { logs }), {
    env: { ...process.env, GITHUB_TOKEN: 'of-the-environment' },
  });
  await backend.start();
  const token = backend.token() ?? '';
  expect(token).not.toBe('');
  const logFile = path.join(backend.app.getPath('logs'), 'engine.log');
  // Written in the background.
  await until(() => existsSync(logFile) && readFileSync(logFile, 'utf8').includes('ready after'));
  const folder = await temporaryFolder();
  const file = path.join(folder, 'support.zip');
  await backend.diagnoseArchive(file);
  if (!isWindows) expect((await stat(file)).mode & 0o777).toBe(0o600);
  const [files = {}] = unzip([file]);
  expect(Object.keys(files)).toEqual(['engine/diagnosis.json', 'engine/engine.log']);
  expect(JSON.parse(files['engine/diagnosis.json'] ?? '')).toMatchObject({ status: { state: 'ready' } });
  expect(files['engine/engine.log']).toContain('stderr key [redacted], [redacted], user=me');
  expect(files['engine/engine.log']).toContain('ready after');
  // What the app itself sees of its backend's log stays as it was.
  expect(readFileSync(logFile, 'utf8')).toContain(key);
  for (const secret of [key, 'open-sesame', 'of-the-environment', token])
    expect(JSON.stringify(files)).not.toContain(secret);
});

test('several backends share an archive, each with a folder', async () => {
  const app = new FakeApp(await temporaryFolder());
  const manifest = manifestOf(fixtureBackend(), fixtureBackend({}, {}, { name: 'other' }));
  const group = createBackends({ app, manifest });
  onTestFinished(() => group[Symbol.asyncDispose]());
  const all = Object.values(group.backends).map((backend) => withDiagnosis(backend, { app, manifest }));
  const file = path.join(await temporaryFolder(), 'support.zip');
  await diagnoseArchive(file, all);
  expect(Object.keys(unzip([file])[0] ?? {})).toEqual(['engine/diagnosis.json', 'other/diagnosis.json']);
});

test('a group tells of each of its backends, and writes one archive about all', async () => {
  const app = new FakeApp(await temporaryFolder());
  const manifest = manifestOf(fixtureBackend(), fixtureBackend({}, {}, { name: 'other' }));
  const group = withDiagnosis(createBackends({ app, manifest }, ['engine', 'other']), { app, manifest });
  onTestFinished(() => group[Symbol.asyncDispose]());
  await group.start();
  const told = await group.diagnose();
  expect(Object.keys(told)).toEqual(['engine', 'other']);
  for (const name of ['engine', 'other'] as const) {
    expect(told[name].status).toMatchObject({ name, state: 'ready', pid: group.status()[name].pid });
    expect(told[name].processes.map(({ pid }) => pid)).toContain(told[name].status.pid);
    expect(told[name].history.at(-1)).toMatchObject({ event: 'state', next: 'ready' });
  }
  const file = path.join(await temporaryFolder(), 'support.zip');
  await group.diagnoseArchive(file);
  expect(Object.keys(unzip([file])[0] ?? {})).toEqual(
    expect.arrayContaining(['engine/diagnosis.json', 'other/diagnosis.json']),
  );
});

test('an archive that cannot be written is told', async () => {
  const backend = await diagnosable();
  await expect(backend.diagnoseArchive('/no/folder/x.zip')).rejects.toThrow('ENOENT');
});

test('whatever is put into an archive comes out of it', async () => {
  const name = fc.stringMatching(/^[a-zé日]{1,8}(?:\/[a-zé日]{1,8}){0,2}\.log$/);
  const entry = fc.record({
    name,
    text: fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ maxLength: 5000 })),
  });
  const archives = fc.uniqueArray(entry, { selector: (one) => one.name, maxLength: 5 });
  const folder = await temporaryFolder();
  const wanted = fc.sample(archives, 40);
  const files = wanted.map((_, index) => path.join(folder, `${index}.zip`));
  await Promise.all(files.map((file, index) => writeFile(file, zip(wanted[index] ?? []))));
  // Halves of characters have no UTF-8.
  expect(unzip(files)).toEqual(
    wanted.map((entries) =>
      Object.fromEntries(entries.map((one) => [one.name, Buffer.from(one.text).toString()])),
    ),
  );
});

test.each([
  [
    'of ps',
    ' 4711 20480 1:02.50\n  12   4 2-03:04:05\n',
    [
      [4711, 20_971_520, 62.5],
      [12, 4096, 183_845],
    ],
  ],
  ['of PowerShell', '4711 20480 62\r\n', [[4711, 20_971_520, 62]]],
  ['of a process that is gone', '4711  NaN\n', []],
  ['of nothing', 'Get-Process : Cannot find a process', []],
])('memory and processor time are read from the words %s', (_whose, text, expected) => {
  expect(parseUsage(text).map((one) => Object.values(one))).toEqual(expected);
});

test('this process takes memory and time; one that does not exist is left out', async () => {
  const [own, ...others] = await processUsage([process.pid, 2 ** 22 + 1]);
  expect(others).toEqual([]);
  const { rss } = process.memoryUsage();
  expect(own?.memoryBytes).toBeGreaterThan(rss / 2);
  expect(own?.memoryBytes).toBeLessThan(rss * 2);
  expect(own?.cpuSeconds).toBeGreaterThanOrEqual(leastSeconds);
});

test('secrets of the environment are those whose names say so; short values are no secrets', () => {
  const secret = fc.stringMatching(/^[!-~]{8,20}$/);
  const names = fc.constantFrom(
    'API_KEY',
    'GitHub_Token',
    'DB_PASSWORD',
    'AWS_SECRET_ACCESS_KEY',
    'SENTRY_DSN',
  );
  fc.assert(
    fc.property(names, secret, fc.string(), fc.string(), (name, value, before, after) => {
      fc.pre(!'[redacted]'.includes(value));
      expect(
        supportRedactor({ [name]: value, HOME: '/home/somebody' }, [])(`${before} ${value} ${after}`),
      ).not.toContain(value);
    }),
  );
  expect(supportRedactor({ HOME: '/home/somebody', API_KEY: 'none' }, [])('/home/somebody none')).toBe(
    '/home/somebody none',
  );
});

test('a pattern that takes more than the secret leaves a diagnosis readable', async () => {
  const backend = await diagnosable();
  const told = await backend.diagnose();
  const redacted = plain(
    { ...told, output: ['secret=abc and more', 'next'] },
    supportRedactor({}, ['secret=.*']),
  );
  expect(redacted.output).toEqual(['[redacted]', 'next']);
});
