import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileSet } from 'app-builder-lib';
import type { BuilderConfig } from '../../../src/hosts/electron-builder/context.js';
import {
  excludeSources,
  exclusionPatterns,
  injectIntoApp,
  injectResources,
} from '../../../src/hosts/electron-builder/inject.js';

const exclusions = { paths: ['backend', '.venv'], pythonIn: [] };
const patterns = ['!backend{,/**/*}', '!.venv{,/**/*}'];

describe('extra resources', () => {
  test('a rule with the same destination, and ours of an earlier pack, are replaced', () => {
    const config: BuilderConfig = {
      extraResources: [
        { from: 'assets', to: 'assets' },
        { from: 'old', to: 'engine' },
        { filter: ['readme'] },
      ],
    };
    injectResources(config, [{ from: '/bundles/a', to: 'engine' }]);
    injectResources(config, [
      { from: '/bundles/x', to: 'engine-x64' },
      { from: '/bundles/y', to: 'engine-arm64' },
    ]);
    expect(config.extraResources).toEqual([
      { from: 'assets', to: 'assets' },
      { filter: ['readme'] },
      { from: '/bundles/x', to: 'engine-x64', filter: ['**/*'] },
      { from: '/bundles/y', to: 'engine-arm64', filter: ['**/*'] },
    ]);
  });

  test('however many packs a run has, the last one wins and nothing accumulates', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.array(fc.constantFrom('engine', 'jobs', 'engine-x64', 'engine-arm64'), { minLength: 1 }),
          {
            minLength: 1,
          },
        ),
        (packs) => {
          const config: BuilderConfig = { extraResources: [{ from: 'assets', to: 'assets' }] };
          for (const [index, names] of packs.entries()) {
            const injections = [...new Set(names)].map((to) => ({ from: `/bundles/${index}/${to}`, to }));
            injectResources(config, injections);
            injectResources(config, injections);
          }
          const last = [...new Set(packs.at(-1))];
          const rules = config.extraResources as FileSet[];
          expect(rules.map(({ to }) => to)).toEqual(['assets', ...last]);
          expect(rules.slice(1).every(({ from }) => from?.startsWith(`/bundles/${packs.length - 1}/`))).toBe(
            true,
          );
        },
      ),
    );
  });
});

describe('sources', () => {
  test('without any rule of the app one of ours is added, in front of the manifest, and only once', () => {
    const config: BuilderConfig = { files: [] };
    for (let pack = 0; pack < 3; pack++) {
      excludeSources(config, {}, exclusions);
      injectIntoApp(config, '/manifests', null);
    }
    expect(config.files).toEqual([
      { filter: patterns },
      { from: '/manifests', to: '.', filter: ['electron-pyinstaller.json'] },
    ]);
  });

  test('the runtime of a main process that is not bundled goes into node_modules, in front of the manifest, only once', () => {
    const config: BuilderConfig = { files: [{ from: 'dist', to: '.' }] };
    for (const runtime of ['/first', '/second']) injectIntoApp(config, '/manifests', runtime);
    const manifest = { from: '/manifests', to: '.', filter: ['electron-pyinstaller.json'] };
    expect(config.files).toEqual([
      { from: 'dist', to: '.' },
      { from: '/second', to: 'node_modules/electron-pyinstaller', filter: ['**/*'] },
      manifest,
    ]);
    injectIntoApp(config, '/manifests', null);
    expect(config.files).toEqual([{ from: 'dist', to: '.' }, manifest]);
  });

  test('patterns of the app stay, ours come right behind the one that takes everything', () => {
    const config: BuilderConfig = { files: [{ filter: ['**/*', '!docs', 'backend/keep.json'] }] };
    excludeSources(config, {}, exclusions);
    excludeSources(config, {}, exclusions);
    expect(config.files).toEqual([{ filter: ['**/*', ...patterns, '!docs', 'backend/keep.json'] }]);
  });

  test('an app that names only folders gets no pattern, which would bring the rest back', () => {
    const config: BuilderConfig = { files: [{ from: 'dist', to: '.' }] };
    excludeSources(config, {}, exclusions);
    expect(config.files).toEqual([{ from: 'dist', to: '.' }]);
  });

  test('patterns in the platform section are completed too', () => {
    const config: BuilderConfig = { files: [] };
    const linux = { files: ['**/*', '!x'] };
    excludeSources(config, linux, exclusions);
    expect(linux.files).toEqual(['**/*', ...patterns, '!x']);
    expect(config.files).toEqual([]);
  });

  test('letters that mean something in a pattern are escaped', () => {
    expect(exclusionPatterns({ paths: ['back[end]'], pythonIn: ['.', 'src'] })).toEqual([
      '!back\\[end\\]{,/**/*}',
      '!**/*.{py,pyi,pyc,pyo,pyd,pyx}',
      '!**/__pycache__{,/**/*}',
      '!src/**/*.{py,pyi,pyc,pyo,pyd,pyx}',
      '!src/**/__pycache__{,/**/*}',
    ]);
  });
});
