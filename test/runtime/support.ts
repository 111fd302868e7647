import { execFileSync, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { createBackend } from '../../src/runtime/index.js';
import type { AppLike, Backend, BackendOptions, JobProgress } from '../../src/runtime/index.js';
import { defaultSettings } from '../../src/runtime/default-settings.js';
import type { BackendManifest, Manifest, RuntimeSettings } from '../../src/runtime/manifest.js';
import { isAlive } from '../../src/lib/process-identity.js';
import { TokenWatch } from '../security/ledger.js';
import { temporaryFolder } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';
import { pythonCommand } from '../support/python-command.js';
import { patience } from '../support/windows.js';

/** The machine's Python, as an absolute path. */
export const python = execFileSync(pythonCommand, ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();

const fixture = path.join(repositoryDir, 'test/fixtures/runtime/backend.py');

/** Settings of tests: short times, health by hand. */
export const testSettings: RuntimeSettings = {
  ...defaultSettings,
  ready: { ...defaultSettings.ready, timeoutMs: 10_000 * patience },
  stop: { graceMs: 2000, terminateMs: 500, killMs: 500, http: null },
};

/** A manifest that runs the fixture with the machine's Python. */
export function fixtureBackend(
  env: Readonly<Record<string, string>> = {},
  settings: Partial<RuntimeSettings> = {},
  rest: Partial<BackendManifest> = {},
): BackendManifest {
  return {
    name: 'engine',
    kind: 'http',
    companion: 'full',
    key: 'development',
    versions: { python: '3', pyinstaller: '', package: '0' },
    settings: { ...testSettings, ...settings, env: { ...env, ...settings.env } },
    program: {
      type: 'development',
      interpreter: python,
      args: ['-u', fixture],
      cwd: repositoryDir,
      env: {},
      watch: [],
    },
    ...rest,
  };
}

export function manifestOf(...backends: readonly BackendManifest[]): Manifest {
  return { version: 1, backends: Object.fromEntries(backends.map((backend) => [backend.name, backend])) };
}

/** Electron's `app`, as far as the runtime knows it. */
export class FakeApp extends EventEmitter implements AppLike {
  readonly isPackaged: boolean;
  quits = 0;
  readonly #folder: string;

  constructor(folder: string, isPackaged = false) {
    super();
    this.#folder = folder;
    this.isPackaged = isPackaged;
  }

  getAppPath(): string {
    return this.#folder;
  }

  getPath(name: 'userData' | 'logs'): string {
    return path.join(this.#folder, name);
  }

  /** As Electron: `will-quit`, and gone unless somebody prevents it. Returns true when it quits. */
  quit(): boolean {
    this.quits += 1;
    let prevented = false;
    this.emit('will-quit', { preventDefault: () => (prevented = true) });
    if (!prevented) this.emit('quit');
    return !prevented;
  }
}

/**
 * A backend of the fixture (or a given manifest) that is stopped when the test ends. Then its tokens are searched for, in processes,
 * files and events; a token that is found fails the test.
 */
export async function testBackend(
  backend: BackendManifest = fixtureBackend(),
  options: Partial<BackendOptions> & {
    readonly folder?: string;
    /** `true`: the test puts the token where it does not belong. */
    readonly tokenIsShown?: boolean;
  } = {},
): Promise<Backend & { readonly app: FakeApp }> {
  const folder = options.folder ?? (await temporaryFolder());
  const app = new FakeApp(folder);
  const created = createBackend({ app, name: backend.name, manifest: manifestOf(backend), ...options });
  const watch = options.tokenIsShown === true ? null : new TokenWatch(created);
  onTestFinished(async () => {
    await (watch === null ? created[Symbol.asyncDispose]() : watch.end(folder));
  });
  return Object.assign(created, { app });
}

/** The processes that a hanging job tells of in its progress: itself and its child. */
export function namedProcesses(): {
  readonly pids: number[];
  readonly onProgress: (said: JobProgress) => void;
} {
  const pids: number[] = [];
  const onProgress = ({ text }: JobProgress): void => {
    for (const [pid] of text.matchAll(/\d+/g)) pids.push(Number(pid));
  };
  return { pids, onProgress };
}

/** Processes (no zombies) whose environment holds this text, on Linux. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && environmentOf(pid).includes(text) && isRunning(pid));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

/** Alive and no zombie. */
export const isRunning = isAlive;

/** Send a signal. Refuses what is no process: to `process.kill`, 0 is the group of the tests themselves. */
export function signal(pid: number | null, name: NodeJS.Signals): void {
  if (pid === null || pid <= 1) throw new Error(`${name} to process ${pid}`);
  process.kill(pid, name);
}

/** A living program that leads a group of its own; it ends with the test. */
export async function sleeper(): Promise<number> {
  const body = 'setTimeout(() => {}, 60_000)';
  const child = spawn(process.execPath, ['-e', body], { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  const { pid = 0 } = child;
  onTestFinished(() => {
    if (isRunning(pid)) signal(pid, 'SIGKILL');
  });
  return pid;
}

/** The status that a server answers with. Node's own `fetch` connects to nobody under Wine 8. */
export async function statusAt(url: string): Promise<number> {
  const [answer] = (await once(get(url), 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode ?? 0;
}

export function waitMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Wait until a condition holds; fails after `boundMs`. */
export async function until(
  condition: () => boolean,
  boundMs = 5000 * patience,
  what = 'the condition',
): Promise<void> {
  const end = performance.now() + boundMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what} did not hold within ${boundMs} ms`);
    await waitMs(5);
  }
}
