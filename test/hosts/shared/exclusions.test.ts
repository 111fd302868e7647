import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readAppFacts } from '../../../src/hosts/shared/app-facts.js';
import { findExclusions } from '../../../src/hosts/shared/exclusions.js';
import { removeExcluded } from '../../../src/hosts/shared/remove-excluded.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { fakeBackend, fakeConfig } from './fakes.js';

const app = path.resolve('/app');
const facts = {
  appDir: app,
  main: 'src/main.js',
  hasConfigKey: false,
  environments: [],
  bundles: [],
  configFiles: [],
};

test('sources, requirements, environments and configuration stay out of the app', () => {
  const config = fakeConfig(app, [
    fakeBackend({
      source: [path.join(app, 'backend'), path.join(app, 'shared/python')],
      requirements: {
        type: 'pip',
        files: [path.join(app, 'requirements.txt'), path.join(app, 'backend/requirements.txt')],
        packages: [],
        requireHashes: false,
      },
    }),
  ]);
  const found = findExclusions([config], {
    ...facts,
    environments: [path.join(app, '.venv')],
    configFiles: [path.join(app, 'pyinstaller.config.ts')],
  });
  expect(found.paths).toEqual([
    '.venv',
    'backend',
    'node_modules/.cache/electron-pyinstaller',
    'pyinstaller.config.ts',
    'requirements.txt',
    'shared/python',
  ]);
  expect(found.pythonIn).toEqual([]);
});

test('a source folder that holds the main file of the app loses only its Python files', () => {
  const config = fakeConfig(app, [fakeBackend({ source: [path.join(app, 'src')] })]);
  const found = findExclusions([config], facts);
  expect(found.pythonIn).toEqual(['src']);
  expect(found.paths).not.toContain('src');
});

test('the project folder itself is never left out', () => {
  const config = fakeConfig(app, [fakeBackend({ source: [app] })], app);
  const found = findExclusions([config], facts);
  expect(found.pythonIn).toEqual(['.']);
  expect(found.paths).not.toContain('.');
});

test('sources outside the app are left alone', () => {
  const config = fakeConfig(app, [fakeBackend({ source: [path.resolve('/elsewhere/backend')] })]);
  expect(findExclusions([config], facts).paths).toEqual(['node_modules/.cache/electron-pyinstaller']);
});

test('what is excluded is removed from a copy, and nothing else', async () => {
  const folder = await writeFiles({
    'package.json': '{"main":"src/main.js"}',
    'pyinstaller.config.ts': '',
    'src/main.js': '',
    'src/helper.py': '',
    'src/__pycache__/helper.pyc': '',
    'src/page.html': '',
    'backend/main.py': '',
    'backend/data/x.json': '',
    'envé/pyvenv.cfg': '',
    'envé/bin/python': '',
    'node_modules/x/tool.py': '',
    'only/this/requirements.txt': '',
  });
  const facts = await readAppFacts(folder);
  const config = fakeConfig(folder, [
    fakeBackend({
      source: [path.join(folder, 'src'), path.join(folder, 'backend')],
      prebuilt: path.join(folder, 'only/this'),
    }),
  ]);
  await removeExcluded(folder, findExclusions([config], facts));
  const left = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
  expect(await readdir(folder)).not.toContain('only');
  expect(left).toEqual(['node_modules/x/tool.py', 'package.json', 'src/main.js', 'src/page.html']);
});

test('an app folder without a package.json has no facts and no error', async () => {
  const folder = await temporaryFolder();
  expect(await readAppFacts(folder)).toMatchObject({
    main: undefined,
    hasConfigKey: false,
    environments: [],
    configFiles: [],
  });
});

test('own hooks, runtime hooks, specs and scripts outside the sources stay out of the app', () => {
  const backend = fakeBackend({ entry: { type: 'spec', file: path.join(app, 'engine.spec') } });
  const pyinstaller = {
    ...backend.pyinstaller,
    hooks: [path.join(app, 'build/hooks')],
    runtimeHooks: [path.join(app, 'build/before.py')],
  };
  expect(findExclusions([fakeConfig(app, [{ ...backend, pyinstaller }])], facts).paths).toEqual([
    'build/before.py',
    'build/hooks',
    'engine.spec',
    'node_modules/.cache/electron-pyinstaller',
  ]);
});

test('a bundle that `build --out` wrote stays out of the app, whether the configuration names it or not', async () => {
  const folder = await writeFiles({
    'package.json': '{"main":"main.js"}',
    'frozen/linux-x64/engine/electron-pyinstaller-bundle.json': '{}',
    'frozen/linux-x64/engine/engine': '',
    'frozen/linux-x64/data/index.html': '',
    'assets/linux-x64/icon/icon.png': '',
  });
  const facts = await readAppFacts(folder);
  const { paths } = findExclusions([], facts);
  expect(paths.filter((one) => /^(?:frozen|assets)/.test(one))).toEqual(['frozen/linux-x64/engine']);
});
