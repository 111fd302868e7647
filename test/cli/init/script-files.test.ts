import path from 'node:path';
import { expect, test } from 'vitest';
import { freezingScripts } from '../../../src/cli/init/find-migration.js';
import { callsIn } from '../../../src/cli/init/program-calls.js';
import { scriptIn, scriptFiles } from '../../../src/cli/init/script-files.js';
import { writeFiles } from '../../support/files.js';
import { patience } from '../../support/windows.js';

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
    'a script for PowerShell that makes its paths',
    '$Root = Split-Path -Parent $PSScriptRoot\n$Py = (Join-Path $Root "backend")\nPush-Location $Py\npyinstaller main.py\n',
    ['Push-Location /p/scripts//../backend', 'pyinstaller main.py'],
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
    'forge.config.js': "import { PyInstallerPlugin } from 'electron-pyinstaller/forge';\n",
  });
  const files = await scriptFiles(project, [path.join(project, 'backend')]);
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

/** What a file in `scripts` says to PyInstaller. */
async function said(name: string, text: string): Promise<string[]> {
  const project = await writeFiles({ [`scripts/${name}`]: text });
  const [file] = await scriptFiles(project, []);
  return (file?.script ?? '')
    .replaceAll('\\', '/')
    .replaceAll(project.replaceAll(path.sep, '/'), '<project>')
    .replaceAll(/"(<project>\S*?)"/g, '$1')
    .split('\n');
}

test.each([
  [
    'calls the library of PyInstaller with a list that grows',
    `import os
from pathlib import Path
import PyInstaller.__main__
ROOT = Path(__file__).parent.parent
def build():
    args = [str(ROOT / "backend" / "main.py"), "--onefile", f"--add-data={ROOT / 'my data'}{os.pathsep}data"]
    for name in ["uvicorn.logging", "b"]:
        args.append(f"--hidden-import={name}")
    PyInstaller.__main__.run([*args, "--icon", find_icon(), *[f"--exclude-module={x}" for x in ("tkinter",)]])
`,
    [
      'pyinstaller <project>/backend/main.py --onefile "--add-data=<project>/my data:data" --hidden-import=uvicorn.logging --hidden-import=b --icon $(find_icon()) --exclude-module=tkinter',
    ],
  ],
  [
    'parts its data in a loop, and has options that nobody knows',
    `import os, PyInstaller.__main__
DATA = [("config", "config"), ("models", "m")]
args = [f"--add-data={a}{os.pathsep}{b}" for a, b in DATA]
for name, value in [("--name", "engine")]:
    args += [name, value]
PyInstaller.__main__.run([*options(), *args, "main.py"])
`,
    ['pyinstaller $(options()) --add-data=config:config --add-data=models:m --name engine main.py'],
  ],
  [
    'imports its function by another name',
    'from PyInstaller.__main__ import run as freeze\nfreeze(["main.py"])\n',
    ['pyinstaller main.py'],
  ],
  [
    'starts it as a program, in two ways',
    'import os, subprocess, sys\ncmd = [sys.executable, "-m", "PyInstaller", "main.py"]\nsubprocess.run(cmd, check=True)\nos.system("pyinstaller -F b.py")\nsubprocess.run(["ls"])\n',
    ['python -m PyInstaller main.py', 'pyinstaller -F b.py'],
  ],
  ['cannot be parsed', 'pyinstaller (\n', ['']],
])('a Python program that %s', async (_what, text, lines) => {
  expect(await said('build.py', text)).toEqual(lines);
});

test.each([
  ["execSync('pyinstaller --onefile backend/main.py');", ['pyinstaller --onefile backend/main.py']],
  ['execSync(`pyinstaller --distpath ${out} main.py`)', ['pyinstaller --distpath $(out) main.py']],
  [
    "spawnSync('pyinstaller', ['--add-data', path.join(__dirname, '..', 'my data') + path.delimiter + 'x', '-F', entry, 'main.py'])",
    ['pyinstaller --add-data "<project>/my data:x" -F $(entry) main.py'],
  ],
  [
    "const args = [\n  '-m', 'PyInstaller',\n  path.join(__dirname, 'main.py'),\n];\nspawn(python, args);",
    ['-m PyInstaller <project>/scripts/main.py'],
  ],
  ["console.log('run electron-pyinstaller build');", ['run electron-pyinstaller build']],
])('a program of Node: %s', async (text, lines) => {
  expect(await said('build.mjs', text)).toEqual(lines);
});

test.each(["'pyinstaller \\", "\\'pyinstaller ", "['", '$(cd ', "'a' + "])(
  'a file full of %j is read in time',
  (piece) => {
    const text = piece.repeat(20_000 / piece.length);
    const started = performance.now();
    callsIn(text, folder);
    scriptIn(text, folder);
    expect(performance.now() - started).toBeLessThan(2000 * patience);
  },
);
