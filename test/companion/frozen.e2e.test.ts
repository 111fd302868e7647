import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { companionDir, startFrozen, token } from './support/backend.js';
import { freeze } from './support/freeze.js';
import { isAlive, killGroup, timeUntilGone } from './support/processes.js';

const app = `
import asyncio, json, multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor
import electron_pyinstaller as e

def square(number): return number * number, e.is_managed(), sys.stdin.read()

def use_pool(method):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        return list(pool.map(square, [2, 3]))

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown": return
    method = scope["path"][1:]
    if method == "about":
        value = [e.is_frozen(), e.resource_path("config", "ä.json").read_text(), sys.argv[1:]]
    else:
        value = await asyncio.get_running_loop().run_in_executor(None, use_pool, method)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})
`;

const script = `"""My own description."""
import multiprocessing, os, sys, time
import electron_pyinstaller as e

def work(queue):
    queue.put(os.getpid())
    time.sleep(60)

if __name__ == "__main__":
    multiprocessing.freeze_support()
    if sys.argv[1:2] == ["missing"]:
        import importlib
        importlib.import_module("not_there")
    queue = multiprocessing.get_context("spawn").Queue()
    worker = multiprocessing.get_context("spawn").Process(target=work, args=(queue,), daemon=True)
    worker.start()
    e.status(f"{os.getpid()} {queue.get()} {__doc__}")
    print("no newline of its own", end="")
    time.sleep(60)
`;

describe.skipIf(process.platform === 'win32')('a frozen program', () => {
  let engine = '';
  let tool = '';

  beforeAll(async () => {
    const descriptor = {
      v: 1,
      name: 'engine',
      kind: 'http',
      entry: { type: 'asgi', module: 'main', attribute: 'app' },
      paths: [],
    };
    engine = await freeze({
      mode: 'onedir',
      scripts: [path.join(companionDir, 'bootstrap.py')],
      files: {
        'main.py': app,
        'electron_pyinstaller_entry.json': JSON.stringify(descriptor),
        'config/ä.json': '{"n":1}',
      },
      args: [
        '--hidden-import',
        'main',
        '--add-data',
        'electron_pyinstaller_entry.json:.',
        '--add-data',
        'config/ä.json:config',
      ],
    });
    tool = await freeze({
      mode: 'onefile',
      scripts: [path.join(companionDir, 'prelude.py'), 'tool.py'],
      files: { 'tool.py': script, 'electron_pyinstaller_script.py': script },
      args: ['--hidden-import', 'electron_pyinstaller_script'],
    });
  });

  test('serves its application, finds its data and uses workers of every start method', async () => {
    const backend = startFrozen({ executable: engine, args: ['--mine', 'ä'] });
    expect(await backend.message('hello')).toMatchObject({
      frozen: true,
      meipass: path.join(path.dirname(engine), '_internal'),
    });
    expect(await (await backend.fetch('/about')).json()).toEqual([true, '{"n":1}', ['--mine', 'ä']]);
    for (const method of ['fork', 'spawn', 'forkserver']) {
      const seen = [4, 9].map((value) => [value, method === 'fork', '']);
      expect(await (await backend.fetch(`/${method}`)).json(), method).toEqual(seen);
    }
    expect((await fetch(await backend.url())).status).toBe(401);
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.messages.map((message) => message.type)).toEqual(['hello', 'ready', 'stopping']);
    expect(backend.stdout + backend.stderr).not.toContain(token);
  });

  test('checks itself for the build', async () => {
    const env = {
      ELECTRON_PYINSTALLER_CHECK: JSON.stringify({
        imports: ['uvicorn', 'not_there'],
        files: ['config/ä.json', 'x'],
      }),
    };
    const backend = startFrozen({
      executable: engine,
      handshake: null,
      args: ['--electron-pyinstaller-check'],
      env,
    });
    expect(await backend.ended()).toEqual({ code: 1, signal: null });
    expect(JSON.parse(backend.stdout)).toEqual({
      ok: false,
      imports: { main: null, uvicorn: null, not_there: "ModuleNotFoundError: No module named 'not_there'" },
      files: { 'config/ä.json': true, x: false },
    });
  });

  test('refuses to be taken for a Python interpreter', async () => {
    const backend = startFrozen({
      executable: engine,
      handshake: null,
      args: ['-m', 'pip', 'list'],
      env: { ELECTRON_PYINSTALLER_INSIDE: realpathSync(engine) },
    });
    expect(await backend.ended()).toEqual({ code: 78, signal: null });
    expect(backend.stderr).toContain('is not a Python interpreter');
  });

  test('a script with the prelude keeps its own description and ends with its worker, onefile and all', async () => {
    const temporary = mkdtempSync(path.join(tmpdir(), 'epy '));
    onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
    const backend = startFrozen({ executable: tool, env: { TMPDIR: temporary } });
    const [own = '', worker = '', ...doc] = String((await backend.message('status'))['text']).split(' ');
    expect(doc.join(' ')).toBe('My own description.');
    expect(Number(own)).not.toBe(backend.pid); // The bootloader stands between.
    expect(readdirSync(temporary)).toHaveLength(1);
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(await timeUntilGone([Number(own), Number(worker)], 3000)).toBeLessThan(3000);
    expect(readdirSync(temporary)).toEqual([]);
    expect(backend.messages.at(-1)).toEqual({ type: 'stopping', reason: 'lifeline' });
  });

  test('killing the bootloader of a onefile program does not leave Python behind', async () => {
    const backend = startFrozen({ executable: tool });
    const pids = String((await backend.message('status'))['text'])
      .split(' ')
      .slice(0, 2)
      .map(Number);
    onTestFinished(() => pids.forEach((pid) => isAlive(pid) && killGroup(pid)));
    backend.child.kill('SIGKILL');
    // Node closes the pipe when its child has exited.
    expect(await timeUntilGone(pids, 5000)).toBeLessThan(2000);
  });

  test('a script whose import fails says so, and with the exit code that forbids a restart', async () => {
    const backend = startFrozen({ executable: tool, args: ['missing'] });
    expect(await backend.message('fatal')).toMatchObject({ code: 'import', module: 'not_there' });
    expect((await backend.ended()).code).toBe(78);
    expect(backend.stderr).toContain("ModuleNotFoundError: No module named 'not_there'");
  });

  test('a script checks itself without running', async () => {
    const env = { ELECTRON_PYINSTALLER_CHECK: JSON.stringify({ imports: ['multiprocessing'], files: [] }) };
    const backend = startFrozen({
      executable: tool,
      handshake: null,
      args: ['--electron-pyinstaller-check'],
      env,
    });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(JSON.parse(backend.stdout)).toEqual({ ok: true, imports: { multiprocessing: null }, files: {} });
  });
});
