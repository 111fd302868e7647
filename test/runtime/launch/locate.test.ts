import path from 'node:path';
import { expect, test } from 'vitest';
import { locateFrozen, readBackend, readManifest } from '../../../src/runtime/launch/locate.js';
import type { FrozenProgram } from '../../../src/runtime/manifest.js';
import { fillPlaceholders } from '../../../src/runtime/launch/placeholders.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { FakeApp, fixtureBackend, manifestOf } from '../support.js';

const manifest = manifestOf(fixtureBackend());
const text = JSON.stringify(manifest);
const development = 'node_modules/.cache/electron-pyinstaller/development.json';

/** A manifest with this as the entry of its backend. */
function entry(backend: string): Record<string, string> {
  return { 'electron-pyinstaller.json': `{"version":1,"backends":{"engine":${backend}}}` };
}

test('a packaged app reads the manifest inside the app, whatever the environment says', async () => {
  const folder = await writeFiles({ 'electron-pyinstaller.json': text, 'other.json': '{}' });
  const env = { ELECTRON_PYINSTALLER_DEV_MANIFEST: path.join(folder, 'other.json') };
  expect(readManifest({ app: new FakeApp(folder, true), env })).toEqual(manifest);
});

test('in development the environment names the manifest, or it stands in the project', async () => {
  const folder = await writeFiles({
    'some where/m.json': text,
    [development]: text,
    'out/main/index.js': '',
  });
  const env = { ELECTRON_PYINSTALLER_DEV_MANIFEST: path.join(folder, 'some where/m.json') };
  expect(readManifest({ app: new FakeApp(await temporaryFolder()), env })).toEqual(manifest);
  expect(readManifest({ app: new FakeApp(folder), env: {} })).toEqual(manifest);
  expect(readManifest({ app: new FakeApp(path.join(folder, 'out/main')), env: {} })).toEqual(manifest);
});

test.each([
  ['missing', {}, /none of these files exists/],
  ['no JSON', { 'electron-pyinstaller.json': '{' }, /is not JSON/],
  ['of another version', { 'electron-pyinstaller.json': '{"version":2,"backends":{}}' }, /version 2/],
  ['broken in an entry that is null', entry('null'), /Reading .*: the backend "engine" has no valid entry/],
  ['broken in an entry that is a number', entry('5'), /no valid entry/],
  ['broken in an empty entry', entry('{}'), /no valid `kind`/],
  ['broken in an entry without program', entry('{"kind":"job"}'), /no valid `program`/],
  [
    'broken in an entry without settings',
    entry('{"kind":"job","program":{"type":"frozen"}}'),
    /no valid `settings`/,
  ],
  [
    'broken in empty settings',
    entry(JSON.stringify({ ...fixtureBackend(), settings: {} })),
    /no valid `settings.address`/,
  ],
  ['something else', { 'electron-pyinstaller.json': '[]' }, /version undefined/],
])(
  'says what is wrong with a manifest that is %s',
  async (_title, files: Record<string, string>, message) => {
    const app = new FakeApp(await writeFiles(files), true);
    expect(() => readManifest({ app, env: {} })).toThrow(message);
  },
);

test('a manifest that is not there: what to do depends on who should have made it', () => {
  const packaged = new FakeApp('/app', true);
  const app = new FakeApp('/app');
  expect(() => readManifest({ app: packaged, env: {} })).toThrow(/was packaged without its backends/);
  expect(() => readManifest({ app, env: {} })).toThrow(
    /`npm start` \(Electron Forge\) or `npx electron-pyinstaller dev -- electron \.`/,
  );
  expect(() => readManifest({ app: packaged, manifest: '/nowhere/x.json', env: {} })).toThrow(
    /none of these files exists: \/nowhere\/x\.json\nCorrect the option `manifest`/,
  );
  expect(() => readManifest({ app: packaged, manifest: 'x.json', env: {} })).toThrow(
    /x\.json: the path is relative\nCorrect the option `manifest` \(an absolute path\)/,
  );
});

test('says which backends there are', () => {
  const app = new FakeApp('/app');
  for (const name of ['motor', 'constructor', '__proto__'])
    expect(() => readBackend({ app, manifest, env: {} }, name)).toThrow(/the manifest lists engine/);
});

const program: FrozenProgram = {
  type: 'frozen',
  mode: 'onedir',
  platform: 'darwin',
  directories: { x64: 'engine-x64', arm64: 'engine-arm64' },
  executable: 'engine',
  files: {},
};

test('takes the bundle of the architecture the app runs as', () => {
  expect(locateFrozen(program, '/res', 'arm64')).toEqual({
    directory: path.resolve('/res/engine-arm64'),
    executable: path.resolve('/res/engine-arm64/engine'),
    arch: 'arm64',
  });
  // Under emulation the only one is meant.
  expect(locateFrozen({ ...program, directories: { x64: 'engine' } }, '/res', 'arm64').arch).toBe('x64');
  expect(() => locateFrozen(program, '/res', 'ia32')).toThrow(/frozen for x64, arm64, this app runs as ia32/);
});

test('fills placeholders and leaves other braces', () => {
  const values = {
    port: '8000',
    host: '127.0.0.1',
    userData: '/u',
    resources: '/r',
    bundle: '/b',
    token: 't',
  };
  expect(fillPlaceholders('--bind={host}:{port} {"a":{b}} {token}', values)).toBe(
    '--bind=127.0.0.1:8000 {"a":{b}} t',
  );
  expect(fillPlaceholders('{resources}/tool {bundle}/a.txt', values)).toBe('/r/tool /b/a.txt');
});
