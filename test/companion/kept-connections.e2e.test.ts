import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { fetchBackend } from '../../src/runtime/talk/http-fetch.js';
import { environment, serverPackages } from './support/environment.js';
import { defaultInterpreter } from './support/interpreters.js';
import { waitMs } from '../runtime/support.js';
import { runtimeBackend } from './support/runtime-backend.js';

/** How many requests of each kind are made; 10000 for a long look. */
const requestCount = Number(process.env['KEPT_CONNECTION_REQUESTS'] ?? 100);

let python = '';

beforeAll(async () => {
  python = await environment(defaultInterpreter(), serverPackages);
});

const program = (server: string, options: string): string => `
import asyncio
from electron_pyinstaller import serve

async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown": return
    while (await receive()).get("more_body"): pass
    if scope["path"] == "/slow": await asyncio.sleep(0.02)
    status = 500 if scope["path"] == "/boom" else 200
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
    if scope["path"] == "/late": await asyncio.sleep(0.015)
    if scope["path"] in ("/boom", "/late"): raise ValueError("boom")

def wsgi(environ, start_response):
    if environ["PATH_INFO"] == "/boom": raise ValueError("boom")
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]

def main():
    return serve(${server === 'uvicorn' || server === 'hypercorn' ? 'asgi' : 'wsgi'}, server="${server}"${options})
`;

type Ask = (path: string, init?: RequestInit) => Promise<Response>;

async function started(server: string, options = ''): Promise<Ask> {
  const entry = { type: 'call', module: 'main', attribute: 'main' };
  const files = { 'main.py': program(server, options) };
  const backend = await runtimeBackend({ python, entry, files }, 'http', { health: null });
  await backend.start();
  onTestFinished(() => backend[Symbol.asyncDispose]());
  return (path, init) => backend.fetch(path, init);
}

/** Make requests, and collect what failed. */
async function failures(
  ask: Ask,
  paths: readonly string[],
  body: NonNullable<RequestInit['body']> = 'x',
): Promise<unknown[]> {
  const failed: unknown[] = [];
  for (const path of paths)
    await ask(path, { method: 'POST', body })
      .then((response) => response.text())
      .catch((error: unknown) => failed.push(error));
  return failed;
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const servers = ['uvicorn', 'hypercorn', 'waitress', 'wsgiref'];

test.each(servers)('%s: a POST after a failure of the application does not fail', async (server) => {
  const ask = await started(server);
  const pairs = Array.from({ length: requestCount }).flatMap(() => ['/boom', '/ok']);
  expect(await failures(ask, pairs)).toEqual([]);
});

test.each(['uvicorn', 'hypercorn'])(
  '%s: a POST is answered although the application fails after the answer before it',
  async (server) => {
    const ask = await started(server);
    const pairs = Array.from({ length: requestCount / 4 }).flatMap(() => ['/late', '/slow']);
    expect(await failures(ask, pairs)).toEqual([]);
  },
);

test.each([
  ['uvicorn', ', timeout_keep_alive=1'],
  ['hypercorn', ', keep_alive_timeout=1'],
  ['waitress', ', channel_timeout=1, cleanup_interval=1'],
  ['wsgiref', ''],
])(
  '%s: a POST does not fail when the server ends a silent connection, nor after the app was busy',
  async (server, options) => {
    const ask = await started(server, options);
    // waitress takes 100 connections at a time.
    const laneCount = requestCount > 1000 ? 90 : 20;
    const lanes = Array.from({ length: laneCount }, async () => {
      const failed: unknown[] = [];
      for (let round = 0; round < requestCount / laneCount; round++) {
        failed.push(...(await failures(ask, ['/ok'])));
        await new Promise((resolve) => {
          setTimeout(resolve, 980 + Math.random() * 40);
        });
      }
      return failed;
    });
    expect((await Promise.all(lanes)).flat()).toEqual([]);
    for (let round = 0; round < (requestCount > 1000 ? requestCount / laneCount : 2); round++) {
      await Promise.all(Array.from({ length: laneCount }, () => failures(ask, ['/ok'])));
      block(1500);
      const small = Array.from({ length: laneCount }, () => 'x');
      const bodies = [...small, new Uint8Array(3_000_000), new Blob(['x'.repeat(3_000_000)])];
      const all = await Promise.all(bodies.map((body) => failures(ask, ['/ok'], body)));
      expect(all.flat()).toEqual([]);
    }
  },
);

/** Answers as a server that keeps connections, closes each so many milliseconds after its answer, and says when it was late. */
const closingServer = `
const net = require('node:net');
const server = net.createServer((socket) => {
  let text = '';
  socket.setNoDelay(true).on('error', () => {}).on('data', (data) => {
    text += data;
    if (!text.includes('\\r\\n\\r\\nx')) return;
    text = '';
    socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok');
    const ms = Number(process.argv[1]);
    const begunMs = performance.now();
    const end = () => {
      socket.destroy();
      // Other programs may have the processor meanwhile.
      if (performance.now() - begunMs > 9) console.log('late');
    };
    if (ms === 0) setImmediate(end); else setTimeout(end, ms);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

test.each([0, 1, 2])(
  'a POST does not fail when a server without the companion closes %i ms after its answer',
  async (ms) => {
    const child = spawn(process.execPath, ['-e', closingServer, String(ms)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new AbortController();
    onTestFinished(() => {
      ended.abort();
      child.kill();
    });
    const port = Number(String(((await once(child.stdout, 'data')) as [Buffer])[0]));
    const address = { type: 'tcp', host: '127.0.0.1', port, url: `http://127.0.0.1:${port}` } as const;
    const ask: Ask = (path, init) =>
      fetchBackend({ name: 'engine', address, token: 'T', proves: false, signal: ended.signal }, path, init);
    let lateCount = 0;
    child.stdout.on('data', (data: Buffer) => (lateCount += String(data).split('late').length - 1));
    const failed = await failures(
      ask,
      Array.from({ length: requestCount }, () => '/ok'),
    );
    await waitMs(50);
    expect(failed.slice(lateCount)).toEqual([]);
  },
);
