import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { configSourceOf } from '../../../src/hosts/electron-builder/config-source.js';
import {
  appDirOf,
  type BuilderContext,
  type BuilderPackager,
  platformOptionsOf,
  readPack,
  resourcesDirOf,
} from '../../../src/hosts/electron-builder/context.js';
import { builderWarnings } from '../../../src/hosts/electron-builder/warnings.js';

test.each([
  ['linux', 1, 'dist/linux-unpacked', ['x64'], 'x64', false, false],
  ['linux', 3, 'dist/linux-arm64-unpacked', ['arm64'], 'arm64', false, false],
  ['win32', 0, 'dist/win-ia32-unpacked', ['ia32'], 'ia32', false, false],
  ['darwin', 1, 'dist/mac', ['x64'], 'x64', false, false],
  ['darwin', 1, 'dist/mac-universal-x64-temp', ['x64', 'arm64'], 'x64', true, false],
  ['mas', 3, 'dist/mas-universal-arm64-temp', ['x64', 'arm64'], 'arm64', true, false],
  ['darwin', 4, 'dist/mac-universal', ['x64', 'arm64'], 'x64', true, true],
  // Not on macOS: a folder of that name means nothing.
  ['linux', 1, 'dist/my-x64-temp', ['x64'], 'x64', false, false],
] as const)(
  '%s, architecture %d, in %s',
  (electronPlatformName, arch, appOutDir, archs, slice, universal, merged) => {
    const pack = readPack({ electronPlatformName, arch, appOutDir });
    expect(pack).toMatchObject({ arch: slice, merged, request: { archs, universal } });
  },
);

test('an architecture that is not known is an error with those that are', () => {
  expect(() => readPack({ electronPlatformName: 'linux', arch: 9, appOutDir: 'x' })).toThrow('4 (universal)');
});

describe('packagers of both versions', () => {
  const shared = { projectDir: '/project', config: {} };
  const version26: BuilderPackager = {
    ...shared,
    platformSpecificBuildOptions: { signExts: ['.dll'] },
    info: { appDir: '/project/app' },
    getResourcesDir: (appOutDir) => path.join(appOutDir, 'resources'),
  };
  const version27: BuilderPackager = {
    ...shared,
    appDir: '/project/app',
    platformOptions: { signExts: ['.dll'] },
    appInfo: { productFilename: 'My App' },
  };

  test.each([
    ['26', version26],
    ['27', version27],
  ])('version %s: the platform section and the app folder are found', (_version, packager) => {
    expect(platformOptionsOf(packager).signExts).toEqual(['.dll']);
    expect(appDirOf(packager)).toBe('/project/app');
  });

  test.each([
    ['linux', 'dist/linux-unpacked', 'dist/linux-unpacked/resources'],
    ['darwin', 'dist/mac', 'dist/mac/My App.app/Contents/Resources'],
  ])('the resources of %s', (electronPlatformName, appOutDir, expected) => {
    const context: BuilderContext = {
      outDir: 'dist',
      appOutDir,
      electronPlatformName,
      arch: 1,
      packager: version27,
    };
    expect(resourcesDirOf(context)).toBe(path.normalize(expected));
  });
});

describe('where the configuration is', () => {
  test.each([
    [undefined, { projectDir: '/p' }],
    [null, { projectDir: '/p' }],
    ['./other.config.ts', { projectDir: '/p', file: './other.config.ts' }],
  ])('%j', (_pyinstaller, expected) => {
    expect(configSourceOf({ extraMetadata: { _pyinstaller } }, '/p')).toEqual(expected);
  });

  test('an object is the configuration itself and is named in messages', () => {
    const source = configSourceOf({ extraMetadata: { _pyinstaller: { backends: {} } } }, '/p');
    expect(source).toMatchObject({
      inline: { backends: {} },
      inlinePrefix: ['extraMetadata', '_pyinstaller'],
    });
  });

  test.each([[1], [true], [[]]])('%j is refused', (_pyinstaller) => {
    expect(() => configSourceOf({ extraMetadata: { _pyinstaller } }, '/p')).toThrow('an object or the path');
  });
});

test('a signed app for Windows whose libraries would not be signed gets a warning, with the line to add', () => {
  const env = { CSC_LINK: 'x' };
  expect(builderWarnings('win32', { signExts: ['.node'] }, env)[0]).toContain('[".node",".dll",".pyd"]');
  expect(builderWarnings('win32', { signExts: ['.dll', '.pyd'] }, env)).toEqual([]);
  expect(builderWarnings('win32', {}, {})).toEqual([]);
  expect(builderWarnings('win32', { signExecutable: false }, env)).toEqual([]);
  expect(builderWarnings('linux', {}, env)).toEqual([]);
});
