import { expect, test } from 'vitest';
import { universalGlob } from '../../src/host/mac-signing.js';
import { mergeManifests, separateFolders } from '../../src/host/universal.js';
import type { Manifest } from '../../src/runtime/manifest.js';
import { fakeFile, fakeFrozen } from './fakes.js';

function slice(arch: 'x64' | 'arm64') {
  return fakeFrozen(`/bundles/${arch}`, [fakeFile(`engine-${arch}`)], {
    target: { platform: 'darwin', arch },
  });
}

test('a universal app has one folder per architecture and one manifest for both', () => {
  const slices = (['x64', 'arm64'] as const).map((arch) => separateFolders([slice(arch)]));
  const manifest = mergeManifests(
    slices.map(([one]): Manifest => ({ version: 1, backends: one ? { engine: one.manifest } : {} })),
  );
  expect(manifest.backends['engine']).toMatchObject({
    key: 'key-x64+key-arm64',
    program: {
      directories: { x64: 'engine-x64', arm64: 'engine-arm64' },
      files: { x64: [{ path: 'engine-x64' }], arm64: [{ path: 'engine-arm64' }] },
    },
  });
});

test('the glob for single-architecture files keeps what the app set already, and is added once', () => {
  const glob = universalGlob(['engine', 'jobs']);
  expect(glob).toBe('Contents/Resources/{engine-x64,engine-arm64,jobs-x64,jobs-arm64}/{**,**/.*/**}');
  const joined = universalGlob(['engine', 'jobs'], '*.node');
  expect(joined).toBe(`{*.node,${glob}}`);
  expect(universalGlob(['engine', 'jobs'], joined)).toBe(joined);
  expect(universalGlob([], '*.node')).toBe('*.node');
});
