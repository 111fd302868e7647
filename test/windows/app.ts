import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { repositoryDir } from '../support/paths.js';

/** What the app tells without being asked. */
export interface AppEvent {
  readonly event: string;
  readonly backend?: string;
  readonly data?: unknown;
}

/** A process that plays an app's main process (`app.mjs`). */
export interface App {
  readonly events: readonly AppEvent[];
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  /** Rejects with the error's plain data. */
  ask(command: string, ...args: readonly unknown[]): Promise<unknown>;
  /** The next event of this kind, also one that was already told since `from`. */
  next(event: string, backend: string, from?: number): Promise<unknown>;
  /** TerminateProcess. */
  kill(): Promise<void>;
}

/** Start an app in a folder with `resources`. It is ended with the test. */
export async function startApp(folder: string, userData: string, env: NodeJS.ProcessEnv = {}): Promise<App> {
  const runtime = path.join(repositoryDir, 'dist/runtime/index.js');
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'app.mjs'), runtime, folder, userData],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    },
  );
  const events: AppEvent[] = [];
  const waiting = new Set<() => void>();
  const answers = new Map<number, (answer: Answer) => void>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as Answer & AppEvent;
    if (said.id === undefined) events.push(said);
    else answers.get(said.id)?.(said);
    for (const wake of waiting) wake();
  });
  const app: App = {
    events,
    ended,
    async ask(command, ...args) {
      const id = answers.size;
      const answer = new Promise<Answer>((resolve) => answers.set(id, resolve));
      child.stdin.write(`${JSON.stringify({ id, command, args })}\n`);
      const { value, error } = await Promise.race([answer, ended.then((): Answer => ({ value: 'ended' }))]);
      if (error !== undefined) throw Object.assign(new Error(error.message), error);
      return value;
    },
    async next(event, backend, from = 0) {
      for (;;) {
        const found = events.slice(from).find((one) => one.event === event && one.backend === backend);
        if (found !== undefined) return found.data;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
  onTestFinished(() => app.kill());
  return app;
}

interface Answer {
  readonly id?: number;
  readonly value?: unknown;
  readonly error?: { readonly message: string };
}
