import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { FrozenBackend } from '../../../src/bundle/frozen.js';

const run = promisify(execFile);

/** The program of a bundle. */
export function programOf(frozen: FrozenBackend): string {
  const { program } = frozen.manifest;
  if (program.type !== 'frozen') throw new Error('not frozen');
  return path.join(frozen.bundleDir, program.executable);
}

/** Run a frozen program in an empty environment and return what it printed. */
export async function runFrozen(frozen: FrozenBackend, args: readonly string[] = []): Promise<string> {
  const { stdout } = await run(programOf(frozen), args, { env: {} });
  return stdout.trim();
}

/** Processes whose command line or working folder names a path; zombies do not count. Linux only. */
export async function processesIn(folder: string): Promise<string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,stat=,args=']);
  return stdout.split('\n').filter((line) => line.includes(folder) && !/^\s*\d+\s+Z/.test(line));
}
