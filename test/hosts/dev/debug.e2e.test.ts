import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { debugMode, type DebugMode, prepareDevelopment } from '../../../src/hosts/dev/index.js';
import { resolvedConfig } from '../../support/backend.js';
import { writeFiles } from '../../support/files.js';
import { testCacheDir } from '../../support/paths.js';
import { testBackend } from '../../runtime/support.js';

interface DapMessage {
  readonly type: string;
  readonly event?: string;
  readonly command?: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A debugger, as far as the Debug Adapter Protocol needs one. */
class DebugClient {
  readonly #out: Writable;
  readonly #ended: Promise<unknown>;
  readonly #seen: DapMessage[] = [];
  #buffer = Buffer.alloc(0);
  #sequence = 0;

  constructor(from: Readable, to: Writable) {
    from.on('data', (chunk: Buffer) => this.#read(chunk)).on('error', () => undefined);
    this.#out = to.on('error', () => undefined);
    this.#ended = once(from, 'close');
    onTestFinished(() => void from.destroy());
  }

  /** What it was told when the debugging ended; it leaves, as editors do, so that the port is free. */
  async left(): Promise<Readonly<Record<string, unknown>>> {
    const told = await this.event('terminated');
    await this.ask('disconnect', {});
    this.#out.end();
    await this.#ended;
    return told;
  }

  send(command: string, args: object): void {
    const text = JSON.stringify({ seq: ++this.#sequence, type: 'request', command, arguments: args });
    this.#out.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  async ask(command: string, args: object): Promise<Readonly<Record<string, unknown>>> {
    this.send(command, args);
    return this.wait((message) => message.type === 'response' && message.command === command);
  }

  async event(name: string): Promise<Readonly<Record<string, unknown>>> {
    return this.wait((message) => message.event === name);
  }

  async wait(matches: (message: DapMessage) => boolean): Promise<Readonly<Record<string, unknown>>> {
    return expect
      .poll(() => this.#seen.find(matches), { timeout: 20_000, interval: 10 })
      .toBeDefined()
      .then(() => {
        const index = this.#seen.findIndex(matches);
        return this.#seen.splice(index, 1)[0]?.body ?? {};
      });
  }

  #read(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/.exec(this.#buffer.subarray(0, end).toString())?.[1]);
      if (end < 0 || this.#buffer.length < end + 4 + length) return;
      this.#seen.push(JSON.parse(this.#buffer.subarray(end + 4, end + 4 + length).toString()) as DapMessage);
      this.#buffer = this.#buffer.subarray(end + 4 + length);
    }
  }
}

/** A connection, as soon as somebody listens. debugpy takes the first one for its debugger. */
async function connected(port: number): Promise<Socket> {
  for (let attempts = 0; ; attempts += 1) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      if (attempts === 800) throw error;
      await setTimeout(25);
    }
  }
}

/** A backend of the project, under debugpy. */
async function backendUnder(mode: DebugMode) {
  const project = await writeFiles({
    'package.json': '{}',
    'backend/main.py': `def app(environ, start_response):
    name = environ["PATH_INFO"].strip("/")
    start_response("200 OK", [])
    return [name.encode()]
`,
  });
  const config = resolvedConfig(project, { engine: { entry: { wsgi: 'main:app' }, source: 'backend' } });
  const { manifest } = await prepareDevelopment(config, { cacheDir: testCacheDir }, 'npm start', mode);
  const engine = manifest.backends['engine'];
  if (engine?.program.type !== 'development') throw new Error('no manifest');
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const backend = await testBackend(engine, { logger: { info: log, warn: log, error: log } });

  const configure = async (client: DebugClient, args: object): Promise<DebugClient> => {
    await client.ask('initialize', { adapterID: 'test', pathFormat: 'path' });
    client.send('attach', { justMyCode: true, ...args });
    await client.event('initialized');
    await client.ask('setBreakpoints', {
      source: { path: path.join(project, 'backend/main.py') },
      breakpoints: [{ line: 4 }],
    });
    await client.ask('configurationDone', {});
    return client;
  };
  const stopsAtTheLine = async (client: DebugClient, name: string): Promise<void> => {
    const answer = backend.fetch(`/${name}`);
    const { threadId } = await client.event('stopped');
    const { stackFrames } = await client.ask('stackTrace', { threadId });
    const [frame] = stackFrames as { id: number; line: number; name: string }[];
    expect(frame).toMatchObject({ line: 4, name: 'app' });
    const { result } = await client.ask('evaluate', { expression: 'name', frameId: frame?.id });
    expect(result).toBe(`'${name}'`);
    client.send('continue', { threadId });
    expect(await (await answer).text()).toBe(name);
  };
  return { program: engine.program, backend, lines, configure, stopsAtTheLine };
}

test(
  'a debugger attaches to a backend that waits for it, stops at a line and reads a variable, also after a restart',
  { timeout: 100_000 },
  async () => {
    const { program, backend, lines, configure, stopsAtTheLine } = await backendUnder('wait');
    const port = program.debugger?.port ?? 0;
    expect(port).toBe(5678);
    const attach = async (): Promise<DebugClient> => {
      const socket = await connected(port);
      return configure(new DebugClient(socket, socket), {});
    };
    const started = backend.start();
    started.catch(() => undefined);
    const client = await attach();
    await started;
    await stopsAtTheLine(client, 'Ada');

    const restarted = backend.restart();
    restarted.catch(() => undefined);
    await client.left();
    // Until then the port is that of the run before.
    await expect.poll(() => lines.join('\n'), { timeout: 20_000 }).toContain('starting (generation 2)');
    const again = await attach();
    await restarted;
    await stopsAtTheLine(again, 'Grace');

    await backend.stop();
    expect(lines.filter((line) => /Traceback|rror:/.test(line))).toEqual([]);
  },
);

test(
  'a debugger that listens has the backend again after a restart, without being asked',
  { timeout: 100_000 },
  async () => {
    const { program, backend, lines, configure, stopsAtTheLine } = await backendUnder('connect');
    const env = { ...process.env, ...program.env };
    /** What an editor does for `listen`: debugpy's adapter, over its pipes. */
    const listening = async (): Promise<{ readonly configured: Promise<DebugClient> }> => {
      const adapter = spawn(program.interpreter, ['-m', 'debugpy.adapter'], {
        env,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      onTestFinished(() => void adapter.kill('SIGKILL'));
      const client = new DebugClient(adapter.stdout, adapter.stdin);
      const configured = configure(client, { listen: { host: '127.0.0.1', port: 5678 }, restart: true });
      await client.event('debugpyWaitingForServer');
      return { configured };
    };
    const started = backend.start();
    started.catch(() => undefined);
    await expect
      .poll(() => lines.join('\n'), { timeout: 20_000 })
      .toContain('waiting for a debugger that listens');
    const first = await listening();
    const client = await first.configured;
    await started;
    await stopsAtTheLine(client, 'Ada');

    const restarted = backend.restart();
    restarted.catch(() => undefined);
    // By which debugpy tells an editor to listen again.
    expect(await client.left()).toEqual({ restart: true });
    const second = await listening();
    const again = await second.configured;
    await restarted;
    await stopsAtTheLine(again, 'Grace');

    await backend.stop();
    expect(lines.filter((line) => /Traceback|rror:/.test(line))).toEqual([]);
  },
);

test('the environment asks for it where no option can be given', () => {
  expect([undefined, '', '0', '1', 'true', 'wait', 'connect'].map(debugMode)).toEqual([
    'off',
    'off',
    'off',
    'listen',
    'listen',
    'wait',
    'connect',
  ]);
});
