import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { driverEnvironment } from '../../../src/freeze/driver/driver-environment.js';

const options = {
  interpreter: '/env/bin/python',
  configDir: '/work/config',
  platform: 'linux',
  isFolder: false,
} as const;

test('nothing of another Python gets through, everything else does', () => {
  const env = driverEnvironment(
    {
      PATH: '/usr/bin',
      HOME: '/home/ada',
      PYTHONPATH: '/evil',
      PYTHONHOME: '/evil',
      PYTHONOPTIMIZE: '2',
      VIRTUAL_ENV: '/other',
      _PYI_ARCHIVE_FILE: '/x',
      PYI_LOG_LEVEL: 'ERROR',
      __PYVENV_LAUNCHER__: '/x',
      MY_SETTING: '1',
    },
    options,
  );
  expect(env).toEqual({
    PATH: '/env/bin:/usr/bin',
    HOME: '/home/ada',
    MY_SETTING: '1',
    PYTHONHASHSEED: '0',
    PYTHONUTF8: '1',
    PYTHONNOUSERSITE: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
    PYINSTALLER_CONFIG_DIR: '/work/config',
    SOURCE_DATE_EPOCH: '315532800',
  });
});

test('a timestamp that the build sets itself is kept', () => {
  expect(driverEnvironment({ SOURCE_DATE_EPOCH: '1' }, options)['SOURCE_DATE_EPOCH']).toBe('1');
});

test('modules of a folder are not compressed unless somebody wants them to be; a single file is', () => {
  const level = (inherited: NodeJS.ProcessEnv, isFolder: boolean): string | undefined =>
    driverEnvironment(inherited, { ...options, isFolder })['PYINSTALLER_ZLIB_COMPRESSION_LEVEL'];
  expect(level({}, true)).toBe('0');
  expect(level({}, false)).toBeUndefined();
  expect(level({ PYINSTALLER_ZLIB_COMPRESSION_LEVEL: '9' }, true)).toBe('9');
  expect(level({ PYINSTALLER_ZLIB_COMPRESSION_LEVEL: '9' }, false)).toBe('9');
});

test('on Windows the path is found whatever its case, and conda finds its libraries', () => {
  const env = driverEnvironment(
    { Path: 'C:\\Windows', pythonpath: 'C:\\evil' },
    { interpreter: 'C:\\env\\Scripts\\python.exe', configDir: 'C:\\w', platform: 'win32', isFolder: true },
  );
  expect(env['PATH']).toBe('C:\\env\\Scripts;C:\\env\\Library\\bin;C:\\Windows');
  expect(Object.keys(env)).not.toContain('Path');
  expect(Object.keys(env)).not.toContain('pythonpath');
  const conda = driverEnvironment(
    { Path: 'C:\\Windows' },
    { interpreter: 'C:\\conda\\python.exe', configDir: 'C:\\w', platform: 'win32', isFolder: true },
  );
  expect(conda['PATH']).toBe('C:\\conda;C:\\conda\\Scripts;C:\\conda\\Library\\bin;C:\\Windows');
});

test('two builds with the same tools have the same switches', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^PYTHON[A-Z]{0,8}$/), fc.string()), (inherited) => {
      expect(driverEnvironment(inherited, options)).toEqual(driverEnvironment({}, options));
    }),
  );
});
