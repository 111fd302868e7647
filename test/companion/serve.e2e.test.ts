import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/files.js';
import {
  type Backend,
  type BackendSetup,
  newInstance,
  proof,
  startBackend,
  token,
} from './support/backend.js';
import { environment, serverPackages } from './support/environment.js';
import { defaultInterpreter } from './support/interpreters.js';

const asgi = { type: 'asgi', module: 'main', attribute: 'app' };
const wsgi = { type: 'wsgi', module: 'main', attribute: 'app' };
let python = '';

beforeAll(async () => {
  python = await environment(defaultInterpreter(), serverPackages);
});

const fastapi = `
import asyncio, time
from contextlib import asynccontextmanager
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import StreamingResponse
import electron_pyinstaller as e

@asynccontextmanager
async def lifespan(app):
    print("startup"); await asyncio.sleep(0.2)
    yield
    print("shutdown")

app = FastAPI(lifespan=lifespan)

@app.get("/api/health")
def health(): return {"ok": True}

@app.post("/echo")
async def echo(request: Request): return {"length": len(await request.body())}

@app.get("/events")
async def events():
    async def stream():
        try:
            while True:
                yield "data: tick\\n\\n"; await asyncio.sleep(0.02)
        finally:
            print("stream closed")
    return StreamingResponse(stream(), media_type="text/event-stream")

@app.get("/download")
async def download():
    async def stream():
        while True:
            yield b"x" * 1000; await asyncio.sleep(0.02)
    return StreamingResponse(stream(), media_type="application/octet-stream")

@app.get("/polling")
async def polling(request: Request):
    for _ in range(200):
        if await request.is_disconnected(): print("noticed"); break
        await asyncio.sleep(0.02)

@app.get("/slow")
async def slow(seconds: float):
    await asyncio.sleep(seconds); return {"done": True}

@app.get("/blocking")
def blocking(seconds: float):
    time.sleep(seconds); return {"done": True}

@app.websocket("/ws")
async def ws(socket: WebSocket):
    await socket.accept()
    async for text in socket.iter_text(): await socket.send_text(text)
`;

async function startFastapi(setup: Partial<BackendSetup> = {}): Promise<Backend> {
  return startBackend({ python, entry: asgi, files: { 'main.py': fastapi }, ...setup });
}

