import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { withFileLock } from '../../src/lib/file-lock.js';
import { repositoryDir, testCacheDir } from '../support/paths.js';
import { realPythons } from './real-pythons.js';
import { pythonCommand } from '../support/python-command.js';

const run = promisify(execFile);

/** Folder with a real uv, installed once per machine from the package index. */
export async function uvFolder(): Promise<string> {
  const venv = path.join(testCacheDir, 'uv-venv');
  const folder = path.join(venv, 'bin');
  await withFileLock(`${venv}.lock`, {}, async () => {
    if (existsSync(path.join(folder, 'uv'))) return;
    await run(realPythons()[0] ?? pythonCommand, ['-m', 'venv', '--clear', venv]);
    await run(path.join(folder, 'python'), ['-m', 'pip', 'install', '-q', 'uv']);
  });
  return folder;
}

/** Bundle the Python part into one file that a plain Node can import, for tests with several processes. */
export async function bundlePython(folder: string): Promise<string> {
  const outfile = path.join(folder, 'python.mjs');
  await build({
    entryPoints: [path.join(repositoryDir, 'src/python/index.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    // For the packages in it that are CommonJS.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    // It finds the package's own files, as the modules it is made of do.
    define: { 'import.meta.dirname': JSON.stringify(path.join(repositoryDir, 'dist/lib')) },
    outfile,
    logLevel: 'silent',
  });
  return outfile;
}

/** Command lines of running processes that mention a text (Linux). */
export async function processesMentioning(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(text) && Number(pid) !== process.pid)
      found.push(command.replaceAll('\0', ' ').slice(0, 300));
  }
  return found;
}

/** PATH without folders that hold a program. */
export function pathWithout(program: string): string {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.filter((folder) => !existsSync(path.join(folder, program))).join(path.delimiter);
}
