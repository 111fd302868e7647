import { describe, expect, test } from 'vitest';
import { cleanEnvironment } from '../../src/python/clean-environment.js';
import {
  createCommand,
  emptyRequest,
  installCommand,
} from '../../src/python/environment/install-commands.js';
import { redactUrls } from '../../src/python/redact.js';
import { plainPython } from './plain-python.js';

const pip = { kind: 'pip' } as const;
const uv = { kind: 'uv', program: '/bin/uv' } as const;
const request = { ...emptyRequest, files: ['/p/r.txt'], packages: ['six'], requireHashes: true };

describe('commands', () => {
  test('of pip name the interpreter of the environment', () => {
    const command = installCommand(pip, '/env/bin/python', plainPython, request).join(' ');
    expect(command).toMatch(
      /^\/env\/bin\/python -I -X utf8 -u -m pip install .* --require-hashes -r \/p\/r\.txt -- six$/,
    );
    expect(command).toContain('--no-input');
  });

  test('of uv do too', () => {
    expect(installCommand(uv, '/env/bin/python', plainPython, { ...request, noDependencies: true })).toEqual([
      '/bin/uv',
      'pip',
      'install',
      '--python',
      '/env/bin/python',
      '--require-hashes',
      '--no-deps',
      '-r',
      '/p/r.txt',
      '--',
      'six',
    ]);
  });

  test('carry the sources of the configuration and its own arguments', () => {
    const python = {
      ...plainPython,
      indexUrl: 'https://a/simple',
      extraIndexUrls: ['https://b/simple'],
      findLinks: ['/wheels'],
      pipArgs: ['--pre'],
    };
    for (const installer of [pip, uv]) {
      expect(installCommand(installer, '/p', python, request).join(' ')).toContain(
        '--index-url https://a/simple --extra-index-url https://b/simple --find-links /wheels --require-hashes --pre -r',
      );
    }
  });

  test.each([
    [pip, ['/wheels'], '--find-links /wheels --no-index'],
    [uv, ['/wheels'], '--find-links /wheels --no-index --offline'],
    [pip, [], '--no-index'],
    // uv has what it downloaded before.
    [uv, [], '--offline'],
  ])('offline: %j with folders %j', (installer, findLinks, expected) => {
    const python = { ...plainPython, offline: true, findLinks };
    const command = installCommand(installer, '/p', python, { ...emptyRequest, packages: ['six'] }).join(' ');
    expect(command).toContain(` ${expected} -- six`);
  });

  test('make environments', () => {
    expect(createCommand(pip, '/usr/bin/python3', '/env', false)).toEqual([
      '/usr/bin/python3',
      '-I',
      '-m',
      'venv',
      '/env',
    ]);
    expect(createCommand(uv, '/usr/bin/python3', '/env', true).join(' ')).toBe(
      '/bin/uv venv --no-project --no-python-downloads --seed --python /usr/bin/python3 /env',
    );
  });
});

test('variables that point elsewhere are dropped, those that name mirrors stay', () => {
  const env = cleanEnvironment({
    PATH: '/bin',
    PYTHONPATH: '/x',
    PythonHome: '/x',
    VIRTUAL_ENV: '/x',
    PIP_TARGET: '/x',
    PIP_INDEX_URL: 'https://mirror',
    UV_INDEX_URL: 'https://mirror',
    UV_PYTHON: '3.9',
    PYTHONUNBUFFERED: '1',
  });
  expect(env).toEqual({
    PATH: '/bin',
    PIP_INDEX_URL: 'https://mirror',
    UV_INDEX_URL: 'https://mirror',
    PYTHONUNBUFFERED: '1',
    PYTHONNOUSERSITE: '1',
  });
});

test.each([
  [
    'Looking in indexes: https://ada:pw@example.com/simple',
    'Looking in indexes: https://***@example.com/simple',
  ],
  ['https://token@x/y git+https://u:p@z', 'https://***@x/y git+https://***@z'],
  ['https://example.com/simple ada@example.com', 'https://example.com/simple ada@example.com'],
])('%s is shown as %s', (text, expected) => {
  expect(redactUrls(text)).toBe(expected);
});