/** A request whose `Host` is free to choose, which \`fetch\` does not allow. */
async function statusWith(
  backend: Backend,
  headers: Readonly<Record<string, string>>,
  route = '/api/health',
  method = 'GET',
): Promise<number> {
  const { port } = new URL(await backend.url());
  const sent = request({ host: '127.0.0.1', port, path: route, method, headers, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [
    { statusCode: number; headers: Record<string, string>; resume(): void },
  ];
  response.resume();
  expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  return response.statusCode;
}

/** Status of an upgrade: 101, or what the server says instead. */
async function upgradeStatus(backend: Backend, headers: Readonly<Record<string, string>>): Promise<number> {
  const { port } = new URL(await backend.url());
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const sent = request({
    host: '127.0.0.1',
    port,
    path: '/ws',
    headers: { ...upgrade, ...headers },
    agent: false,
  }).end();
  return new Promise((resolve, reject) => {
    sent.on('upgrade', (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
  });
}

describe('FastAPI with uvicorn', () => {
  test('accepts from the moment of `ready` on, not before the application has started', async () => {
    const instance = newInstance();
    const backend = await startFastapi({ handshake: { instance } });
    await backend.message('ready');
    expect(backend.stdout).toContain('startup');
    const response = await backend.fetch('/api/health');
    expect([response.status, await response.json()]).toEqual([200, { ok: true }]);
    const ping = await backend.fetch('/.electron-pyinstaller/ping');
    expect([ping.status, await ping.json()]).toEqual([200, { instance }]);
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stdout).toContain('shutdown');
    expect(backend.messages.map((message) => message.type)).toEqual(['hello', 'ready', 'stopping']);
  });

  test('lets nobody in without the token or with a foreign host name', async () => {
    const backend = await startFastapi();
    const { host, port } = new URL(await backend.url());
    const bearer = { 'x-electron-pyinstaller-token': token };
    expect(await statusWith(backend, { host, ...bearer })).toBe(200);
    expect(await statusWith(backend, { host: `localhost:${port}`, ...bearer })).toBe(200);
    expect(await statusWith(backend, { host: `[::1]:${port}`, ...bearer })).toBe(200);
    expect(await statusWith(backend, { host: `LOCALHOST:${port}`, ...bearer })).toBe(200);
    for (const wrong of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      'localhost:1',
      `localhost.evil.example:${port}`,
    ]) {
      expect(await statusWith(backend, { host: wrong, ...bearer }), wrong).toBe(403);
      expect(await statusWith(backend, { host: wrong }), wrong).toBe(403);
    }
    const bare = connect(Number(port), '127.0.0.1');
    bare.write(`GET /api/health HTTP/1.0\r\nX-Electron-PyInstaller-Token: ${token}\r\n\r\n`);
    expect(String(((await once(bare, 'data')) as [Buffer])[0])).toMatch(/^HTTP\/1\.[01] 403/u);
    bare.destroy();
    for (const wrong of ['', `${token}x`, token.slice(0, -1), `Bearer ${token}`, `${token}, ${token}`]) {
      expect(await statusWith(backend, { host, 'x-electron-pyinstaller-token': wrong }), wrong).toBe(401);
    }
    expect(await statusWith(backend, { host, authorization: `Bearer ${token}` })).toBe(401);
    expect(await statusWith(backend, { host }, '/.electron-pyinstaller/ping')).toBe(401);
    expect(await statusWith(backend, { host }, '/no/such/route')).toBe(401);
    expect(
      await statusWith(
        backend,
        { host, origin: 'https://evil.example', 'access-control-request-method': 'POST' },
        '/echo',
        'OPTIONS',
      ),
    ).toBe(401);
  });

  test('checks WebSocket upgrades in the same way', async () => {
    const backend = await startFastapi();
    const { host } = new URL(await backend.url());
    const bearer = { 'x-electron-pyinstaller-token': token };
    expect(await upgradeStatus(backend, { host, ...bearer })).toBe(101);
    expect(await upgradeStatus(backend, { host })).toBe(401);
    expect(await upgradeStatus(backend, { host: 'evil.example', ...bearer })).toBe(403);
    expect(backend.stderr).not.toContain('Traceback');
  });

  test('requireToken false leaves the host check', async () => {
    const backend = await startFastapi({ handshake: { requireToken: false } });
    const { host } = new URL(await backend.url());
    expect(await statusWith(backend, { host })).toBe(200);
    expect(await statusWith(backend, { host: 'evil.example' })).toBe(403);
  });

  test('bodies of any size arrive whole', async () => {
    const backend = await startFastapi();
    const sent = await backend.fetch('/echo', { method: 'POST', body: Buffer.alloc(5_000_000) });
    expect(await sent.json()).toEqual({ length: 5_000_000 });
    const chunks = new ReadableStream({
      start(controller) {
        for (let count = 0; count < 10; count++) controller.enqueue(Buffer.alloc(1000));
        controller.close();
      },
    });
    const streamed = await backend.fetch('/echo', {
      method: 'POST',
      body: chunks,
      duplex: 'half',
    } as RequestInit);
    expect(await streamed.json()).toEqual({ length: 10_000 });
  });

  test('an open event stream ends at once and cleanly, and does not hold up the quit', async () => {
    const backend = await startFastapi({ handshake: { graceMs: 5000 } });
    const response = await backend.fetch('/events');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    const begin = performance.now();
    backend.endLifeline();
    await readToEnd(reader);
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(performance.now() - begin).toBeLessThan(1500);
    expect(backend.stdout).toMatch(/stream closed\nshutdown\n/u);
    expect(backend.stderr).not.toMatch(/ERROR|Traceback/u);
  });

  test('a server that has nothing to do ends without a tick', async () => {
    const tookMs: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const backend = await startFastapi();
      await (await backend.fetch('/api/health')).json();
      const begin = performance.now();
      backend.endLifeline();
      await backend.until(() => backend.stderr.includes('Finished server process'), 'the end of the server');
      tookMs.push(performance.now() - begin);
      expect(await backend.ended()).toEqual({ code: 0, signal: null });
    }
    // uvicorn by itself takes a tenth of a second always, and up to another before it begins.
    expect(Math.min(...tookMs)).toBeLessThan(95);
  });

  test('a download that is cut short is not passed off as complete', async () => {
    const backend = await startFastapi();
    const response = await backend.fetch('/download');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    backend.endLifeline();
    await expect(readToEnd(reader)).rejects.toThrow(/terminated/u);
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
  });

  test('an endpoint can ask whether the client has left', async () => {
    const backend = await startFastapi();
    await backend.message('ready');
    const leaving = new AbortController();
    const answer = backend.fetch('/polling', { signal: leaving.signal });
    await new Promise((resolve) => setTimeout(resolve, 300));
    leaving.abort();
    await expect(answer).rejects.toThrow(/aborted/u);
    await backend.until(() => backend.stdout.includes('noticed'), 'the endpoint');
  });

  test('an open WebSocket does not hold up the quit', async () => {
    const backend = await startFastapi();
    const { port } = new URL(await backend.url());
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Electron-PyInstaller-Token: ${token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    expect(String(((await once(socket, 'data')) as [Buffer])[0])).toContain('101 Switching Protocols');
    const begin = performance.now();
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(performance.now() - begin).toBeLessThan(1500);
    socket.destroy();
  });

  test('a request that is being answered is finished first', async () => {
    const backend = await startFastapi();
    const answer = backend.fetch('/slow?seconds=1');
    await backend.url();
    await new Promise((resolve) => setTimeout(resolve, 300));
    backend.endLifeline();
    expect(await (await answer).json()).toEqual({ done: true });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
  });

  test.each(['/slow', '/blocking'])(
    'a request (%s) that takes longer than the grace period is not waited for',
    async (route) => {
      const backend = await startFastapi({ handshake: { graceMs: 1500 } });
      const answer = backend.fetch(`${route}?seconds=30`).then(
        (response) => response.status,
        () => 'cut',
      );
      await backend.url();
      await new Promise((resolve) => setTimeout(resolve, 300));
      const begin = performance.now();
      backend.endLifeline();
      await backend.ended();
      expect(performance.now() - begin).toBeLessThan(2300);
      await answer;
    },
  );

  test('a startup that fails is said clearly, and may be tried again', async () => {
    const program = `
from contextlib import asynccontextmanager
from fastapi import FastAPI
@asynccontextmanager
async def lifespan(app):
    raise RuntimeError("the database is locked")
    yield
app = FastAPI(lifespan=lifespan)
`;
    const backend = await startFastapi({ files: { 'main.py': program } });
    expect(await backend.ended()).toEqual({ code: 3, signal: null });
    expect(backend.stderr).toMatch(/RuntimeError: the database is locked/u);
    expect(backend.stderr).toMatch(/the application's startup \(lifespan\) failed/u);
    expect(backend.messages.map((message) => message.type)).toEqual(['hello']);
  });

  test('the port the app picked is used', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    const backend = await startFastapi({ handshake: { address: { type: 'port', host: '127.0.0.1', port } } });
    expect(await backend.message('ready')).toEqual({
      type: 'ready',
      ping: true,
      address: { type: 'tcp', host: '127.0.0.1', port },
      proof,
    });
  });

  test('a taken port is fatal and named', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const backend = await startFastapi({ handshake: { address: { type: 'port', host: '127.0.0.1', port } } });
    expect(await backend.message('fatal')).toEqual({
      type: 'fatal',
      code: 'address-in-use',
      message: `cannot listen on 127.0.0.1:${port}: the address is in use by another program`,
    });
    expect(await backend.ended()).toEqual({ code: 78, signal: null });
    taken.close();
  });

  test('of a range the first free port is taken; when none is left, another attempt is asked for', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const at = (to: number) => ({ handshake: { address: { type: 'port', host: '127.0.0.1', port, to } } });
    const next = await startFastapi(at(port + 20));
    expect(Number(new URL(await next.url()).port)).toBeGreaterThan(port);
    expect((await next.fetch('/.electron-pyinstaller/ping')).status).toBe(200);
    const none = await startFastapi(at(port));
    expect(await none.message('fatal')).toMatchObject({ code: 'address-in-use' });
    expect(await none.ended()).toEqual({ code: 75, signal: null });
    taken.close();
  });

  test.skipIf(process.platform === 'win32').each([
    ['asgi', asgi, fastapi],
    ['wsgi', wsgi, 'def app(environ, start_response):\n    start_response("200 OK", []); return [b"{}"]\n'],
  ])('a Unix socket (%s) is private, needs the token too, and is removed', async (_, entry, program) => {
    const socketPath = path.join(await temporaryFolder(), 's');
    const backend = await startFastapi({
      entry,
      files: { 'main.py': program },
      handshake: { address: { type: 'unix', path: socketPath } },
    });
    expect(await backend.message('ready')).toEqual({
      type: 'ready',
      ping: true,
      address: { type: 'unix', path: socketPath },
      proof,
    });
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    const ask = async (headers: Record<string, string>) => {
      const sent = request({ socketPath, path: '/api/health', headers, agent: false }).end();
      const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }];
      response.resume();
      return response.statusCode;
    };
    expect(await ask({ host: 'anything', 'x-electron-pyinstaller-token': token })).toBe(200);
    expect(await ask({})).toBe(401);
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(existsSync(socketPath)).toBe(false);
  });

  test('probes do not fill the log, failures and other requests do', async () => {
    const backend = await startFastapi({ handshake: { healthPath: '/api/health' } });
    await backend.fetch('/api/health?x=1');
    await backend.fetch('/.electron-pyinstaller/ping');
    await backend.fetch('/no-such-route');
    await fetch(`${await backend.url()}/api/health`);
    await backend.until(() => backend.stdout.includes('401'), 'the refused one');
    expect(backend.stdout).toMatch(/GET \/no-such-route/u);
    // Not any 200: ports and process ids hold it now and then.
    expect(backend.stdout).not.toMatch(/\b200(?: OK)?\s*$/mu);
    expect(backend.stdout + backend.stderr).not.toContain('\u001b[');
  });

  test.skipIf(process.platform === 'win32')(
    "pools of forked workers end, although uvicorn's handler of SIGTERM was in place when they were forked",
    async () => {
      const pools = `
from multiprocessing import get_context

@app.get("/pools")
def pools():
    for _ in range(30):
        with get_context("fork").Pool(2) as pool: pool.map(abs, range(4))
    return "done"
`;
      const backend = await startFastapi({ files: { 'main.py': fastapi + pools } });
      const answer = await backend.fetch('/pools', { signal: AbortSignal.timeout(30_000) });
      expect(await answer.json()).toBe('done');
      backend.endLifeline();
      expect(await backend.ended()).toEqual({ code: 0, signal: null });
    },
  );

  test('the token occurs nowhere in the output', async () => {
    const backend = await startFastapi();
    await backend.fetch('/api/health');
    backend.endLifeline();
    await backend.ended();
    expect(backend.stdout + backend.stderr + JSON.stringify(backend.messages)).not.toContain(token);
  });
});

