import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { debugMode, prepareDevelopment } from '../../../src/hosts/dev/index.js';
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
  readonly #socket: Socket;
  readonly #seen: DapMessage[] = [];
  #buffer = Buffer.alloc(0);
  #sequence = 0;

  constructor(socket: Socket) {
    this.#socket = socket.on('data', (chunk) => this.#read(chunk)).on('error', () => undefined);
    onTestFinished(() => void this.#socket.destroy());
  }

  send(command: string, args: object): void {
    const text = JSON.stringify({ seq: ++this.#sequence, type: 'request', command, arguments: args });
    this.#socket.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
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

test(
  'a debugger attaches to a backend that waits for it, stops at a line and reads a variable',
  { timeout: 100_000 },
  async () => {
    const project = await writeFiles({
      'package.json': '{}',
      'backend/main.py': `def app(environ, start_response):
    name = environ["PATH_INFO"].strip("/")
    start_response("200 OK", [])
    return [name.encode()]
`,
    });
    const config = resolvedConfig(project, { engine: { entry: { wsgi: 'main:app' }, source: 'backend' } });
    const { manifest } = await prepareDevelopment(config, { cacheDir: testCacheDir }, 'npm start', 'wait');
    const engine = manifest.backends['engine'];
    if (engine?.program.type !== 'development') throw new Error('no manifest');
    const port = engine.program.debugger?.port ?? 0;
    expect(port).toBe(5678);
    const lines: string[] = [];
    const logger = {
      info: (line: string) => void lines.push(line),
      warn: (line: string) => void lines.push(line),
      error: (line: string) => void lines.push(line),
    };
    const backend = await testBackend(engine, { logger });
    const started = backend.start();
    started.catch(() => undefined);

    const attach = async (): Promise<DebugClient> => {
      const client = new DebugClient(await connected(port));
      await client.ask('initialize', { adapterID: 'test', pathFormat: 'path' });
      client.send('attach', { justMyCode: true });
      await client.event('initialized');
      await client.ask('setBreakpoints', {
        source: { path: path.join(project, 'backend/main.py') },
        breakpoints: [{ line: 4 }],
      });
      await client.ask('configurationDone', {});
      return client;
    };
    const client = await attach();
    await started;

    const answer = backend.fetch('/Ada');
    const { threadId } = await client.event('stopped');
    const { stackFrames } = await client.ask('stackTrace', { threadId });
    const [frame] = stackFrames as { id: number; line: number; name: string }[];
    expect(frame).toMatchObject({ line: 4, name: 'app' });
    const { result } = await client.ask('evaluate', { expression: 'name', frameId: frame?.id });
    expect(result).toBe("'Ada'");
    client.send('continue', { threadId });
    expect(await (await answer).text()).toBe('Ada');

    await backend.stop();
    expect(lines.filter((line) => /Traceback|rror:/.test(line))).toEqual([]);
  },
);

test('the environment asks for it where no option can be given', () => {
  expect([undefined, '', '0', '1', 'true', 'wait'].map(debugMode)).toEqual([
    'off',
    'off',
    'off',
    'listen',
    'listen',
    'wait',
  ]);
});
