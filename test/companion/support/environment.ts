import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { testCacheDir } from '../../support/paths.js';
import type { Interpreter } from './interpreters.js';

/** Everything that a server test may import. */
export const serverPackages = [
  'uvicorn==0.54.0',
  'fastapi==0.165.0',
  'websockets==17.4',
  'flask==3.1.3',
  'waitress==3.0.2',
  'hypercorn==0.18.0',
  'certifi',
] as const;

/** The least that serves ASGI. */
export const uvicornPackages = ['uvicorn==0.54.0'] as const;

const lockWaitMs = 10 * 60_000;

/**
 * A virtual environment with these packages, made once per machine and reused.
 *
 * @returns Absolute path of its interpreter.
 */
export async function environment(interpreter: Interpreter, packages: readonly string[]): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify([interpreter, packages]))
    .digest('hex')
    .slice(0, 16);
  const folder = path.join(testCacheDir, 'companion', `${interpreter.version}-${key}`);
  await mkdir(path.dirname(folder), { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return;
    const unfinished = `${folder}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await execa(interpreter.executable, ['-m', 'venv', unfinished]);
    await execa(executable(unfinished), [
      '-m',
      'pip',
      'install',
      '-q',
      '--disable-pip-version-check',
      ...packages,
    ]);
    // Only its interpreter is used, never the scripts whose first line holds the old path.
    await rename(unfinished, folder);
  });
  return executable(folder);
}

function executable(folder: string): string {
  return process.platform === 'win32'
    ? path.join(folder, 'Scripts', 'python.exe')
    : path.join(folder, 'bin', 'python');
}

/** Test files run at the same time in different processes. */
async function withLock(lock: string, work: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + lockWaitMs;
  while (
    !(await mkdir(lock).then(
      () => true,
      () => false,
    ))
  ) {
    const age = await stat(lock).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > lockWaitMs) await rm(lock, { recursive: true, force: true });
    if (Date.now() > deadline) throw new Error(`waited ten minutes for ${lock}; remove it if no test runs`);
    await delay(200);
  }
  try {
    await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}