describe('programs that start their server themselves', () => {
  const call = { type: 'call', module: 'main', attribute: 'run' };

  test('serve(app) in a call entry behaves as an asgi entry', async () => {
    const files = { 'main.py': `${fastapi}\ndef run():\n    return e.serve(app, log_level="warning")\n` };
    const backend = await startFastapi({ entry: call, files });
    expect((await backend.fetch('/api/health')).status).toBe(200);
    expect((await fetch(`${await backend.url()}/api/health`)).status).toBe(401);
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stderr).not.toContain('INFO');
  });

  test.each([
    ['serve("main:app")', /give it the application itself/u],
    ['serve(lambda: app, factory=True)', /call the function and give what it returns/u],
  ])('%s is refused with what to do', async (statement, expected) => {
    const files = { 'main.py': `${fastapi}\ndef run(): e.${statement}\n` };
    const backend = await startFastapi({ entry: call, files });
    expect(await backend.message('fatal')).toMatchObject({ code: 'config' });
    expect((await backend.message('fatal'))['message']).toMatch(expected);
    expect(await backend.ended()).toEqual({ code: 78, signal: null });
  });

  test('a root path is no part of the path that is asked for', async () => {
    const files = { 'main.py': `${fastapi}\ndef run(): return e.serve(app, root_path="/root")\n` };
    const backend = await startFastapi({ entry: call, files });
    expect((await backend.fetch('/.electron-pyinstaller/ping')).status).toBe(200);
    expect((await backend.fetch('/api/health')).status).toBe(200);
    await backend.until(() => backend.stdout.includes('/api/health'), 'the log');
    expect(backend.stdout).not.toContain('ping');
  });

  test('a server that lacks something is not called missing', async () => {
    const files = { 'main.py': `import sys\nsys.modules["h11"] = sys.modules["click"] = None\n${fastapi}` };
    const backend = await startFastapi({ files });
    expect(await backend.message('fatal')).toMatchObject({ code: 'import', module: 'click' });
    expect(await backend.ended()).toEqual({ code: 78, signal: null });
  });

  test.each([
    ['call', call, 'def run(): uvicorn.run("main:app", port=int(sys.argv[1]), host="127.0.0.1")'],
    [
      'script',
      { type: 'script', file: 'main.py' },
      'if __name__ == "__main__": uvicorn.run("main:app", port=int(sys.argv[1]))',
    ],
    [
      'module',
      { type: 'module', module: 'main' },
      'if __name__ == "__main__": uvicorn.run("main:app", port=int(sys.argv[1]))',
    ],
  ])('uvicorn.run("main:app") works in a %s entry, and the lifeline ends it', async (_, entry, tail) => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    const backend = await startFastapi({
      entry,
      args: [String(port)],
      files: { 'main.py': `${fastapi}\nimport sys, uvicorn\n${tail}\n` },
    });
    await backend.until(() => backend.stderr.includes('Uvicorn running'), 'uvicorn');
    expect((await fetch(`http://127.0.0.1:${port}/api/health`)).status).toBe(200);
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stdout).toContain('shutdown');
  });

  test('in a terminal an asgi entry serves without a token and ends with Ctrl-C', async () => {
    const backend = await startFastapi({ handshake: null, args: ['--host', '127.0.0.1', '--port', '0'] });
    const url = await backend.until(
      () => /Listening on (http:\S+)/u.exec(backend.stdout)?.[1],
      'the address',
    );
    expect((await fetch(`${url}/api/health`)).status).toBe(200);
    process.kill(backend.pid, 'SIGINT');
    const { code, signal } = await backend.ended();
    expect([0, 130, 'SIGINT']).toContain(code ?? signal);
    expect(backend.stderr).not.toContain('Traceback');
    expect(backend.messages).toEqual([]);
  });
});

