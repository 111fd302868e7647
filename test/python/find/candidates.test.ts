import { describe, expect, test } from 'vitest';
import type { CandidateInput } from '../../../src/python/find/candidate.js';
import { listCandidates } from '../../../src/python/find/candidates.js';
import { findOnPath, type DiskView } from '../../../src/python/find/path-search.js';
import { plainPython } from '../plain-python.js';

/** A disk with these files; the content matters only where it is given. */
function diskOf(files: Readonly<Record<string, string>>): DiskView {
  const all = Object.keys(files);
  return {
    isFile: (file) => all.includes(file),
    list: (folder) => [
      ...new Set(
        all
          .filter((file) => file.startsWith(`${folder}/`) || file.startsWith(`${folder}\\`))
          .map((file) => file.slice(folder.length + 1).split(/[\\/]/)[0] ?? ''),
      ),
    ],
    read: (file) => files[file] ?? null,
  };
}

const linux: CandidateInput = {
  python: plainPython,
  projectDir: '/app',
  sourceDirs: ['/app/backend'],
  env: { PATH: '/shims:/usr/bin:relative/bin' },
  platform: 'linux',
  homeDir: '/home/ada',
  broughtDir: null,
  interpreterKey: 'python.interpreter',
};

function commands(input: CandidateInput, files: Readonly<Record<string, string>>): string[] {
  return listCandidates(input, diskOf(files)).map(({ source, command, args }) =>
    [`${source}:`, command, ...args].join(' '),
  );
}

describe('order', () => {
  const everything = {
    '/app/backend/uv.lock': '',
    '/app/backend/.venv/bin/python': '',
    '/app/pyproject.toml': '[tool.poetry]\nname = "x"\n[tool.pdm.dev-dependencies]\n',
    '/active/bin/python': '',
    '/app/venv/bin/python3': '',
    '/conda/bin/python': '',
    '/shims/python3': '',
    '/usr/bin/python3': '',
    '/usr/bin/python': '',
    '/usr/bin/python3.12': '',
    '/usr/bin/python3.9': '',
    '/usr/bin/uv': '',
    '/usr/bin/poetry': '',
    '/usr/bin/pdm': '',
    '/home/ada/.pyenv/versions/3.11.9/bin/python': '',
    '/home/ada/.pyenv/versions/3.11.10/bin/python': '',
    '/home/ada/.pyenv/versions/3.13.0/bin/python': '',
    '/home/ada/.pyenv/versions/3.8.18/bin/python': '',
    '/home/ada/.pyenv/versions/pypy3.10-7.3/bin/python': '',
  };
  const env = { ...linux.env, VIRTUAL_ENV: '/active', CONDA_PREFIX: '/conda', CONDA_DEFAULT_ENV: 'work' };

  test('goes from the project to the machine', () => {
    expect(commands({ ...linux, env }, everything)).toEqual([
      'uv: /app/backend/.venv/bin/python',
      'poetry: /usr/bin/poetry env info --executable --no-ansi',
      'pdm: /usr/bin/pdm info --python',
      'VIRTUAL_ENV: /active/bin/python',
      'folder: /app/venv/bin/python3',
      'conda: /conda/bin/python',
      'PATH: /shims/python3',
      'PATH: /usr/bin/python3',
      'PATH: /usr/bin/python',
      'PATH: /usr/bin/python3.12',
      'pyenv: /home/ada/.pyenv/versions/3.13.0/bin/python',
      'pyenv: /home/ada/.pyenv/versions/3.11.10/bin/python',
      'pyenv: /home/ada/.pyenv/versions/3.11.9/bin/python',
      'uv-python: /usr/bin/uv python find --no-project --no-python-downloads >=3.10',
    ]);
  });

  test('looks a pinned version up by its name first, and only versions in the range', () => {
    const python = { ...plainPython, version: '3.12' };
    expect(commands({ ...linux, python }, everything).filter((line) => line.startsWith('PATH'))).toEqual([
      'PATH: /usr/bin/python3.12',
      'PATH: /shims/python3',
      'PATH: /usr/bin/python3',
      'PATH: /usr/bin/python',
    ]);
    expect(commands({ ...linux, python }, everything).filter((line) => line.startsWith('pyenv'))).toEqual([]);
  });

  test('ends with what uv brought for builds, newest first', () => {
    const tools = {
      '/cache/tools/python/cpython-3.12.9-linux-x86_64-gnu/bin/python': '',
      '/cache/tools/python/cpython-3.12.10-linux-x86_64-gnu/bin/python': '',
      '/cache/tools/python/cpython-3.9.1-linux-x86_64-gnu/bin/python': '',
    };
    const input = { ...linux, broughtDir: '/cache/tools/python' };
    expect(commands(input, { ...everything, ...tools }).slice(-2)).toEqual([
      'uv-python: /cache/tools/python/cpython-3.12.10-linux-x86_64-gnu/bin/python',
      'uv-python: /cache/tools/python/cpython-3.12.9-linux-x86_64-gnu/bin/python',
    ]);
  });

  test('leaves out the base environment that conda activates in every shell', () => {
    const base = { ...env, CONDA_DEFAULT_ENV: 'base' };
    expect(commands({ ...linux, env: base }, everything).join()).not.toContain('/conda');
  });

  test('takes the environment of a uv project from UV_PROJECT_ENVIRONMENT', () => {
    const files = { '/app/uv.lock': '', '/envs/x/bin/python': '' };
    const input = { ...linux, env: { UV_PROJECT_ENVIRONMENT: '/envs/x' } };
    expect(commands(input, files)).toEqual(['uv: /envs/x/bin/python']);
  });
});

