import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { pythonCommand } from '../support/python-command.js';

/** Interpreters of this machine, whatever there are: on PATH and from pyenv. */
export function realPythons(): string[] {
  const folders = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder));
  const onPath = folders.map((folder) =>
    path.join(folder, `${pythonCommand}${process.platform === 'win32' ? '.exe' : ''}`),
  );
  return [...new Set([...onPath, ...pyenvPythons().map(({ file }) => file)])].filter((file) =>
    existsSync(file),
  );
}

/** Versions that pyenv installed, oldest first. */
export function pyenvPythons(): { readonly version: readonly number[]; readonly file: string }[] {
  const root = path.join(process.env['PYENV_ROOT'] ?? path.join(homedir(), '.pyenv'), 'versions');
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => /^\d+\.\d+\.\d+$/.test(name))
    .map((name) => ({ version: name.split('.').map(Number), file: path.join(root, name, 'bin', 'python') }))
    .filter(({ file }) => existsSync(file))
    .sort((a, b) => (a.version[0] ?? 0) - (b.version[0] ?? 0) || (a.version[1] ?? 0) - (b.version[1] ?? 0));
}

let direct: string | undefined;

/** The interpreter behind `python3`. A launcher in front of it, as pyenv's shell script, takes longer than what tests run in it. */
export function python3(): string {
  direct ??= execFileSync(pythonCommand, ['-c', 'import sys; print(sys.executable)'], {
    encoding: 'utf8',
  }).trim();
  return direct;
}
