import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { repositoryDir } from '../support/paths.js';
import { python, waitMs } from './support.js';

const program = path.join(repositoryDir, 'test/fixtures/runtime/stranger.py');

/** Why a test that needs a second user cannot be run here; null: it can. */
export const withoutSecondUser: string | null =
  process.platform !== 'linux'
    ? 'needs Linux'
    : process.getuid?.() !== 0
      ? 'needs root, to be a second user'
      : existsSync('/usr/bin/setpriv')
        ? null
        : 'needs setpriv';

/** Another program of the computer that takes ports; see test/fixtures/runtime/stranger.py. */
export interface Stranger {
  /** Everything it was told, as one text. */
  heard(): string;
  /** Ports it took. */
  took(): readonly number[];
  /** It runs. */
  readonly isUp: Promise<void>;
}

/**
 * Start a stranger that ends with the test.
 *
 * @param uid - null: the same user
 */
export async function startStranger(
  task: readonly ['take', string] | readonly ['scan'],
  uid: number | null,
): Promise<Stranger> {
  // Another user may not enter the folder of this one's temporary files.
  const folder = await mkdtemp(path.join(uid === null ? tmpdir() : '/tmp', 'stranger-'));
  await chmod(folder, 0o777);
  const log = path.join(folder, 'log');
  const interpreter = uid === null ? python : '/usr/bin/python3';
  const own = [interpreter, program, log, ...task];
  const other = ['setpriv', `--reuid=${uid ?? ''}`, `--regid=${uid ?? ''}`, '--clear-groups'];
  // The tests' own folders may be closed to other users: the program comes on standard input.
  const [command = '', ...args] = uid === null ? own : [...other, interpreter, '-', log, ...task];
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin?.end(readFileSync(program));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  });
  const lines = (word: string): readonly string[] =>
    (existsSync(log) ? readFileSync(log, 'utf8') : '')
      .split('\n')
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => line.slice(word.length + 1));
  return {
    heard: () => lines('heard').join('\n'),
    took: () => lines('took').map(Number),
    isUp: (async () => {
      while (lines('uid').length === 0) await waitMs(5);
    })(),
  };
}
