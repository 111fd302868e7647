import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  describeInputs,
  environmentKey,
  type EnvironmentInputs,
} from '../../../src/python/environment/environment-key.js';
import { writeFiles } from '../../support/files.js';
import { goodProbe } from '../fake-python.js';
import { plainPython } from '../plain-python.js';

const inputs: EnvironmentInputs = {
  probe: goodProbe,
  python: plainPython,
  requirementType: ['pip', ['six'], false],
  inputs: {
    digests: [['file r.txt', 'abc']],
    hashed: false,
    namesPyInstaller: false,
    options: [],
    cwd: '/p',
  },
  pyinstaller: 'pyinstaller==6.22.3',
  installer: 'pip',
  withProject: false,
  ownVersion: null,
  own: null,
  env: {},
  platform: 'linux',
};
const key = (changes: Partial<EnvironmentInputs>) =>
  environmentKey(describeInputs({ ...inputs, ...changes }));
const before = key({});

test.each<[string, Partial<EnvironmentInputs>]>([
  ['the version of Python', { probe: { ...goodProbe, version: [3, 12, 2] } }],
  ['its ABI', { probe: { ...goodProbe, soabi: 'cpython-312t' } }],
  ['its architecture', { probe: { ...goodProbe, arch: goodProbe.arch === 'x64' ? 'arm64' : 'x64' } }],
  [
    'the interpreter environments are made from',
    { probe: { ...goodProbe, baseExecutable: '/other/python' } },
  ],
  ['its library', { probe: { ...goodProbe, sharedLibrary: '/other/libpython.so' } }],
  ['the requirements', { requirementType: ['pip', ['idna'], false] }],
  ['a requirements file', { inputs: { ...inputs.inputs, digests: [['file r.txt', 'def']] } }],
  ['PyInstaller', { pyinstaller: 'pyinstaller==6.22.0' }],
  ['the installer', { installer: 'uv' }],
  ['the project', { withProject: true }],
  ['the version of the project itself', { ownVersion: { digest: 'x' } }],
  ['an index', { python: { ...plainPython, indexUrl: 'https://x' } }],
  ['a folder of wheels', { python: { ...plainPython, findLinks: ['/w'] } }],
  ['arguments of pip', { python: { ...plainPython, pipArgs: ['--pre'] } }],
  ['offline', { python: { ...plainPython, offline: true } }],
  ['a variable that decides what is installed', { env: { PIP_PRE: '1' } }],
])('%s makes another environment', (_, changes) => {
  expect(key(changes)).not.toBe(before);
});

test.each<[string, Partial<EnvironmentInputs>]>([
  [
    'where packages come from',
    { env: { PIP_INDEX_URL: 'https://mirror', PIP_CERT: '/x', UV_CACHE_DIR: '/y' } },
  ],
  ['the folder of the project', { inputs: { ...inputs.inputs, cwd: '/elsewhere' } }],
  ['how the interpreter is called', { probe: { ...goodProbe, executable: '/usr/bin/python3.12' } }],
  [
    'what else is installed in it',
    { probe: { ...goodProbe, pyinstaller: '6.0', hasPip: false, sitePackages: [] } },
  ],
  ['the range that led to it', { python: { ...plainPython, version: '3.12' } }],
])('%s does not', (_, changes) => {
  expect(key(changes)).toBe(before);
});

test('a constraints file counts by its content', async () => {
  const folder = await writeFiles({ 'a.txt': 'six<2', 'b.txt': 'six<2', 'c.txt': 'six<1' });
  const [a, b, c] = ['a', 'b', 'c'].map((name) =>
    key({ env: { PIP_CONSTRAINT: path.join(folder, `${name}.txt`) } }),
  );
  expect(a).toBe(b);
  expect(c).not.toBe(a);
});

test('the key is independent of the order of its parts and different for different parts', () => {
  const parts = fc.dictionary(fc.string(), fc.string());
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const reversed = Object.fromEntries(Object.entries(a).reverse());
      expect(environmentKey(reversed)).toBe(environmentKey(a));
      expect(environmentKey(a) === environmentKey(b)).toBe(isDeepStrictEqual({ ...a }, { ...b }));
    }),
  );
});
