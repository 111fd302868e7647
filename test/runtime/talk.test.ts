import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RuntimeSettings } from '../../src/runtime/manifest.js';
import { isWindows, needsPortOwners, notOnWindows, patience } from '../support/windows.js';
import { failure } from './failure.js';
import { startStranger } from './stranger.js';
import { fixtureBackend, isRunning, signal, statusAt, testBackend, testSettings, until } from './support.js';

const unix = { address: { type: 'unix' } } as const;
const transports: readonly (readonly [string, Partial<RuntimeSettings>])[] = [
  ['TCP', {}],
  ['a Unix socket', unix],
];

// Node has no Unix sockets on Windows.
test.each(isWindows ? transports.slice(0, 1) : transports)(
  'fetch over %s sends bodies, follows redirects and reads streams',
  async (_title, settings) => {
    const backend = await testBackend(fixtureBackend({}, settings));
    await backend.start();
    const facts = (await (await backend.fetch('/facts')).json()) as { pid: number };
    expect(facts.pid).toBe(backend.status().pid);
    const redirected = (await (await backend.fetch('/redirect')).json()) as { pid: number };
    expect(redirected.pid).toBe(facts.pid);
    const posted = await backend.fetch('/echo', {
      method: 'POST',
      body: JSON.stringify({ a: 'é' }),
      headers: { 'content-type': 'application/json' },
    });
    expect(await posted.json()).toEqual({ body: '{"a":"é"}', type: 'application/json' });
    const stream = new Blob(['streamed ', 'body']).stream();
    expect(await (await backend.fetch('/echo', { method: 'POST', body: stream })).json()).toMatchObject({
      body: 'streamed body',
    });
    const events = [];
    for await (const event of backend.stream('/events')) events.push(event);
    expect(events).toEqual(
      [0, 1, 2].map((index) => ({
        event: 'tick',
        data: `{"n":\n${index}}`,
        id: String(index),
        retry: null,
      })),
    );
    expect((await failure(backend.stream('/facts').next())).code).toBe('E_REMOTE');
    expect((await backend.fetch('/nothing')).status).toBe(404);
  },
);

test(
  'a Unix socket stands in a private folder that goes with the backend',
  notOnWindows('Node has no Unix sockets on Windows'),
  async () => {
    const backend = await testBackend(fixtureBackend({}, unix));
    await backend.start();
    const { socketPath, url } = backend.status();
    expect(url).toBe(null);
    const folder = path.dirname(socketPath ?? '');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await backend.stop();
    // Without another moment: the app may call process.exit() right here.
    expect(existsSync(folder)).toBe(false);
  },
);

test('never sends the token to another origin', async () => {
  const backend = await testBackend();
  await backend.start();
  for (const target of ['http://127.0.0.1:1/', 'https://example.com/', '//example.com/x'])
    expect((await failure(backend.fetch(target))).code).toBe('E_FORBIDDEN');
});

test('a fetch ends with its signal and with the backend', async () => {
  const backend = await testBackend(fixtureBackend({ FIXTURE_HEALTH: '30' }));
  await backend.start();
  await expect(backend.fetch('/health', { signal: AbortSignal.timeout(50) })).rejects.toThrow(/timeout/i);
  const pending = backend.fetch('/health').catch((error: unknown) => error);
  const stop = backend.stop();
  expect(await pending).toBeInstanceOf(Error);
  await stop;
  expect((await failure(backend.fetch('/health'))).code).toBe('E_STOPPED');
});

test('a fetch during the start waits for it, and fails with it', async () => {
  const backend = await testBackend(fixtureBackend({ FIXTURE_BEFORE_READY: 'sleep:0.3' }));
  const start = backend.start();
  expect((await backend.fetch('/health')).status).toBe(200);
  await start;
  const broken = await testBackend(fixtureBackend({ FIXTURE_BEFORE_READY: 'exit:78' }));
  broken.start().catch(() => undefined);
  expect(await failure(broken.fetch('/health'))).toMatchObject({ code: 'E_START_EXIT', exitCode: 78 });
});