describe.each([
  ['uvicorn', ''],
  ['hypercorn', 'sys.modules["uvicorn"] = None'],
])('an application with %s', (_, block) => {
  const head = `import sys\n${block}\nimport asyncio, time\nimport electron_pyinstaller as e\n`;
  const types = (backend: Backend) => backend.messages.map((message) => message.type);

  test.each([
    ['fatal', 'e.fatal("broken")', 78, ['hello', 'ready', 'fatal']],
    ['an exit', 'sys.exit(75)', 75, ['hello', 'ready']],
  ])('%s in an endpoint ends the program', async (_name, statement, code, messages) => {
    const program = fastapi.replace(
      'seconds: float):\n    await',
      `seconds: float):\n    ${statement}\n    await`,
    );
    const backend = await startFastapi({ files: { 'main.py': head + program } });
    expect((await backend.fetch('/slow?seconds=1')).status).toBe(500);
    expect(await backend.ended()).toEqual({ code, signal: null });
    expect(types(backend)).toEqual(messages);
    expect(backend.stdout).toContain('shutdown');
    expect(backend.stderr).not.toContain('Traceback');
  });

  test.each([
    ['fatal', 'e.fatal("broken")', 78, ['hello', 'fatal']],
    ['an exit', 'sys.exit(75)', 75, ['hello']],
  ])('%s while it starts ends the program', async (_name, statement, code, messages) => {
    const bare = `async def app(scope, receive, send):\n    ${statement}\n`;
    for (const program of [fastapi.replace('print("startup")', statement), bare]) {
      const backend = await startFastapi({ files: { 'main.py': head + program } });
      expect(await backend.ended()).toEqual({ code, signal: null });
      expect(types(backend)).toEqual(messages);
    }
  });

  test.each(['await asyncio.sleep(30)', 'time.sleep(30)'])(
    'a stop while it starts (%s) ends it at once and lets it clean up',
    async (wait) => {
      const slow = `try: ${wait}\n    finally: print("cleaned up")`;
      const program = fastapi.replace('await asyncio.sleep(0.2)', `\n    ${slow}`);
      const backend = await startFastapi({ files: { 'main.py': head + program } });
      await backend.until(() => backend.stdout.includes('startup'), 'the start');
      const begin = performance.now();
      backend.endLifeline();
      expect(await backend.ended()).toEqual({ code: 0, signal: null });
      expect(performance.now() - begin).toBeLessThan(1500);
      expect(backend.stdout).toContain('cleaned up');
      expect(types(backend)).toEqual(['hello', 'stopping']);
    },
  );
});

