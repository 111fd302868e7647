import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../../src/config/index.js';
import {
  missingFromPip,
  pypiRequirement,
  readCondaEnvironment,
} from '../../../src/python/requirements/conda-environment.js';
import { isWithoutGroups, lockedVersions } from '../../../src/python/requirements/lock-file.js';
import { readPipfile, readPipfileLock } from '../../../src/python/requirements/pipfile.js';
import { namedRequirements } from '../../../src/python/requirements/named-requirements.js';
import { poetryRange } from '../../../src/python/requirements/poetry-tables.js';
import { readProjectDependencies } from '../../../src/python/requirements/project-file.js';
import { readRequirementInputs } from '../../../src/python/requirements/requirement-inputs.js';
import { movableText } from '../../../src/python/requirements/requirement-text.js';
import { hostTarget } from '../../../src/target.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { pythonCommand } from '../../support/python-command.js';

const file = '/p/pyproject.toml';

describe("Poetry's own tables", () => {
  const poetry = (tables: Record<string, unknown>) => ({ tool: { poetry: tables } });
  const read = (tables: Record<string, unknown>, extras: string[] = [], groups: string[] = []) =>
    readProjectDependencies(poetry(tables), { file, extras, groups });

  test.each([
    ['^1.2.3', '>=1.2.3,<2'],
    ['^1.2', '>=1.2,<2'],
    ['^0.2.3', '>=0.2.3,<0.3'],
    ['^0.0.3', '>=0.0.3,<0.0.4'],
    ['^0.0', '>=0.0,<0.1'],
    ['^0', '>=0,<1'],
    ['^2.0.0b1', '>=2.0.0b1,<3'],
    ['~1.2.3', '>=1.2.3,<1.3'],
    ['~1.2', '>=1.2,<1.3'],
    ['~1', '>=1,<2'],
    ['~=1.2', '~=1.2'],
    ['*', ''],
    ['1.2.*', '==1.2.*'],
    ['1.2.3', '==1.2.3'],
    ['>= 1.0, <2', '>=1.0,<2'],
    ['>=1.0 <2', '>=1.0,<2'],
    ['!=1.3,^1.0', '!=1.3,>=1.0,<2'],
  ])('%s is %s', (written, expected) => {
    expect(poetryRange(written, file)).toBe(expected);
  });

  test('alternatives are refused with a way out', () => {
    expect(() => poetryRange('^1 || ^2', file)).toThrow(
      /alternatives, which pip has no word for\.\nCommit a lock file/,
    );
  });

  test('are read whether the project is a package or not', () => {
    const dependencies = {
      python: '^3.11',
      fastapi: '^0.110',
      uvicorn: { version: '^0.29', extras: ['standard'] },
      pywin32: { version: '*', platform: 'win32' },
      tomli: { version: '^2', python: '<3.11' },
      mine: { path: '../mine', develop: true },
      forked: { git: 'git@github.com:ada/forked.git', branch: 'main' },
      torch: [
        { version: '2.3', markers: "sys_platform == 'darwin'" },
        { version: '2.4', markers: "sys_platform != 'darwin'" },
      ],
      psycopg: { version: '^3', optional: true },
    };
    const expected = [
      'fastapi>=0.110,<0.111',
      'uvicorn[standard]>=0.29,<0.30',
      'pywin32 ; sys_platform == "win32"',
      'tomli>=2,<3 ; python_version < "3.11"',
      `mine @ ${pathToFileURL('/mine').href}`,
      'forked @ git+ssh://git@github.com/ada/forked.git@main',
      "torch==2.3 ; sys_platform == 'darwin'",
      "torch==2.4 ; sys_platform != 'darwin'",
    ];
    for (const mode of [{ 'package-mode': false }, { name: 'x', packages: [{ include: 'x' }] }])
      expect(read({ ...mode, dependencies }).requirements).toEqual(expected);
    expect(read({ dependencies, extras: { db: ['psycopg'] } }, ['DB']).requirements).toContain(
      'psycopg>=3,<4',
    );
  });

  test('groups, also the one of Poetry 1, and those of the standard table beside them', () => {
    const tables = {
      dependencies: { six: '*' },
      group: { ML: { dependencies: { numpy: '^2' } } },
      'dev-dependencies': { pytest: '*' },
    };
    expect(read(tables, [], ['ml', 'dev']).requirements).toEqual(['six', 'numpy>=2,<3', 'pytest']);
    const content = { ...poetry(tables), 'dependency-groups': { more: ['idna'] } };
    expect(readProjectDependencies(content, { file, extras: [], groups: ['more'] }).requirements).toEqual([
      'six',
      'idna',
    ]);
    expect(() => read(tables, [], ['mll'])).toThrow(/no dependency group "mll"/);
    expect(() => read(tables, ['x'])).toThrow(/no extra "x"\. It has none/);
  });

  test('further indexes are kept, PyPI itself is not one', () => {
    expect(
      read({
        dependencies: {},
        source: [
          { name: 'a', url: 'https://x.example/simple' },
          { name: 'b', url: 'https://pypi.org/simple/' },
        ],
      }),
    ).toMatchObject({ poetry: { indexes: ['https://x.example/simple'] } });
  });

  test('[project] goes before them', () => {
    const content = {
      project: { name: 'x', dependencies: ['six'] },
      ...poetry({ dependencies: { idna: '*' } }),
    };
    expect(readProjectDependencies(content, { file, extras: [], groups: [] })).toEqual({
      type: 'static',
      requirements: ['six'],
    });
  });

  test("whatever range is written, pip's own reader understands it and agrees about versions", async () => {
    const number = fc.integer({ min: 0, max: 12 });
    const version = fc.array(number, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
    const ranges = fc.sample(fc.tuple(fc.constantFrom('^', '~', '>=', ''), version), 120);
    const cases = ranges.map(([operator, at]) => ({
      operator,
      at,
      range: poetryRange(`${operator}${at}`, file),
    }));
    const program = `
import json, sys
from pip._vendor.packaging.requirements import Requirement
for case in json.load(sys.stdin):
    found = Requirement("x" + case["range"]).specifier
    parts = [int(part) for part in case["at"].split(".")]
    assert found.contains(case["at"]), case
    above = str(parts[0] + 1)
    assert found.contains(above) == (case["operator"] == ">="), case
    if case["operator"] == "~" and len(parts) > 1:
        assert not found.contains(f"{parts[0]}.{parts[1] + 1}"), case
`;
    const { exitCode, stderr } = await execa(pythonCommand, ['-c', program], {
      input: JSON.stringify(cases),
      reject: false,
    });
    expect([exitCode, stderr]).toEqual([0, '']);
  });
});

describe('a lock of Poetry 1', () => {
  test('gives its versions; a name at two versions is left to its markers', () => {
    const content = {
      package: [
        { name: 'Six', version: '1.16.0', optional: false, files: [] },
        { name: 'numpy', version: '1.0' },
        { name: 'numpy', version: '2.0' },
        { name: 'own', version: '1', source: { type: 'git', url: 'https://x.example/own.git' } },
        { name: 'torch', version: '2', source: { type: 'legacy', url: 'https://x.example/simple' } },
      ],
    };
    expect(isWithoutGroups(content)).toBe(true);
    expect(lockedVersions(content)).toEqual({
      pins: ['six==1.16.0', 'torch==2'],
      indexes: ['https://x.example/simple'],
    });
    expect(isWithoutGroups({ package: [{ name: 'a', version: '1', groups: ['main'] }] })).toBe(false);
    expect(isWithoutGroups({ package: [] })).toBe(false);
  });
});

describe('Pipenv', () => {
  const lock = {
    _meta: {
      sources: [
        { name: 'pypi', url: 'https://pypi.org/simple' },
        { name: 'x', url: 'https://x.example/simple' },
      ],
    },
    default: {
      six: { hashes: ['sha256:b', 'sha256:a'], version: '==1.17.0', markers: "python_version >= '2.7'" },
      uvicorn: { hashes: ['sha256:c'], version: '==0.30', extras: ['standard'] },
      app: { editable: true, path: '.' },
    },
    develop: { pytest: { hashes: ['sha256:d'], version: '==8' } },
  };

  test('a lock gives pins with hashes, without the project itself and without development', () => {
    const ofProject = path.resolve('/p/Pipfile.lock');
    expect(readPipfileLock(lock, { file: ofProject, groups: [] })).toEqual({
      hashed: true,
      text: "--extra-index-url https://x.example/simple\nsix==1.17.0 ; python_version >= '2.7' --hash=sha256:a --hash=sha256:b\nuvicorn[standard]==0.30 --hash=sha256:c\n",
    });
    expect(readPipfileLock(lock, { file: '/p/Pipfile.lock', groups: ['develop'] }).text).toContain(
      'pytest==8',
    );
    expect(() => readPipfileLock(lock, { file: '/p/Pipfile.lock', groups: ['docs'] })).toThrow(
      /no category "docs"\. It has: develop/,
    );
    expect(() => readPipfileLock({}, { file: '/p/Pipfile.lock', groups: [] })).toThrow(/pipenv lock/);
  });

  test('with a repository in it, no line has hashes: pip takes them for all or none', () => {
    const { text, hashed } = readPipfileLock(
      {
        default: {
          ...lock.default,
          lib: { git: 'https://x.example/lib.git', ref: 'abc', subdirectory: 'py' },
        },
      },
      { file: '/p/Pipfile.lock', groups: [] },
    );
    expect(hashed).toBe(false);
    expect(text).toContain('lib @ git+https://x.example/lib.git@abc#subdirectory=py');
    expect(text).not.toContain('--hash');
  });

  test('a Pipfile gives its packages', () => {
    const packages = {
      requests: '*',
      six: '==1.17.0',
      numpy: { version: '>=2', extras: ['a'], sys_platform: "== 'linux'" },
      own: { path: './own', editable: true },
    };
    expect(readPipfile({ packages }, '/p/Pipfile')).toEqual([
      'requests',
      'six==1.17.0',
      "numpy[a]>=2 ; sys_platform == 'linux'",
      `own @ ${pathToFileURL('/p/own').href}`,
    ]);
  });
});

describe('a conda environment', () => {
  const text =
    'name: x\ndependencies:\n  - python=3.11\n  - numpy=1.26\n  - conda-forge::pytorch>=2.2\n  - cudatoolkit\n  - pip\n  - pip:\n    - fastapi\n    - -r more.txt\n';

  test('has a part for pip and a rest', () => {
    const environment = readCondaEnvironment(text, '/p/environment.yml');
    expect(environment.pip).toEqual(['fastapi', '-r more.txt']);
    expect(missingFromPip(environment, [])).toEqual(['numpy==1.26.*', 'torch>=2.2']);
    expect(missingFromPip(environment, ['Numpy', 'torch'])).toEqual([]);
    expect(movableText('/p/environment.yml', text)).toBe(`fastapi\n-r ${path.resolve('/p/more.txt')}\n`);
  });

  test.each([
    ['scipy', 'scipy'],
    ['scipy=1.11.4=py311h1_0', 'scipy==1.11.4'],
    ['scipy==1.11', 'scipy==1.11'],
    ['scipy =1.11', 'scipy==1.11.*'],
    ['scipy=1.11.*', 'scipy==1.11.*'],
    ['scipy >=1.11, <2', 'scipy>=1.11,<2'],
    ['opencv', 'opencv-python'],
  ])('%s is %s', (written, expected) => {
    expect(pypiRequirement(written)).toBe(expected);
  });

  test.each(['- a', 'dependencies: x', '{'])('%j is none', (wrong) => {
    expect(() => readCondaEnvironment(wrong, '/p/environment.yml')).toThrow(
      /conda environment \/p\/environment\.yml/,
    );
  });
});

describe('requirements of the configuration', () => {
  const resolved = (folder: string, requirements?: unknown) => {
    const config = {
      backends: {
        engine: {
          entry: { asgi: 'main:app' },
          source: 'backend',
          ...(requirements === undefined ? {} : { requirements }),
        },
      },
    };
    const loaded = { projectDir: folder, config: config as never, configFile: 'x', file: null, prefix: [] };
    return resolveConfig(loaded, { target: hostTarget() }).backends[0]?.requirements;
  };

  test.each([
    ['Pipfile.lock', { type: 'lock', tool: 'pipenv' }],
    ['Pipfile', { type: 'pip' }],
    ['environment.yml', { type: 'pip' }],
  ])('%s is taken when it is named and when the key is left out', async (name, expected) => {
    const folder = await writeFiles({ 'backend/main.py': '', [`backend/${name}`]: '' });
    expect(resolved(folder)).toMatchObject(expected);
    expect(resolved(folder, `backend/${name}`)).toMatchObject(expected);
  });

  test('a pyproject.toml that only sets up tools says nothing about packages', async () => {
    const folder = await writeFiles({
      'backend/main.py': '',
      'backend/pyproject.toml': '[tool.ruff]\nline-length = 100\n',
    });
    expect(resolved(folder)).toEqual({ type: 'none' });
  });

  test('what a Pipfile and a conda environment name counts, other text in them does not', async () => {
    const folder = await temporaryFolder();
    const digest = async (content: string) => {
      await writeFiles({ 'environment.yml': content }, folder);
      const inputs = await readRequirementInputs(
        { type: 'pip', files: [path.join(folder, 'environment.yml')], packages: [], requireHashes: false },
        folder,
        false,
      );
      return inputs.digests;
    };
    const first = await digest('dependencies: [{ pip: [six] }]');
    expect(await digest('# a comment\ndependencies: [{ pip: [six] }]')).toEqual(first);
    expect(await digest('dependencies: [{ pip: [six, idna] }]')).not.toEqual(first);
  });

  test('the names that they ask for are known', async () => {
    const folder = await writeFiles({
      Pipfile: '[packages]\nSix = "*"\n',
      'Pipfile.lock': '{"default":{}}',
      'environment.yml': 'dependencies: [numpy, { pip: [idna] }]\n',
    });
    const lock = {
      type: 'lock',
      tool: 'pipenv',
      file: path.join(folder, 'Pipfile.lock'),
      directory: folder,
      extras: [],
      groups: [],
    } as const;
    expect(await namedRequirements(lock)).toEqual(['six']);
    const files = [path.join(folder, 'environment.yml'), path.join(folder, 'Pipfile')];
    expect(await namedRequirements({ type: 'pip', files, packages: [], requireHashes: false })).toEqual([
      'idna',
      'six',
    ]);
  });
});
