import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { outputFile } from 'fs-extra/esm';
import { expect, test } from 'vitest';
import { dynamicVersion, versionFiles, versionIn } from '../../../src/python/environment/own-version.js';
import type { OwnProject } from '../../../src/python/requirements/own-project.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { notOnWindows } from '../../support/windows.js';

const own: OwnProject = {
  name: 'My.App',
  version: null,
  summary: null,
  dependencies: [],
  entryPoints: {},
  isPackage: true,
};

test.each([
  ['Would install my-app-1.2.3', '1.2.3'],
  ['Processing /a\nWould install my_app-0.1.dev3+g12ab.d20261129\n', '0.1.dev3+g12ab.d20261129'],
  ['Would install my-app-more-1.2', null],
  ['Would install other-1\n', null],
  ['', null],
])('the version is read from what pip would do: %j', (output, version) => {
  expect(versionIn(output, 'My.App')).toBe(version);
});

test.each([
  ['[tool.setuptools.dynamic]\nversion = { attr = "engine.about.VERSION" }', 'engine/about.py'],
  ['[tool.setuptools.dynamic]\nversion = { file = ["VERSION.txt"] }', 'VERSION.txt'],
  ['[tool.hatch.version]\npath = "src/engine/__about__.py"', 'src/engine/__about__.py'],
  ['[tool.pdm.version]\nsource = "file"\npath = "engine/__version__.py"', 'engine/__version__.py'],
  ['[metadata]\nversion = attr: engine.__version__', 'engine/__init__.py'],
  ['[build-system]\nbuild-backend = "flit_core.buildapi"', 'src/my_app/__init__.py'],
])('files that may hold a version are known from the settings: %j', (settings, file) => {
  expect(versionFiles('My.App', settings)).toContain(file);
});

test('only a package whose version is not written has to be asked', async () => {
  const folder = await temporaryFolder();
  expect(await dynamicVersion(own, folder, process.env)).not.toBeNull();
  expect(await dynamicVersion({ ...own, version: '1' }, folder, process.env)).toBeNull();
  expect(await dynamicVersion({ ...own, isPackage: false }, folder, process.env)).toBeNull();
  expect(await dynamicVersion(null, folder, process.env)).toBeNull();
  expect(await dynamicVersion(own, null, process.env)).toBeNull();
});

test(
  'a new tag, another text in the file of the version or a variable of its tool asks anew; other files do not',
  notOnWindows('a git for Windows is not here'),
  async () => {
    const folder = await writeFiles({
      'pyproject.toml': '[tool.hatch.version]\npath = "my_app/__about__.py"\n',
      'my_app/__about__.py': '__version__ = "1"\n',
    });
    const digest = async (env = process.env) => (await dynamicVersion(own, folder, env))?.digest;
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder });
    const seen = [await digest()];
    const next = async (env?: NodeJS.ProcessEnv) => {
      const made = await digest(env);
      expect(seen).not.toContain(made);
      seen.push(made);
    };
    await outputFile(path.join(folder, 'my_app/__about__.py'), '__version__ = "2"\n');
    await next();
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'a');
    await next();
    git('tag', 'v3');
    await next();
    await next({ ...process.env, SETUPTOOLS_SCM_PRETEND_VERSION: '4' });
    const before = await digest();
    await outputFile(path.join(folder, 'my_app/other.py'), 'x = 1\n');
    expect(await digest()).toBe(before);
  },
);
