import { expect, test } from 'vitest';
import { childEnvironment } from '../../../src/runtime/launch/child-environment.js';

const linux = { platform: 'linux', program: 'frozen', additions: {} } as const;

test('removes what belongs to Electron, Node, Python, PyInstaller and the loader', () => {
  const clean = childEnvironment(
    {
      HOME: '/home/ada',
      PATH: '/usr/bin',
      LANG: 'de_DE.UTF-8',
      SSL_CERT_FILE: '/certs.pem',
      CUDA_VISIBLE_DEVICES: '0',
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: '--inspect',
      CHROME_DESKTOP: 'x',
      PYTHONPATH: '/evil',
      PYTHONHOME: '/evil',
      VIRTUAL_ENV: '/venv',
      LD_PRELOAD: '/evil.so',
      LD_AUDIT: '/evil.so',
      DYLD_INSERT_LIBRARIES: '/evil.dylib',
      _PYI_ARCHIVE_FILE: '/parent',
      _MEIPASS2: '/tmp/_MEIx',
      PYI_ENVIRONMENT: 'x',
    },
    linux,
  );
  expect(clean).toEqual({
    HOME: '/home/ada',
    PATH: '/usr/bin',
    LANG: 'de_DE.UTF-8',
    SSL_CERT_FILE: '/certs.pem',
    CUDA_VISIBLE_DEVICES: '0',
    PYINSTALLER_RESET_ENVIRONMENT: '1',
    NO_COLOR: '1',
  });
});

test.each([
  ['a frozen program gets none', 'frozen', { LD_LIBRARY_PATH: '/app/lib' }, undefined],
  [
    'a frozen program gets the one from before',
    'frozen',
    { LD_LIBRARY_PATH: '/app/lib', LD_LIBRARY_PATH_ORIG: '/opt/cuda' },
    '/opt/cuda',
  ],
  ['an interpreter keeps its own', 'development', { LD_LIBRARY_PATH: '/opt/python/lib' }, '/opt/python/lib'],
] as const)('LD_LIBRARY_PATH: %s', (_title, program, base, expected) => {
  expect(childEnvironment(base, { ...linux, program })['LD_LIBRARY_PATH']).toBe(expected);
});

test("an AppImage's own folders are taken out of every list", () => {
  const clean = childEnvironment(
    {
      APPDIR: '/tmp/.mount_app',
      APPIMAGE: '/home/ada/app.AppImage',
      PATH: '/tmp/.mount_app/usr/bin:/usr/bin:/tmp/.mount_application/bin',
      XDG_DATA_DIRS: '/tmp/.mount_app/usr/share',
    },
    linux,
  );
  expect(clean).toEqual({
    PATH: '/usr/bin:/tmp/.mount_application/bin',
    PYINSTALLER_RESET_ENVIRONMENT: '1',
    NO_COLOR: '1',
  });
});

test('on Windows names differ in nothing but their case', () => {
  const clean = childEnvironment(
    { Path: 'C:\\Windows', PythonPath: 'x', SystemRoot: 'C:\\Windows' },
    { platform: 'win32', program: 'frozen', additions: { PATH: 'C:\\own' } },
  );
  expect(clean).toEqual({
    PATH: 'C:\\own',
    SystemRoot: 'C:\\Windows',
    PYINSTALLER_RESET_ENVIRONMENT: '1',
    NO_COLOR: '1',
  });
});

test('additions come last and may bring back what was removed', () => {
  const clean = childEnvironment(
    { PYTHONPATH: '/evil', A: '1' },
    { ...linux, additions: { PYTHONPATH: '/mine', NO_COLOR: '', A: undefined } },
  );
  expect(clean).toEqual({ PYTHONPATH: '/mine', NO_COLOR: '', PYINSTALLER_RESET_ENVIRONMENT: '1' });
});
