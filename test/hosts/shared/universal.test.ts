import { expect, test } from 'vitest';
import { universalGlob } from '../../../src/hosts/shared/mac-signing.js';
import { createManifest } from '../../../src/freeze/manifest.js';
import { separateFolders } from '../../../src/hosts/shared/universal.js';
import { fakeFile, fakeFrozen } from './fakes.js';

function slice(arch: 'x64' | 'arm64') {
  return fakeFrozen(`/bundles/${arch}`, [fakeFile(`engine-${arch}`)], {
    target: { platform: 'darwin', arch },
  });
}

test('a universal app has one folder per architecture and one manifest for both', () => {
  const frozen = separateFolders([slice('x64'), slice('arm64')]);
  expect(frozen.map(({ manifest }) => manifest.program)).toMatchObject([
    { directories: { x64: 'engine-x64' } },
    { directories: { arm64: 'engine-arm64' } },
  ]);
  expect(createManifest(frozen).backends['engine']).toMatchObject({
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
