import path from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { defaultSettings } from '../../src/runtime/default-settings.js';
import type { Backend, BackendManifest } from '../../src/runtime/index.js';
import { signal } from '../runtime/support.js';
import type { BackendSetup } from './support/backend.js';
import { environment, uvicornPackages } from './support/environment.js';
import { defaultInterpreter } from './support/interpreters.js';
import { isAlive } from './support/processes.js';
import { runtimeBackend } from './support/runtime-backend.js';

/** Both sides of the protocol together: the production runtime and the companion. */
let python = '';

beforeAll(async () => {
  python = await environment(defaultInterpreter(), uvicornPackages);
});

const backendOf = (
  setup: Omit<BackendSetup, 'python'>,
  kind: BackendManifest['kind'],
  settings?: Partial<BackendManifest['settings']>,
): Promise<Backend> => runtimeBackend({ python, ...setup }, kind, settings);

const server = `
import asyncio, json
import electron_pyinstaller as e
e.status("importing", 10)
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown": return
    if scope["path"] == "/events":
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        gone = asyncio.ensure_future(receive())
        while not gone.done():
            await send({"type": "http.response.body", "body": b"data: tick\\n\\n", "more_body": True})
            await asyncio.sleep(0.05)
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps([scope["path"], str(e.user_data("x.db"))]).encode()})
`;

describe('http', () => {
  test.each([{ type: 'announce' }, { type: 'unix' }] as const)(
    'starts, answers, streams and stops ($type)',
    async (address) => {
      const entry = { type: 'asgi', module: 'server', attribute: 'app' };
      const backend = await backendOf({ entry, files: { 'server.py': server } }, 'http', { address });
      const said: string[] = [];
      backend.on('status', ({ text }) => said.push(text));
      await backend.start();
      expect(said).toEqual(['importing']);
      const [route, file] = (await (await backend.fetch('/x')).json()) as [string, string];
      expect([route, path.basename(file)]).toEqual(['/x', 'x.db']);
      for await (const { data } of backend.stream('/events')) {
        expect(data).toBe('tick');
        break;
      }
      const { pid } = backend.status();
      // A stream that nobody closes must not cost the quit its grace period.
      const open = await backend.fetch('/events');
      const begin = performance.now();
      await backend.stop();
      expect(performance.now() - begin).toBeLessThan(1500);
      expect(backend.status().state).toBe('stopped');
      expect(isAlive(pid ?? 0)).toBe(false);
      await open.body?.cancel().catch(() => {});
    },
  );

  test('a crash is followed by a new start, a missing module by none', async () => {
    const entry = { type: 'asgi', module: 'server', attribute: 'app' };
    const backend = await backendOf({ entry, files: { 'server.py': server } }, 'http');
    await backend.start();
    const again = new Promise((resolve) => backend.on('ready', resolve));
    signal(backend.status().pid, 'SIGKILL');
    await again;
    expect((await backend.fetch('/x')).status).toBe(200);

    const broken = await backendOf({ entry, files: { 'server.py': 'import not_there\n' } }, 'http');
    await expect(broken.start()).rejects.toThrow(/not_there/u);
    expect(broken.status().state).toBe('failed');
  });
});

test('a backend that replaces itself with os.execv is started again by the app, protected as before', async () => {
  const program = `
import os, sys
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown": return
    if scope["path"] == "/restart": os.execv(sys.executable, sys.orig_argv)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})
`;
  const entry = { type: 'asgi', module: 'server', attribute: 'app' };
  const backend = await backendOf({ entry, files: { 'server.py': program } }, 'http');
  await backend.start();
  const before = backend.status().pid;
  const exits: unknown[] = [];
  backend.on('exit', ({ code }) => exits.push(code));
  const again = new Promise((resolve) => backend.on('ready', resolve));
  await backend.fetch('/restart').catch(() => undefined);
  await again;
  expect(exits).toEqual([75]);
  expect(backend.status().pid).not.toBe(before);
  expect(Number(await (await backend.fetch('/')).text())).toBe(backend.status().pid);
  expect((await fetch(backend.status().url ?? '')).status).toBe(401);
});

test('stdio: requests, events and errors', async () => {
  const program = `
import electron_pyinstaller as e
@e.handle("add")
def add(a, b): return a + b
@e.handle("fail")
def fail(): raise e.RequestError("no such thing", "not-found")
@e.handle("big")
def big(size):
    e.emit("made", {"size": size}); return "x" * size
def main(): e.serve_requests()
`;
  const entry = { type: 'call', module: 'program', attribute: 'main' };
  const settings = { address: { type: 'none' } } as const;
  const backend = await backendOf({ entry, files: { 'program.py': program } }, 'stdio', settings);
  await backend.start();
  expect(await backend.request('add', { a: 1, b: 2 })).toBe(3);
  await expect(backend.request('fail')).rejects.toMatchObject({
    code: 'E_REMOTE',
    message: expect.stringContaining('no such thing') as string,
  });
  expect(await backend.request('big', [3_000_000])).toHaveLength(3_000_000);
  const sums = await Promise.all(
    Array.from({ length: 200 }, (_, index) => backend.request('add', [index, 1])),
  );
  expect(sums).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  await backend.stop();
  expect(backend.status().state).toBe('stopped');
});

test('job: arguments, progress, result and exit code', async () => {
  const program = `
import sys
import electron_pyinstaller as e
def main():
    e.progress(50, "half"); e.result({"args": sys.argv[1:]}); print("a line"); return 3
`;
  const entry = { type: 'call', module: 'program', attribute: 'main' };
  const settings = {
    address: { type: 'none' },
    ready: { ...defaultSettings.ready, announced: false },
  } as const;
  const backend = await backendOf({ entry, files: { 'program.py': program } }, 'job', settings);
  const seen: unknown[] = [];
  const done = await backend.run(['--in', 'ä b'], { onProgress: (progress) => seen.push(progress) });
  expect(done).toMatchObject({ exitCode: 3, result: { args: ['--in', 'ä b'] } });
  expect(seen).toMatchObject([{ percent: 50, text: 'half' }]);
  expect(done.tail.join('\n')).toContain('a line');
});

test('job: a cancelled one cleans up and is gone', async () => {
  const program = `
import os, time
import electron_pyinstaller as e
def main():
    try:
        # The app cancels as soon as it hears this.
        e.progress(0, str(os.getpid()))
        time.sleep(60)
    finally: print("cleaned up")
`;
  const entry = { type: 'call', module: 'program', attribute: 'main' };
  const settings = {
    address: { type: 'none' },
    ready: { ...defaultSettings.ready, announced: false },
  } as const;
  const backend = await backendOf({ entry, files: { 'program.py': program } }, 'job', settings);
  const controller = new AbortController();
  const lines: string[] = [];
  let pid = 0;
  const running = backend.run([], {
    signal: controller.signal,
    onLine: (line) => lines.push(line),
    onProgress: ({ text }) => {
      pid = Number(text);
      controller.abort(new Error('enough'));
    },
  });
  await expect(running).rejects.toThrow('enough');
  // Its last lines may be read a moment after its end.
  await vi.waitFor(() => expect(lines).toContain('cleaned up'), 5000);
  expect(isAlive(pid)).toBe(false);
});
