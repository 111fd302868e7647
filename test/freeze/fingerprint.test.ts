import { mkdir, rename, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ResolvedBackend } from '../../src/config/index.js';
import { canonicalJson } from '../../src/lib/canonical.js';
import { collectRules } from '../../src/freeze/fingerprint/data-files.js';
import { compareInputs, describeChanges } from '../../src/freeze/fingerprint/changes.js';
import { inputFiles, variablesRead } from '../../src/freeze/fingerprint/files.js';
import { collectInputs, fingerprintKey, type Inputs } from '../../src/freeze/fingerprint/inputs.js';
import { StatCache } from '../../src/freeze/fingerprint/stat-cache.js';
import type { PythonEnvironment } from '../../src/python/index.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { makeBackend } from './support/project.js';

const environment: PythonEnvironment = {
  interpreter: '/env/bin/python',
  directory: '/env',
  probe: {
    executable: '/env/bin/python',
    version: [3, 12, 1],
    implementation: 'cpython',
    platform: 'linux',
    machine: 'x86_64',
    arch: 'x64',
    pointerBits: 64,
    buildPlatform: 'linux-x86_64',
    prefix: '/env',
    basePrefix: '/usr',
    baseExecutable: '/usr/bin/python3.12',
    sharedLibrary: '/usr/lib/libpython3.12.so',
    soabi: 'cpython-312-x86_64-linux-gnu',
    isConda: false,
    hasVenv: true,
    hasEnsurepip: true,
    hasPip: true,
    sitePackages: ['/env/lib/site-packages'],
    pyinstaller: '6.22.3',
    hooksContrib: '2026.9',
  },
  key: 'k',
  distributions: [
    { name: 'fastapi', version: '0.142.2', recordDigest: 'aaaa' },
    { name: 'numpy', version: '2.4.0', recordDigest: 'bbbb' },
  ],
  reused: true,
  pyinstallerVersion: '6.22.3',
  hooksVersion: '2026.9',
};

const project = {
  'backend/main.py': 'x = 1\n',
  'backend/services/a.py': '',
  'backend/config/a.json': '{}',
  'hooks/hook-x.py': "import os\nvalue = os.environ.get('BUILD_NUMBER')\nother = os.getenv('CHANNEL')\n",
};
const config = {
  entry: { asgi: 'main:app' },
  hiddenImports: ['services.*'],
  data: [{ from: 'backend/config/*.json', to: 'config' }],
};

type Facts = Parameters<typeof collectInputs>[0];

async function factsOf(backend: ResolvedBackend): Promise<Facts> {
  const digests = await StatCache.open(await temporaryFolder(), 'test');
  const files = {
    data: await collectRules(backend, backend.data),
    binaries: await collectRules(backend, backend.binaries),
  };
  return {
    backend,
    environment,
    libraryDigest: 'cccc',
    presets: [{ name: 'fastapi', requests: [] }],
    files: await inputFiles(backend, files, digests),
    variables: {},
    packageVersion: '0.1.0',
    companionDigest: 'dddd',
  };
}

const inputsOf = async (backend: ResolvedBackend): Promise<Inputs> => collectInputs(await factsOf(backend));

