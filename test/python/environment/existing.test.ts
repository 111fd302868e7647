import { expect, test } from 'vitest';
import { installCommandFor } from '../../../src/python/environment/existing.js';

const venv = { executable: '/p/.venv/bin/python', isConda: false, hasPip: true, prefix: '/p/.venv' };

test.each([
  ['uv', venv, 'linux', 'uv add --dev pyinstaller==6.22.3'],
  ['poetry', venv, 'linux', 'poetry add --group dev pyinstaller==6.22.3'],
  ['pdm', venv, 'linux', 'pdm add --dev pyinstaller==6.22.3'],
  ['folder', venv, 'linux', '/p/.venv/bin/python -m pip install pyinstaller==6.22.3'],
  [
    'folder',
    { ...venv, hasPip: false },
    'linux',
    'uv pip install --python /p/.venv/bin/python pyinstaller==6.22.3',
  ],
  [
    'conda',
    { ...venv, isConda: true },
    'linux',
    'conda install --prefix /p/.venv -c conda-forge pyinstaller=6.22.3',
  ],
  [
    'folder',
    { ...venv, executable: '/my app/python' },
    'linux',
    "'/my app/python' -m pip install pyinstaller==6.22.3",
  ],
  [
    'config',
    { ...venv, executable: 'C:\\my app\\python.exe' },
    'win32',
    '"C:\\my app\\python.exe" -m pip install pyinstaller==6.22.3',
  ],
] as const)('an environment found by %s', (source, probe, platform, expected) => {
  expect(installCommandFor(source, probe, platform)).toBe(expected);
});
