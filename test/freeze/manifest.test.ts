import { expect, test } from 'vitest';
import type { StoredResult } from '../../src/freeze/cache/store.js';
import { createManifest } from '../../src/freeze/index.js';
import { backendManifest } from '../../src/freeze/manifest.js';
import type { FrozenBackend } from '../../src/bundle/frozen.js';
import { parseManifest } from '../../src/runtime/manifest.js';
import type { Target } from '../../src/target.js';
import { makeBackend } from './support/project.js';

const result: StoredResult = {
  version: 1,
  key: 'k',
  inputs: {},
  mode: 'onedir',
  executable: 'engine',
  companion: 'full',
  versions: { python: '3.12.1', pyinstaller: '6.22.3', package: '0.1.0' },
  files: [{ type: 'link', path: 'a', target: 'b' }],
  stamps: {},
  systemFiles: [],
  sizeBytes: 1,
  fileCount: 1,
  warnings: [],
  checkWarnings: [],
  verified: null,
  startupMs: null,
  frozenMs: 1,
};

async function frozen(target: Target, name = 'engine'): Promise<FrozenBackend> {
  const made = await makeBackend(
    { 'backend/main.py': '' },
    { entry: { asgi: 'main:app' }, ready: { http: '/health' } },
  );
  const backend = { ...made, name, target };
  return {
    backend,
    bundleDir: '/b',
    manifest: backendManifest(backend, result),
    key: 'k',
    cached: false,
    elapsedMs: 1,
    sizeBytes: 1,
    fileCount: 1,
    warnings: [],
  };
}

test('the manifest has the settings of the configuration and the digests of the bundle', async () => {
  const one = await frozen({ platform: 'linux', arch: 'x64' });
  const manifest = createManifest([one, await frozen({ platform: 'linux', arch: 'x64' }, 'other')]);
  expect(parseManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  expect(Object.keys(manifest.backends)).toEqual(['engine', 'other']);
  expect(manifest.backends['engine']).toMatchObject({
    key: 'k',
    companion: 'full',
    settings: { ready: { http: '/health' } },
    program: {
      type: 'frozen',
      platform: 'linux',
      executable: 'engine',
      directories: { x64: 'engine' },
      files: { x64: result.files },
    },
  });
});

test('two architectures of one backend become one entry with a folder each', async () => {
  const manifest = createManifest([
    await frozen({ platform: 'darwin', arch: 'x64' }),
    await frozen({ platform: 'darwin', arch: 'arm64' }),
  ]);
  expect(manifest.backends['engine']?.program).toMatchObject({
    directories: { x64: 'engine-x64', arm64: 'engine-arm64' },
    files: { x64: result.files, arm64: result.files },
  });
});

test('the same architecture twice, or two platforms, is an error', async () => {
  const mac = await frozen({ platform: 'darwin', arch: 'x64' });
  expect(() => createManifest([mac, mac])).toThrow('frozen for darwin x64 and darwin x64');
  const linux = await frozen({ platform: 'linux', arch: 'arm64' });
  expect(() => createManifest([mac, linux])).toThrow('darwin x64 and linux arm64');
});

test('what a program in one file is told of its data is filled in by its companion; one without is refused', async () => {
  const backend = await makeBackend(
    { 'backend/main.py': '' },
    { entry: { asgi: 'main:app' }, run: { args: ['{bundle}/a'], env: { B: '{bundle}' } } },
  );
  const inOneFile = { ...result, mode: 'onefile' } as const;
  expect(backendManifest(backend, inOneFile).settings).toMatchObject({
    args: ['{onefile:bundle}/a'],
    env: { B: '{onefile:bundle}' },
  });
  expect(backendManifest(backend, result).settings.args).toEqual(['{bundle}/a']);
  expect(() => backendManifest(backend, { ...inOneFile, companion: 'none' })).toThrow(
    '{bundle} has no value',
  );
});