test('each kind of input changes the key and is named', async () => {
  const facts = await factsOf(await makeBackend(project, config));
  const before = collectInputs(facts);
  const changed = (change: Partial<Facts>): string[] =>
    compareInputs(before, collectInputs({ ...facts, ...change })).map((row) => row.input);
  const withBackend = (change: Partial<ResolvedBackend>): string[] =>
    changed({ backend: { ...facts.backend, ...change } });
  const withProbe = (probe: Partial<PythonEnvironment['probe']>): string[] =>
    changed({ environment: { ...environment, probe: { ...environment.probe, ...probe } } });

  expect(changed({})).toEqual([]);
  expect(changed({ packageVersion: '0.2.0' })).toEqual(['electron-pyinstaller']);
  expect(changed({ companionDigest: 'eeee' })).toEqual(['electron-pyinstaller']);
  expect(changed({ libraryDigest: 'other' })).toEqual(['interpreter']);
  expect(changed({ libraryDigest: null })).toEqual(['interpreter']);
  expect(withProbe({ version: [3, 12, 2] })).toEqual(['interpreter']);
  expect(withProbe({ soabi: 'cpython-312t-x86_64-linux-gnu' })).toEqual(['interpreter']);
  expect(withProbe({ machine: 'aarch64' })).toEqual(['interpreter']);
  expect(changed({ environment: { ...environment, pyinstallerVersion: '6.21.0' } })).toEqual(['pyinstaller']);
  expect(changed({ environment: { ...environment, hooksVersion: '2026.10' } })).toEqual([
    'pyinstaller-hooks-contrib',
  ]);
  expect(
    changed({
      environment: {
        ...environment,
        distributions: [
          { name: 'fastapi', version: '0.142.2', recordDigest: 'aaaa' },
          { name: 'numpy', version: '2.4.1', recordDigest: 'bbbb' },
        ],
      },
    }),
  ).toEqual(['package numpy']);
  // Reinstalled with other content under the same version.
  expect(
    changed({
      environment: {
        ...environment,
        distributions: environment.distributions.map((row) => ({
          ...row,
          recordDigest: `${row.recordDigest}x`,
        })),
      },
    }),
  ).toEqual(['package fastapi', 'package numpy']);
  expect(changed({ presets: [] })).toEqual(['preset fastapi']);
  expect(changed({ variables: { LD_LIBRARY_PATH: '/opt/lib' } })).toEqual(['variable LD_LIBRARY_PATH']);
  expect(withBackend({ target: { platform: 'darwin', arch: 'arm64' } })).toEqual(['target']);
  expect(withBackend({ excludes: ['tkinter'] })).toEqual(['setting excludes']);
  expect(withBackend({ kind: 'job' })).toEqual(['setting kind']);
  expect(withBackend({ entry: { type: 'call', module: 'main', attribute: 'app' } })).toEqual([
    'setting entry',
  ]);
  expect(withBackend({ hiddenImports: [] })).toEqual(['setting hiddenImports']);
});

test('every option of the pyinstaller group changes the key', async () => {
  const facts = await factsOf(await makeBackend(project, config));
  const before = fingerprintKey(collectInputs(facts));
  const { pyinstaller } = facts.backend;
  const other = (value: unknown): unknown => {
    if (typeof value === 'boolean') return !value;
    if (typeof value === 'number') return value + 1;
    if (typeof value === 'string') return `${value}x`;
    if (Array.isArray(value)) return [...value, '/new'];
    return value === null ? '/new' : { ...value, new: 'x' };
  };
  for (const [name, value] of Object.entries(pyinstaller)) {
    const changed = {
      ...facts,
      backend: { ...facts.backend, pyinstaller: { ...pyinstaller, [name]: other(value) } },
    };
    const key = fingerprintKey(collectInputs(changed));
    // The range that allowed a version does not matter, only the version that is installed.
    expect([name, key === before]).toEqual([name, name === 'version']);
  }
});

test('what only the runtime or the checks read does not change the key', async () => {
  const facts = await factsOf(await makeBackend(project, config));
  const key = fingerprintKey(collectInputs(facts));
  const { backend } = facts;
  const changed: ResolvedBackend = {
    ...backend,
    settings: { ...backend.settings, args: ['--more'], stop: { ...backend.settings.stop, graceMs: 1 } },
    verify: { ...backend.verify, imports: ['main'] },
    configFile: '/elsewhere/forge.config.ts',
    configPath: 'backends.other',
    development: { ...backend.development, args: ['x'] },
  };
  expect(fingerprintKey(collectInputs({ ...facts, backend: changed }))).toBe(key);
});

test('files that matter change the key: sources, data, hooks, also new and renamed ones', async () => {
  const withHooks = { ...config, pyinstaller: { hooks: ['hooks'] } };
  const backend = await makeBackend(project, withHooks);
  const at = (file: string): string => path.join(backend.projectDir, file);
  const steps: readonly (readonly [string, () => Promise<unknown>, readonly string[]])[] = [
    ['one byte of a source', () => writeFile(at('backend/main.py'), 'x = 2\n'), ['source backend/main.py']],
    ['a new module', () => writeFile(at('backend/services/b.py'), ''), ['source backend/services/b.py']],
    [
      'a renamed module',
      () => rename(at('backend/services/b.py'), at('backend/services/c.py')),
      ['source backend/services/b.py', 'source backend/services/c.py'],
    ],
    ['a hook', () => writeFile(at('hooks/hook-x.py'), 'hiddenimports = []\n'), ['hook hooks/hook-x.py']],
    [
      'a data file',
      () => writeFile(at('backend/config/a.json'), '{"a":1}'),
      ['data config/a.json', 'source backend/config/a.json'],
    ],
  ];
  let before = await inputsOf(backend);
  for (const [name, change, expected] of steps) {
    await change();
    const after = await inputsOf(backend);
    expect([name, compareInputs(before, after).map((row) => row.input)]).toEqual([name, expected]);
    before = after;
  }
});

