import path from 'node:path';
import { expect, test } from 'vitest';
import { freezingScripts } from '../../../src/cli/init/find-migration.js';
import { scriptIn, shellFiles } from '../../../src/cli/init/shell-files.js';
import { writeFiles } from '../../support/files.js';

const folder = '/p/scripts';

test.each([
  [
    'a shell script',
    `#!/usr/bin/env bash
set -euo pipefail
# freeze it
ROOT="$(cd "$(dirname "\${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT/backend"
pyinstaller --onefile \\
  --distpath "\${ROOT}/out" main.py
`,
    [
      'set -euo pipefail',
      'cd "/p/scripts//../backend"',
      'pyinstaller --onefile    --distpath "/p/scripts//../out" main.py',
    ],
  ],
  [
    'a batch file',
    '@echo off\r\nREM freeze it\r\nset OUT=resources\\py\r\ncd /d %~dp0\\..\r\npyinstaller ^\r\n  --distpath %OUT% ^\r\n  main.py\r\n',
    ['echo off', 'cd /d /p/scripts/\\..', 'pyinstaller    --distpath resources\\py    main.py'],
  ],
  [
    'a script for PowerShell',
    '$out = "$PSScriptRoot\\out"\nSet-Location $PSScriptRoot\n& .\\.venv\\Scripts\\pyinstaller.exe `\n  --distpath $out main.py\n',
    [
      'Set-Location /p/scripts/',
      '& .\\.venv\\Scripts\\pyinstaller.exe    --distpath /p/scripts/\\out main.py',
    ],
  ],
  [
    'a makefile',
    'PYTHON ?= python3\n\nbackend:\n\t@$(PYTHON) -m PyInstaller main.py\n',
    ['backend:', 'python3 -m PyInstaller main.py'],
  ],
])('%s is read line by line', (_kind, text, lines) => {
  expect(scriptIn(text, folder).split('\n')).toEqual(lines);
});

test('a variable that nobody set stays as it is', () => {
  expect(scriptIn('pyinstaller --distpath "$OUT" main.py', folder)).toBe(
    'pyinstaller --distpath "$OUT" main.py',
  );
});

test('files that freeze are named with the scripts of package.json that run them', async () => {
  const project = await writeFiles({
    'scripts/build.bat': 'pyinstaller main.py\r\n',
    'build.sh': 'npm run build\n',
    'backend/freeze.sh': 'pip install pyinstaller\npyinstaller main.py\n',
  });
  const files = await shellFiles(project, [path.join(project, 'backend')]);
  expect(files.map(({ file }) => file)).toEqual(['backend/freeze.sh', 'build.sh', 'scripts/build.bat']);
  const scripts = {
    py: 'scripts\\build.bat',
    dist: 'npm run py && electron-builder',
    rebuild: 'rebuild.bat',
  };
  expect(freezingScripts(scripts, files).map(({ name, usedBy }) => [name, usedBy])).toEqual([
    ['backend/freeze.sh', []],
    ['scripts/build.bat', ['py', 'dist']],
  ]);
});