describe('hypercorn, when there is no uvicorn', () => {
  const program = `import sys\nsys.modules["uvicorn"] = None\n${fastapi}`;

  test('serves, checks and stops in the same way', async () => {
    const backend = await startFastapi({ files: { 'main.py': program }, handshake: { graceMs: 5000 } });
    await backend.message('ready');
    expect(backend.stdout).toContain('startup');
    expect((await backend.fetch('/api/health')).status).toBe(200);
    expect((await fetch(`${await backend.url()}/api/health`)).status).toBe(401);
    expect(await statusWith(backend, { host: 'evil.example' })).toBe(403);
    const response = await backend.fetch('/events');
    await (response.body as ReadableStream<Uint8Array>).getReader().read();
    const begin = performance.now();
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(performance.now() - begin).toBeLessThan(1500);
  });

  test('a start takes as long as the app lets it', async () => {
    const configured = `
import electron_pyinstaller as e
from electron_pyinstaller import _hypercorn
configure = _hypercorn.configure
def seen(plan):
    config = configure(plan); e.status(str(config.startup_timeout)); return config
_hypercorn.configure = seen
`;
    const backend = await startFastapi({ files: { 'main.py': program + configured } });
    expect(Number((await backend.message('status'))['text'])).toBeGreaterThan(3600);
  });

  test('serves an application that knows no lifespan', async () => {
    const bare = `
import sys
sys.modules["uvicorn"] = None
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"bare"})
`;
    const backend = await startFastapi({ files: { 'main.py': bare } });
    expect(await (await backend.fetch('/')).text()).toBe('bare');
  });

  test('a startup that fails ends it without `ready`', async () => {
    const failing = program.replace('print("startup")', 'raise RuntimeError("locked")');
    const backend = await startFastapi({ files: { 'main.py': failing } });
    expect(await backend.ended()).toEqual({ code: 3, signal: null });
    expect(backend.stderr).toContain('locked');
    expect(backend.messages.map((message) => message.type)).toEqual(['hello']);
  });
});