test('what does not matter does not change the key: times, caches, environments, other files, the folder itself', async () => {
  const backend = await makeBackend(project, config);
  const key = fingerprintKey(await inputsOf(backend));
  const old = new Date(2001, 1, 1);
  await utimes(path.join(backend.projectDir, 'backend/main.py'), old, old);
  await writeFiles(
    {
      'backend/__pycache__/main.cpython-312.pyc': 'x',
      'backend/.venv/lib/x.py': 'x',
      'backend/env of mine/pyvenv.cfg': '',
      'backend/env of mine/lib/x.py': 'x',
      'backend/node_modules/x/y.py': 'x',
      'backend/.git/HEAD': 'x',
      'backend/README.md': 'x',
      'backend/app.db': 'x',
      'frontend/main.py': 'x',
    },
    backend.projectDir,
  );
  expect(fingerprintKey(await inputsOf(backend))).toBe(key);
  const elsewhere = await makeBackend(project, config, path.join(await temporaryFolder(), 'another place'));
  expect(fingerprintKey(await inputsOf(elsewhere))).toBe(key);
});

test('variables that the project’s own hooks read are part of the key', async () => {
  const backend = await makeBackend(project, { ...config, pyinstaller: { hooks: ['hooks'] } });
  expect(await variablesRead(backend)).toEqual(['BUILD_NUMBER', 'CHANNEL']);
});

test('changes are told in one line, versions in words and digests not', () => {
  const before = {
    'package numpy': '2.4.0 abc',
    'source a.py': 'a'.repeat(64),
    'setting strip': 'false',
    gone: '1',
  };
  const after = {
    'package numpy': '2.4.1 abc',
    'source a.py': 'b'.repeat(64),
    'setting strip': 'true',
    fresh: '1',
  };
  expect(describeChanges(compareInputs(before, after))).toBe(
    'fresh is new, gone is gone, package numpy changed from 2.4.0 abc to 2.4.1 abc and 2 more',
  );
});

test('equal inputs have equal keys whatever their order; different ones different keys', () => {
  const inputs = fc.dictionary(fc.string(), fc.string());
  fc.assert(
    fc.property(inputs, inputs, (a, b) => {
      const reversed = Object.fromEntries(Object.entries(a).reverse());
      expect(fingerprintKey(reversed)).toBe(fingerprintKey(a));
      expect(fingerprintKey(a) === fingerprintKey(b)).toBe(canonicalJson(a) === canonicalJson(b));
      expect(compareInputs(a, b).length === 0).toBe(canonicalJson(a) === canonicalJson(b));
    }),
  );
});

test('remembered digests are believed only when nothing about a file changed and it was not fresh when it was read', async () => {
  const folder = await writeFiles({ 'a.txt': 'one' });
  const file = path.join(folder, 'a.txt');
  const cache = await StatCache.open(folder, 'x');
  const first = await cache.digest(file);
  // Same size, same second: a time stamp alone could not tell.
  await writeFile(file, 'two');
  expect(await cache.digest(file)).not.toBe(first);
  // Same size and the old modification time put back: the change time and the inode tell.
  const past = new Date(Date.now() - 60_000);
  await utimes(file, past, past);
  const settled = await cache.digest(file);
  await writeFile(file, 'six');
  await utimes(file, past, past);
  expect(await cache.digest(file)).not.toBe(settled);
  await cache.save();
  await mkdir(path.join(folder, 'digests'), { recursive: true });
  const again = await StatCache.open(folder, 'x');
  expect(await again.digest(file)).toBe(await cache.digest(file));
});
