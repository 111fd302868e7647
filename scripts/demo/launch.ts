/** Starts a packaged app, talks to its backend, ends it, and counts who is left. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, open, readFile, rm } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { DemoFailure } from './failure.ts';
import { processTree, waitForLeftovers } from './processes.ts';

/** What to start, and how. */
export interface LaunchOptions {
  readonly executable: string;
  readonly args: readonly string[];
  /** Folder for this app's user data and status file. */
  readonly work: string;
  readonly log: string;
  readonly env: Readonly<Record<string, string>>;
  /** `quit`: as the system asks an app to end (SIGTERM). `kill`: `kill -9` of the main process, nothing is told to anybody. */
  readonly end: 'quit' | 'kill';
}

/** What was seen. */
export interface LaunchResult {
  /** From starting the app until its backend had answered. */
  readonly readyMs: number;
  /** The part of it that the backend took, as the app says. */
  readonly backendMs: number;
  readonly health: Readonly<Record<string, unknown>>;
  /** Processes of the app while it ran, the main process included. */
  readonly processes: number;
  /** Until nobody was left. */
  readonly endMs: number;
  readonly leftovers: readonly number[];
  readonly isStandIn: boolean;
}

/** What example-app/src/demo.ts writes. */
interface AppStatus {
  readonly state: 'ready' | 'failed';
  readonly error?: string;
  readonly url?: string;
  readonly startupMs?: number;
  readonly health?: Readonly<Record<string, unknown>>;
  readonly report?: string;
  readonly sample?: string;
  readonly standIn: boolean;
  readonly isPackaged: boolean;
}

const readyTimeoutMs = 120_000;
/** The runtime's own limits for stopping add up to less. */
const quitTimeoutMs = 15_000;
/**
 * After `kill -9` nobody but the backend's own lifeline can end it, within two seconds; in proportion more where more programs want
 * to run than there are cores. The time it took is in the report.
 */
function killTimeoutMs(): number {
  return 2_000 * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
}

/** Run an app once from start to end. */
export async function launchApp(options: LaunchOptions): Promise<LaunchResult> {
  await rm(options.work, { recursive: true, force: true });
  await mkdir(options.work, { recursive: true });
  const statusFile = path.join(options.work, 'status.json');
  const marker = randomUUID();
  await appendFile(options.log, `$ ${[options.executable, ...options.args].join(' ')}\n`);
  const log = await open(options.log, 'a');

  const started = performance.now();
  const app = spawn(options.executable, options.args, {
    cwd: options.work,
    env: {
      ...process.env,
      ...options.env,
      XDG_CONFIG_HOME: path.join(options.work, 'config'),
      EXAMPLE_APP_STATUS_FILE: statusFile,
      EXAMPLE_APP_DEMO: marker,
    },
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = new Promise<Ending>((resolve, reject) => {
    app.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    app.once('error', reject);
  });
  const { pid } = app;
  if (pid === undefined) {
    const reason: unknown = await ended.catch((error: unknown) => error);
    throw new DemoFailure(`${options.executable} could not be started: ${String(reason)}`, options.log);
  }
  const killApp = (): void => void app.kill('SIGKILL');
  process.once('exit', killApp);
  const what = path.basename(options.executable);
  try {
    const status = await readStatus(statusFile, ended, what, options.log);
    const readyMs = Math.round(performance.now() - started);
    await checkAnswers(status, options.log);
    const tree = await processTree(pid);
    if (tree.length < 2)
      throw new DemoFailure(`${what} says that its backend runs, but has no child process.`, options.log);

    const endStarted = performance.now();
    process.kill(pid, options.end === 'kill' ? 'SIGKILL' : 'SIGTERM');
    const ending = await withTimeout(ended, quitTimeoutMs, `${what} did not end after SIGTERM`, options.log);
    if (options.end === 'quit' && ending.exitCode !== 0) {
      throw new DemoFailure(`${what} ended with ${endOf(ending)} when asked to quit.`, options.log);
    }
    const left = await waitForLeftovers(tree, `EXAMPLE_APP_DEMO=${marker}`, killTimeoutMs());
    return {
      readyMs,
      backendMs: Math.round(status.startupMs ?? 0),
      health: status.health ?? {},
      processes: tree.length,
      endMs: Math.round(performance.now() - endStarted),
      leftovers: left.pids,
      isStandIn: status.standIn,
    };
  } finally {
    killApp();
    process.removeListener('exit', killApp);
    await log.close();
  }
}

interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

async function readStatus(
  file: string,
  ended: Promise<Ending>,
  what: string,
  log: string,
): Promise<AppStatus> {
  const deadline = performance.now() + readyTimeoutMs;
  let how = '';
  void ended.then((ending) => {
    how = endOf(ending);
  });
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null) return JSON.parse(text) as AppStatus;
    if (how !== '') throw new DemoFailure(`${what} ended with ${how} before its backend was ready.`, log);
    if (performance.now() > deadline) {
      throw new DemoFailure(`The backend of ${what} was not ready within ${readyTimeoutMs / 1000} s.`, log);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function endOf({ exitCode, signal }: Ending): string {
  return signal ?? `exit code ${exitCode ?? 'unknown'}`;
}

/** The app asked its backend already; ask from outside, too: it must be there, and must refuse who has no token. */
async function checkAnswers(status: AppStatus, log: string): Promise<void> {
  if (status.state !== 'ready')
    throw new DemoFailure(`The backend failed: ${status.error ?? 'no reason given'}`, log);
  if (status.health?.['status'] !== 'healthy' || status.health['frozen'] !== true || !status.isPackaged) {
    throw new DemoFailure(
      `/api/health does not tell of a healthy frozen backend: ${JSON.stringify(status.health)}`,
      log,
    );
  }
  if (status.report?.includes('data:image/png;base64,') !== true) {
    throw new DemoFailure('/api/services/report holds no picture.', log);
  }
  if (status.sample?.startsWith('data: {"time":') !== true) {
    throw new DemoFailure(`/api/stream should send samples; it sent ${JSON.stringify(status.sample)}.`, log);
  }
  const outside = await fetch(new URL('/api/health', status.url), { signal: AbortSignal.timeout(5000) });
  if (outside.status !== 401) {
    throw new DemoFailure(
      `A request without the token should be answered with 401; it was ${outside.status}.`,
      log,
    );
  }
}

async function withTimeout<T>(
  promise: PromiseLike<T>,
  timeoutMs: number,
  what: string,
  log: string,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new DemoFailure(`${what} within ${timeoutMs / 1000} s.`, log)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