describe('an explicit choice', () => {
  test.each([
    ['an absolute path', '/opt/py/bin/python3', '/opt/py/bin/python3'],
    ['a path relative to the project', './tools/python', '/app/tools/python'],
    ['a command on PATH', 'python3.12', '/usr/bin/python3.12'],
    ['a folder with an environment', '/envs/x', '/envs/x/bin/python'],
    ['something that does not exist', '/nowhere/python', '/nowhere/python'],
  ])('%s is the only candidate', (_, interpreter, expected) => {
    const files = {
      '/usr/bin/python3': '',
      '/usr/bin/python3.12': '',
      '/envs/x/bin/python': '',
      '/app/tools/python': '',
    };
    for (const input of [
      { ...linux, python: { ...plainPython, interpreter } },
      { ...linux, env: { ...linux.env, ELECTRON_PYINSTALLER_PYTHON: interpreter } },
    ]) {
      const found = listCandidates(input, diskOf(files));
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ command: expected, binding: true });
    }
  });

  test('the configuration wins over the variable, and an environment folder over both', () => {
    const env = { ...linux.env, ELECTRON_PYINSTALLER_PYTHON: '/b' };
    const python = { ...plainPython, interpreter: '/a' };
    expect(commands({ ...linux, env, python }, {})).toEqual(['config: /a']);
    const withFolder = { ...python, env: { type: 'path', directory: '/env' } } as const;
    expect(commands({ ...linux, env, python: withFolder }, {})).toEqual(['environment: /env/bin/python']);
  });

  test('with env: active the first environment that exists is binding', () => {
    const python = { ...plainPython, env: { type: 'active' } } as const;
    const files = { '/app/.venv/bin/python': '', '/usr/bin/python3': '' };
    const found = listCandidates({ ...linux, python }, diskOf(files));
    expect(found).toMatchObject([{ source: 'folder', command: '/app/.venv/bin/python', binding: true }]);
    const without = listCandidates({ ...linux, python }, diskOf({ '/usr/bin/python3': '' }));
    expect(without).toMatchObject([{ source: 'PATH', binding: false }]);
  });
});

describe('Windows', () => {
  const windows: CandidateInput = {
    ...linux,
    projectDir: 'C:\\app',
    sourceDirs: ['C:\\app\\backend'],
    // The variable's name has no fixed case there.
    env: {
      Path: 'C:\\Windows;"C:\\Program Files\\Python312"',
      LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local',
    },
    platform: 'win32',
    homeDir: 'C:\\Users\\ada',
  };
  const files = {
    'C:\\Windows\\py.exe': '',
    'C:\\Program Files\\Python312\\python.exe': '',
    'C:\\app\\.venv\\Scripts\\python.exe': '',
    'C:\\conda\\python.exe': '',
    'C:\\Users\\ada\\.pyenv\\pyenv-win\\versions\\3.11.9\\python.exe': '',
    'C:\\Users\\ada\\AppData\\Local\\Programs\\Python\\Python313\\python.exe': '',
  };

  test('asks the launcher before PATH and knows where installers put Python', () => {
    const env = { ...windows.env, CONDA_PREFIX: 'C:\\conda' };
    expect(commands({ ...windows, env, python: { ...plainPython, version: '>=3.12,<3.14' } }, files)).toEqual(
      [
        'folder: C:\\app\\.venv\\Scripts\\python.exe',
        'conda: C:\\conda\\python.exe',
        'launcher: C:\\Windows\\py.exe -3.13',
        'launcher: C:\\Windows\\py.exe -3.12',
        'PATH: C:\\Program Files\\Python312\\python.exe',
        'well-known: C:\\Users\\ada\\AppData\\Local\\Programs\\Python\\Python313\\python.exe',
      ],
    );
  });

  test('lets the launcher choose when every version is allowed', () => {
    expect(commands(windows, files)).toEqual(
      expect.arrayContaining([
        'launcher: C:\\Windows\\py.exe -3',
        'pyenv: C:\\Users\\ada\\.pyenv\\pyenv-win\\versions\\3.11.9\\python.exe',
      ]),
    );
  });

  test('does not take batch files, which cannot be started without a shell', () => {
    const disk = diskOf({ 'C:\\shims\\python.bat': '' });
    expect(findOnPath('python', { PATH: 'C:\\shims' }, 'win32', disk)).toEqual([]);
  });
});

test('macOS: finds Python where a program started from the Dock has no PATH to it', () => {
  const input: CandidateInput = { ...linux, platform: 'darwin', env: { PATH: '/usr/bin' } };
  const files = {
    '/opt/homebrew/bin/python3.13': '',
    '/Library/Frameworks/Python.framework/Versions/3.12/bin/python3': '',
  };
  expect(commands(input, files)).toEqual([
    'well-known: /opt/homebrew/bin/python3.13',
    'well-known: /Library/Frameworks/Python.framework/Versions/3.12/bin/python3',
  ]);
});
