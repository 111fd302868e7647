import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repositoryDir } from '../../support/paths.js';
import { writeFiles } from '../../support/files.js';

const harness = `
import json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from freezer import interpreter
print(json.dumps([[use['line'] for use in interpreter.uses(file)] for file in sys.argv[2:]]))
`;
import { pythonCommand } from '../../support/python-command.js';

/** Lines on which each text starts the interpreter. */
async function scan(texts: readonly string[]): Promise<number[][]> {
  const names = texts.map((_, index) => `m${index}.py`);
  const folder = await writeFiles(Object.fromEntries(texts.map((text, index) => [`m${index}.py`, text])));
  const files = names.map((name) => path.join(folder, name));
  const output = execFileSync(
    pythonCommand,
    ['-c', harness, path.join(repositoryDir, 'companion'), ...files],
    {
      encoding: 'utf8',
    },
  );
  return JSON.parse(output) as number[][];
}

test('every usual way to start sys.executable is found', async () => {
  const texts = [
    'import subprocess, sys\nsubprocess.run([sys.executable, "worker.py"])',
    'import subprocess, sys\nsubprocess.Popen([sys.executable, "-m", "pip"], cwd=".")',
    'from sys import executable as python\nfrom subprocess import check_output\ncheck_output([python, "-c", "1"])',
    'import sys as system, os\nos.execv(system.executable, [system.executable, *system.argv])',
    'import os, sys\nos.system(f"{sys.executable} tool.py")',
    'import os, sys\nos.spawnl(os.P_NOWAIT, sys.executable, "x")',
    'import sys, subprocess\ncommand = [sys.executable, "-u"] + ["a.py"]\nsubprocess.call(command)',
    'import sys, subprocess\nclass A:\n    def __init__(self): self.python = sys.executable\n    def go(self): subprocess.run([self.python])',
    'import asyncio, sys\nasync def f(): await asyncio.create_subprocess_exec(sys.executable, "a.py")',
    'import sys, subprocess\nsubprocess.run(args=[sys.executable, "x"])',
    'import sys, os\nos.posix_spawn(sys.executable, [], {})',
  ];
  const found = await scan(texts);
  found.forEach((lines, index) => expect(lines, texts[index]).toHaveLength(1));
});

test('other uses, and code that knows whether it is frozen, are not', async () => {
  const texts = [
    'import sys\nprint(sys.executable)',
    'import sys, subprocess\nlog = {"python": sys.executable}\nsubprocess.run(["git", "status"])',
    'import sys, subprocess\nif not getattr(sys, "frozen", False):\n    subprocess.run([sys.executable, "x"])',
    'import sys, shutil, subprocess\npython = shutil.which("python3") if getattr(sys, "frozen", False) else sys.executable\nsubprocess.run([python])',
    'import os, sys\nfolder = os.path.dirname(sys.executable)',
    'exec("1")\nimport sys',
    'this is no Python',
  ];
  const found = await scan(texts);
  found.forEach((lines, index) => expect(lines, texts[index]).toEqual([]));
});
