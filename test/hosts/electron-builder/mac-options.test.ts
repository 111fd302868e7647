import { expect, test } from 'vitest';
import type { PlatformOptions } from '../../../src/hosts/electron-builder/context.js';
import { adaptMacOptions, signIgnorePattern } from '../../../src/hosts/electron-builder/mac-options.js';
import type { Manifest } from '../../../src/runtime/manifest.js';
import { fakeFile, fakeFrozen } from '../shared/fakes.js';

const manifest: Manifest = {
  version: 1,
  backends: {
    engine: fakeFrozen('/bundle', [
      fakeFile('engine', { algorithm: 'mach-o' }),
      fakeFile('_internal/a+b/_ssl.cpython-311-darwin.so', { algorithm: 'mach-o' }),
      fakeFile('_internal/base_library.zip'),
    ]).manifest,
  },
};
const inside = (file: string) => `/out/mac/My App.app/Contents/Resources/${file}`;

test.each([
  ['engine/engine', false],
  ['engine/_internal/a+b/_ssl.cpython-311-darwin.so', false],
  ['engine/_internal/Python.framework', false],
  ['engine/_internal/base_library.zip', true],
  ['engine/_internal/engine', true],
  ['engine-arm64/_internal/x.pyc', true],
  ['engine-arm64/engine', false],
  ['engineering/data.bin', false],
  ['app.asar', false],
])('%s is ignored by signing: %s', (file, ignored) => {
  expect(new RegExp(signIgnorePattern(manifest)).test(inside(file))).toBe(ignored);
});

test('version 26: the patterns of the app stay, ours is there once however many packs there are', () => {
  const options: PlatformOptions = { signIgnore: '\\.keep$' };
  adaptMacOptions(options, manifest, false, false);
  adaptMacOptions(options, manifest, true, false);
  expect(options.signIgnore).toEqual(['\\.keep$', signIgnorePattern(manifest)]);
  expect(options.x64ArchFiles).toContain('engine-x64');
});

test('version 27: the same under their new names; a signing function of the app is left alone', () => {
  const options: PlatformOptions = { universal: { x64ArchFiles: '*.node' } };
  adaptMacOptions(options, manifest, true, true);
  expect(options).toMatchObject({ sign: { ignore: [signIgnorePattern(manifest)] } });
  expect(options.universal?.x64ArchFiles).toMatch(/^\{\*\.node,Contents\/Resources/);
  expect(options.signIgnore).toBeUndefined();

  const custom: PlatformOptions = { sign: './sign.js' };
  adaptMacOptions(custom, manifest, false, true);
  expect(custom).toEqual({ sign: './sign.js' });
});
