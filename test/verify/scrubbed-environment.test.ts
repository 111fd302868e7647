import { lstat, mkdir, readdir, readlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPythonProgram, makePythonFreePath } from '../../src/verify/python-free-path.js';
import { scrubEnvironment, verifyMarkerVariable } from '../../src/verify/scrubbed-environment.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { notOnWindows } from '../support/windows.js';

const folders = { home: '/v/home', temporary: '/v/tmp', userData: '/v/data' };

describe('scrubEnvironment', () => {
  it('removes what makes Python find things, and what belongs to this build', () => {
    const names =
      'PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX PYENV_ROOT PIP_INDEX_URL UV_CACHE_DIR _PYI_ARCHIVE_FILE _MEIPASS2 LD_LIBRARY_PATH DYLD_LIBRARY_PATH SSL_CERT_FILE NODE_OPTIONS npm_config_cache ELECTRON_RUN_AS_NODE'.split(
        ' ',
      );
    const base = Object.fromEntries(names.map((name) => [name, 'x']));
    const result = scrubEnvironment(
      { ...base, LANG: 'de_DE.UTF-8', HTTPS_PROXY: 'http://p', UVICORN: 'kept' },
      folders,
      {
        platform: 'linux',
        search: '/bin',
        marker: 'abc',
      },
    );
    expect(result).toEqual({
      LANG: 'de_DE.UTF-8',
      HTTPS_PROXY: 'http://p',
      UVICORN: 'kept',
      PATH: '/bin',
      HOME: '/v/home',
      TMPDIR: '/v/tmp',
      XDG_CONFIG_HOME: '/v/home/.config',
      XDG_CACHE_HOME: '/v/home/.cache',
      XDG_DATA_HOME: '/v/home/.local/share',
      XDG_STATE_HOME: '/v/home/.local/state',
      [verifyMarkerVariable]: 'abc',
    });
  });

  it('treats names on Windows without regard to case', () => {
    const result = scrubEnvironment(
      { path: 'C:\\Python', Temp: 'C:\\Temp', PythonPath: 'x', SystemRoot: 'C:\\Windows' },
      folders,
      {
        platform: 'win32',
        search: 'C:\\Windows\\System32',
        marker: 'abc',
      },
    );
    expect(result).toEqual({
      SystemRoot: 'C:\\Windows',
      Path: 'C:\\Windows\\System32',
      USERPROFILE: '/v/home',
      APPDATA: '/v/data',
      LOCALAPPDATA: '/v/data',
      TEMP: '/v/tmp',
      TMP: '/v/tmp',
      [verifyMarkerVariable]: 'abc',
    });
  });
});

const colons = notOnWindows(
  'a folder of Windows holds a colon, which parts folders in the search paths of others',
);

describe('makePythonFreePath', () => {
  it('keeps folders without Python and replaces the others by links to the rest', colons, async () => {
    const root = await writeFiles({
      'clean/tool': '',
      'mixed/python3.12': '',
      'mixed/sh': '',
      'second/python3': '',
      'second/sh': '',
      'second/git': '',
    });
    const search = [
      path.join(root, 'clean'),
      path.join(root, 'mixed'),
      '',
      'relative',
      path.join(root, 'gone'),
      path.join(root, 'second'),
    ].join(':');
    const path_ = await makePythonFreePath(search, path.join(root, 'farms'), 'linux');
    const [name = '', ...others] = await readdir(path.join(root, 'farms'));
    expect(others).toEqual([]);
    const farm = path.join(root, 'farms', name);
    expect(path_).toBe([path.join(root, 'clean'), farm, path.join(root, 'gone')].join(':'));
    expect(await readlink(path.join(farm, 'sh'))).toBe(path.join(root, 'mixed/sh'));
    expect(await readlink(path.join(farm, 'git'))).toBe(path.join(root, 'second/git'));
    await expect(readlink(path.join(farm, 'python3.12'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it(
    'makes the links once, and others when there is another program; what nobody used for long goes',
    colons,
    async () => {
      const root = await writeFiles({ 'bin/python3': '', 'bin/sh': '' });
      const farms = path.join(root, 'farms');
      const farm = (): Promise<string> => makePythonFreePath(path.join(root, 'bin'), farms, 'linux');
      const first = await farm();
      const made = (await lstat(path.join(first, 'sh'))).ino;
      expect(await Promise.all([farm(), farm()])).toEqual([first, first]);
      expect((await lstat(path.join(first, 'sh'))).ino).toBe(made);
      await writeFile(path.join(root, 'bin/git'), '');
      const [second, third] = await Promise.all([farm(), farm()]);
      expect(second).toBe(third);
      expect(await readdir(second)).toEqual(['git', 'sh']);
      await utimes(first, 0, 0);
      await writeFile(path.join(root, 'bin/ls'), '');
      const newest = await farm();
      expect((await readdir(farms)).toSorted()).toEqual(
        [newest, second].map((each) => path.basename(each)).toSorted(),
      );
    },
  );

  it('makes no folder when there is nothing to hide', colons, async () => {
    const root = await temporaryFolder();
    await mkdir(path.join(root, 'bin'));
    expect(await makePythonFreePath(path.join(root, 'bin'), path.join(root, 'farm'), 'linux')).toBe(
      path.join(root, 'bin'),
    );
  });

  it.each([
    'python',
    'python3',
    'python3.12',
    'pythonw.exe',
    'pip',
    'pip3.11',
    'uv',
    'uvx',
    'poetry',
    'python3.13t'.slice(0, 10),
    'conda',
  ])('hides %s', (name) => expect(isPythonProgram(name)).toBe(true));
  it.each(['sh', 'pipe', 'uvicorn', 'git', 'pythonic-tool', 'x86_64-linux-gnu-gcc'])('keeps %s', (name) =>
    expect(isPythonProgram(name)).toBe(false),
  );
});
