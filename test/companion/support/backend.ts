import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { writeFiles } from '../../support/files.js';
import { repositoryDir } from '../../support/paths.js';
import { killGroup } from './processes.js';

export const companionDir = path.join(repositoryDir, 'companion');
export const token = 'token-of-this-launch-0123456789abcdefghijkl';
export const nonce = 'nonce-0123456789abcdef';
/** What `ready` must carry. */
export const proof = createHmac('sha256', token).update(nonce).digest('hex');

const waitMs = 20_000;
const prefix = '\u001eEPY1 ';

/** A message of the companion, as in docs/protocol.md. */
export interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What runs, and how. */
export interface BackendSetup {
  readonly python: string;
  /** As in the entry descriptor. */
  readonly entry: Readonly<Record<string, string>>;
  /** Files of the program, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Fields of the handshake that differ from the default; null: run as in a terminal. */
  readonly handshake?: Readonly<Record<string, unknown>> | null;
  readonly args?: readonly string[];
  /** Default: as in a development run. */
  readonly interpreterArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** In a terminal: leave standard input open. */
  readonly interactive?: boolean;
  readonly data?: readonly Readonly<Record<string, string>>[];
}

/** How a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * The mark of one launch, which no other test may have: what carries it is ended when the program is gone, a moment later and
 * wherever it runs.
 */
export function newInstance(): string {
  return randomBytes(8).toString('hex');
}

/** The first line the parent writes. */
export function handshakeLine(fields: Readonly<Record<string, unknown>> = {}): string {
  const line = {
    v: 2,
    name: 'engine',
    kind: 'http',
    instance: newInstance(),
    token,
    nonce,
    address: { type: 'announce' },
    requireToken: true,
    lifeline: 'thread',
    graceMs: 3000,
    parentPid: process.pid,
    userData: null,
    resources: null,
    stdio: 'json-lines',
    healthPath: null,
    somethingNewer: true,
  };
  return `${JSON.stringify({ ...line, ...fields })}\n`;
}

/** Command line of a development run of the program in a folder of its own. */
export async function prepare(
  setup: BackendSetup,
): Promise<{ folder: string; command: string; args: string[]; env: NodeJS.ProcessEnv }> {
  const folder = await writeFiles(setup.files);
  const descriptor = path.join(folder, '.entry.json');
  const kind = setup.handshake?.['kind'] ?? 'http';
  const entry = {
    ...setup.entry,
    ...(setup.entry['file'] === undefined ? {} : { file: path.join(folder, setup.entry['file']) }),
  };
  const data = (setup.data ?? []).map((rule) => ({ ...rule, base: path.join(folder, rule['base'] ?? '') }));
  await writeFile(descriptor, JSON.stringify({ v: 1, name: 'engine', kind, entry, paths: [folder], data }));
  const env = { ...process.env, ...setup.env };
  delete env['ELECTRON_PYINSTALLER_PROTOCOL'];
  if (setup.handshake !== null) env['ELECTRON_PYINSTALLER_PROTOCOL'] = '1';
  // As the development program of the manifest does it.
  const args = [
    ...(setup.interpreterArgs ?? ['-X', 'utf8', '-u']),
    path.join(companionDir, 'bootstrap.py'),
    `--electron-pyinstaller-entry=${descriptor}`,
  ];
  return { folder, command: setup.python, args: [...args, ...(setup.args ?? [])], env };
}

/** A running backend as its parent sees it. Killed when the test ends. */
export class Backend {
  readonly folder: string;
  readonly child: ChildProcessWithoutNullStreams;
  readonly messages: Message[] = [];
  /** Standard output without the messages, and standard error. */
  stdout = '';
  stderr = '';
  exit: Exit | null = null;
  #rest = Buffer.alloc(0);

  constructor(folder: string, child: ChildProcessWithoutNullStreams) {
    this.folder = folder;
    this.child = child;
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    child.stdin.on('error', () => {});
    child.on('close', (code, signal) => {
      this.exit = { code, signal };
    });
    onTestFinished(() => {
      killGroup(this.pid);
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The first message of this type, now or later. Rejects with everything seen when the program ends without it. */
  async message(type: string): Promise<Message> {
    return this.until(() => this.messages.find((message) => message.type === type), `the message ${type}`);
  }

  /** Wait for a condition; what was seen is in the error. */
  async until<Value>(condition: () => Value | undefined | false | null, what: string): Promise<Value> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const value = condition();
      if (value !== undefined && value !== false && value !== null) return value;
      if (this.exit !== null || Date.now() > deadline) {
        throw new Error(
          `waited for ${what}, but ${this.exit === null ? 'it did not come' : `the program ended with ${JSON.stringify(this.exit)}`}\n` +
            `messages: ${JSON.stringify(this.messages)}\nstdout: ${this.stdout}\nstderr: ${this.stderr}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Wait for `ready` and return the base URL. */
  async url(): Promise<string> {
    const { address } = await this.message('ready');
    const { host, port } = address as { host: string; port: number };
    return `http://${host}:${port}`;
  }

  /** A request with the token. */
  async fetch(route: string, init: RequestInit = {}): Promise<Response> {
    return fetch((await this.url()) + route, {
      ...init,
      headers: {
        'x-electron-pyinstaller-token': token,
        ...(init.headers as Record<string, string> | undefined),
      },
    });
  }

  /** Close the lifeline. */
  endLifeline(): void {
    this.child.stdin.end();
  }

  async ended(): Promise<Exit> {
    if (this.exit === null) await once(this.child, 'close', { signal: AbortSignal.timeout(waitMs) });
    return this.exit ?? { code: null, signal: null };
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let end = this.#rest.indexOf(10); end >= 0; end = this.#rest.indexOf(10)) {
      const line = this.#rest.subarray(0, end).toString('utf8');
      this.#rest = this.#rest.subarray(end + 1);
      const at = line.indexOf(prefix);
      this.stdout += at < 0 ? `${line}\n` : line.slice(0, at);
      if (at >= 0) this.messages.push(JSON.parse(line.slice(at + prefix.length)) as Message);
    }
  }
}

/** How a frozen program is started. */
export interface FrozenStart {
  /** Absolute. */
  readonly executable: string;
  /** Fields of the first line; null: nobody speaks to it. */
  readonly handshake?: Readonly<Record<string, unknown>> | null;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Start a frozen program as the app does. */
export function startFrozen({ executable, handshake = {}, args = [], env = {} }: FrozenStart): Backend {
  const marker = handshake === null ? {} : { ELECTRON_PYINSTALLER_PROTOCOL: '1' };
  const child = spawn(executable, args, {
    env: { ...process.env, ...marker, ...env },
    stdio: 'pipe',
    detached: true,
  });
  if (handshake !== null) child.stdin.write(handshakeLine(handshake));
  return new Backend(path.dirname(executable), child);
}

/** Start a program under the bootstrap. */
export async function startBackend(setup: BackendSetup): Promise<Backend> {
  const { folder, command, args, env } = await prepare(setup);
  const child = spawn(command, args, {
    cwd: folder,
    env,
    stdio: 'pipe',
    detached: process.platform !== 'win32',
  });
  const backend = new Backend(folder, child);
  if (setup.handshake === null && setup.interactive !== true) child.stdin.end();
  if (setup.handshake !== null) child.stdin.write(handshakeLine(setup.handshake));
  return backend;
}
