/** An app is started by a command, answers, is asked to quit; who is left is counted. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { processTree, waitForLeftovers } from '../demo/processes.ts';
import { RowFailure } from './failure.ts';

/** What to start. */
export interface StartOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of this start alone. */
  readonly work: string;
  readonly log: string;
  readonly timeoutMs: number;
}

/** What the app told. */
export interface Answer {
  readonly pid: number;
  readonly isPackaged: boolean;
  readonly status?: number;
  readonly text?: string;
  readonly error?: string;
}

/** Start, wait for the answer of the backend, quit. */
export async function startAndQuit(options: StartOptions): Promise<Answer> {
  const { log, work } = options;
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const file = path.join(work, 'answer.json');
  const marker = randomUUID();
  const output = await open(log, 'a');
  await output.write(`$ ${[options.command, ...options.args].join(' ')}\n`);
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: {
      ...options.env,
      XDG_CONFIG_HOME: path.join(work, 'config'),
      HOSTS_ANSWER: file,
      HOSTS_RUN: marker,
    },
    stdio: ['ignore', output.fd, output.fd],
    // A group of its own, so that all of it can be ended.
    detached: true,
  });
  const end: { how: string | null } = { how: null };
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      end.how = String(error);
      resolve();
    });
    child.once('exit', (exitCode, signal) => {
      end.how = signal ?? `exit code ${exitCode}`;
      resolve();
    });
  });
  const killAll = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // All of it has ended.
    }
  };
  process.once('exit', killAll);
  try {
    const deadline = performance.now() + options.timeoutMs;
    let answer: Answer | null = null;
    while (answer === null) {
      answer = await readFile(file, 'utf8').then(
        (text) => JSON.parse(text) as Answer,
        () => null,
      );
      if (answer !== null) break;
      if (end.how !== null)
        throw new RowFailure(`ended with ${end.how} before its backend had answered`, log);
      if (performance.now() > deadline)
        throw new RowFailure(`no answer within ${options.timeoutMs / 1000} s`, log);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (answer.error !== undefined) throw new RowFailure(`the backend failed: ${answer.error}`, log);
    if (answer.status !== 200) throw new RowFailure(`the backend answered ${answer.status}`, log);
    const tree = await processTree(child.pid ?? 0);
    process.kill(answer.pid, 'SIGTERM');
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20_000))]);
    if (end.how === null) throw new RowFailure('did not end within 20 s after it was asked to', log);
    const left = await waitForLeftovers(tree, `HOSTS_RUN=${marker}`, 10_000);
    if (left.pids.length > 0) throw new RowFailure(`left over: process ${left.pids.join(', ')}`, log);
    return answer;
  } finally {
    killAll();
    process.removeListener('exit', killAll);
    await output.close();
  }
}