const flask = `
import sys, time
BLOCK
from flask import Flask, Response, request
app = Flask(__name__)
@app.get("/api/health")
def health(): return {"ok": True}
@app.get("/events")
def events():
    def stream():
        try:
            while True:
                yield "data: tick\\n\\n"; time.sleep(0.05)
        finally: print("stream closed")
    return Response(stream(), mimetype="text/event-stream")
@app.get("/download")
def download():
    def stream():
        while True:
            yield b"x" * 1000; time.sleep(0.05)
    return Response(stream(), mimetype="application/octet-stream")
@app.get("/slow")
def slow():
    time.sleep(1); return {"threads": request.environ["wsgi.multithread"]}
`;

describe.each([
  ['waitress', ''],
  ['wsgiref', 'sys.modules["waitress"] = None'],
])('Flask with %s', (_, block) => {
  const files = { 'main.py': flask.replace('BLOCK', block) };

  test('serves, checks and pings', async () => {
    const instance = newInstance();
    const backend = await startBackend({ python, entry: wsgi, files, handshake: { instance } });
    const { host } = new URL(await backend.url());
    const bearer = { 'x-electron-pyinstaller-token': token };
    expect(await (await backend.fetch('/api/health')).json()).toEqual({ ok: true });
    expect(await (await backend.fetch('/.electron-pyinstaller/ping')).json()).toEqual({ instance });
    expect(await statusWith(backend, { host })).toBe(401);
    expect(await statusWith(backend, { host: 'evil.example', ...bearer })).toBe(403);
    expect(await statusWith(backend, { host, ...bearer })).toBe(200);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => (await backend.fetch('/api/health')).status),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
  });

  test('an open event stream ends at once and cleanly, and does not hold up the quit', async () => {
    const backend = await startBackend({ python, entry: wsgi, files, handshake: { graceMs: 5000 } });
    const response = await backend.fetch('/events');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    const begin = performance.now();
    backend.endLifeline();
    await readToEnd(reader);
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(performance.now() - begin).toBeLessThan(1500);
    expect(backend.stdout).toContain('stream closed');
    expect(backend.stderr).not.toContain('Traceback');
  });

  test('a request that is being answered is finished first', async () => {
    const backend = await startBackend({ python, entry: wsgi, files });
    const answer = backend.fetch('/slow');
    // Connections on which nothing is asked are not waited for.
    const idle = connect(Number(new URL(await backend.url()).port), '127.0.0.1').on('error', () => {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begin = performance.now();
    backend.endLifeline();
    expect(await (await answer).json()).toEqual({ threads: true });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(performance.now() - begin).toBeLessThan(1800);
    idle.destroy();
  });

  test('an answer says whether the connection ends with it', async () => {
    const backend = await startBackend({ python, entry: wsgi, files });
    const { host, port } = new URL(await backend.url());
    const line = `GET /api/health HTTP/1.1\r\nHost: ${host}\r\nX-Electron-PyInstaller-Token: ${token}\r\n\r\n`;
    let text = '';
    const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
    socket.on('error', () => {}).on('data', (part: string) => (text += part));
    socket.write(line);
    await backend.until(() => text.includes('"ok"'), 'an answer');
    if (/^HTTP\/1\.0 200|^connection: close/imu.test(text)) return;
    socket.write(line);
    await backend.until(() => text.split('"ok"').length === 3, 'another answer on the same connection');
    socket.destroy();
  });
});

test('a download of waitress that is cut short is not passed off as complete', async () => {
  const backend = await startBackend({
    python,
    entry: wsgi,
    files: { 'main.py': flask.replace('BLOCK', '') },
  });
  const response = await backend.fetch('/download');
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  backend.endLifeline();
  await expect(readToEnd(reader)).rejects.toThrow(/terminated/u);
  expect(await backend.ended()).toEqual({ code: 0, signal: null });
  expect(backend.stderr).not.toContain('Traceback');
});

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  let last = await reader.read();
  while (!last.done) last = await reader.read();
}