test('who takes the port of a backend that crashed gets nothing, although the app has not noticed yet', async () => {
  const restart = { ...testSettings.restart, max: 0 };
  const backend = await testBackend(fixtureBackend({}, { restart }));
  await backend.start();
  const { pid, url } = backend.status();
  await (await backend.fetch('/facts')).json();
  const stranger = await startStranger(['take', new URL(url ?? '').port], null);
  await stranger.isUp;
  signal(pid, 'SIGKILL');
  // Nothing is noticed here meanwhile: as when the main process has something else to do.
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let round = 0; stranger.took().length === 0 && round < 500; round++) Atomics.wait(pause, 0, 0, 10);
  expect(stranger.took()).toHaveLength(1);
  expect(backend.status().state).toBe('ready');
  const answers = await Promise.allSettled([
    backend.fetch('/documents', { method: 'POST', body: 'a secret document' }),
    backend.fetch('/documents?secret'),
    backend.fetch('/health'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(stranger.heard()).not.toMatch(/secret|health|-token/i);
  expect(isRunning(pid ?? 0)).toBe(false);
});

test('an aborted start stops the attempt when nobody else waits for it', async () => {
  const backend = await testBackend(fixtureBackend({ FIXTURE_BEFORE_READY: 'hang' }));
  const controller = new AbortController();
  const start = backend.start({ signal: controller.signal });
  void until(() => backend.status().phase === 'handshaking').then(() =>
    controller.abort(new Error('closed')),
  );
  await expect(start).rejects.toThrow('closed');
  await backend.stop();
  expect(backend.status()).toMatchObject({ state: 'stopped', generation: 1 });
});

test('attaches to a backend that somebody else started, and lets it live', async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    response
      .writeHead(request.url === '/health' ? 200 : 201)
      .end(request.headers['x-electron-pyinstaller-token'] ?? 'none');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const ready = { ...testSettings.ready, http: '/health', timeoutMs: 1000 };
  const backend = await testBackend(fixtureBackend({}, { ready }));
  backend.attach({ url: `http://127.0.0.1:${port}/`, token: 'by-hand' });
  await backend.start();
  expect(backend.status()).toMatchObject({
    state: 'ready',
    attached: true,
    pid: null,
    url: `http://127.0.0.1:${port}`,
  });
  expect(await (await backend.fetch('/x')).text()).toBe('by-hand');
  await backend.stop();
  expect(await statusAt(`http://127.0.0.1:${port}/health`)).toBe(200);
  expect(asked).toBe(3);
  backend.attach(null);
  await backend.start();
  expect(backend.status()).toMatchObject({ attached: false });
  expect(backend.status().pid).not.toBe(null);
  expect(() => backend.attach('https://example.com')).toThrow(/on this computer/);
});

test('attaching to nobody is a start that times out', async () => {
  const backend = await testBackend(fixtureBackend({}, { ready: { ...testSettings.ready, timeoutMs: 300 } }));
  backend.attach('http://127.0.0.1:9');
  const error = await failure(backend.start());
  expect(error).toMatchObject({ code: 'E_START_TIMEOUT', phase: 'probing' });
  expect(error.message).toContain('connect ECONNREFUSED 127.0.0.1:9');
  await backend.stop();
});

test('a start that times out names the path that was asked and what came back', async () => {
  const backend = await testBackend(
    fixtureBackend({}, { ready: { ...testSettings.ready, http: '/helth', timeoutMs: 2000 * patience } }),
  );
  const { message } = await failure(backend.start());
  expect(message).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/helth answered 404/);
  await backend.stop();
});

test('a program with a server of its own that never says where is told how to', async () => {
  const settings = { ready: { ...testSettings.ready, timeoutMs: 2000 * patience } };
  const rest = { companion: 'lifeline' } as const;
  const backend = await testBackend(fixtureBackend({ FIXTURE_NO_READY: '1' }, settings, rest));
  expect((await failure(backend.start())).hint).toContain('electron_pyinstaller.ready(port)');
  await backend.stop();
});

test(
  'a backend without the companion is asked until it answers, and stopped by its own path',
  needsPortOwners,
  async () => {
    const backend = await testBackend(
      fixtureBackend(
        {},
        {
          args: ['--port', '{port}'],
          env: { FIXTURE_PORT: '{port}' },
          address: { type: 'port', host: '127.0.0.1', from: 20_100, to: 20_200 },
          ready: { ...testSettings.ready, announced: false, http: '/open/health' },
          stop: { ...testSettings.stop, http: '/shutdown' },
        },
        { companion: 'none' },
      ),
    );
    await backend.start();
    const { url } = backend.status();
    const facts = (await (await backend.fetch('/facts')).json()) as {
      argv: string[];
      env: Record<string, string>;
    };
    expect(facts.argv).toEqual(['--port', new URL(url ?? '').port]);
    expect(facts.env['ELECTRON_PYINSTALLER_PROTOCOL']).toBe(undefined);
    const exit = new Promise((resolve) => backend.on('exit', resolve));
    await backend.stop();
    expect(await exit).toMatchObject({ code: 0, expected: true });
  },
);

test('a backend can be ready when it says so in its log', needsPortOwners, async () => {
  const backend = await testBackend(
    fixtureBackend(
      { FIXTURE_NO_READY: '1', FIXTURE_BEFORE_READY: 'sleep:0.2', FIXTURE_PORT: '{port}' },
      {
        address: { type: 'port', host: '127.0.0.1', from: 20_300, to: 20_400 },
        ready: { ...testSettings.ready, announced: false, log: '^listening' },
      },
      { companion: 'lifeline' },
    ),
  );
  await backend.start();
  expect(backend.status().state).toBe('ready');
});
