import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/files.js';
import { startBackend, token } from './support/backend.js';
import { environment, uvicornPackages } from './support/environment.js';
import { announceInterpreters, defaultInterpreter, findInterpreters } from './support/interpreters.js';

const interpreters = findInterpreters();
announceInterpreters(interpreters);

/** Functions for workers stand in the user's own module, which is imported under its own name. */
const pools = `
import multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor
import electron_pyinstaller as e

class Thing:
    def __init__(self, value): self.value = value

def square(thing):
    return Thing(thing.value ** 2), os.getpid() != os.getppid(), e.token(), str(e.user_data().name), sys.stdin.read()

def use_pool(method):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        return [[thing.value, *rest] for thing, *rest in pool.map(square, [Thing(2), Thing(3)])]
`;

const asgiProgram = `
import asyncio, json
${pools}
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown": return
    method = scope["path"].rpartition("/")[2]
    value = await asyncio.get_running_loop().run_in_executor(None, use_pool, method) if method else "here"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})
`;

const callProgram = `
${pools}
def main():
    e.result(use_pool(sys.argv[1]))
`;

async function dataFolder(): Promise<string> {
  return path.join(await temporaryFolder(), 'dätä');
}

/** What a worker sees. Forked ones share the memory of the program and so its token; it is in no file or environment. */
function expected(method: string) {
  const seen = method === 'fork' ? token : null;
  return [4, 9].map((value) => [value, true, seen, 'dätä', '']);
}

describe.each(interpreters.map((each) => [each.version, each] as const))('Python %s', (_, interpreter) => {
  let python = '';
  beforeAll(async () => {
    python = await environment(interpreter, uvicornPackages);
  });

  test('an asgi entry serves, uses workers of every start method, and stops', async () => {
    const entry = { type: 'asgi', module: 'my_server', attribute: 'app' };
    const backend = await startBackend({
      python,
      entry,
      files: { 'my_server.py': asgiProgram },
      handshake: { userData: await dataFolder() },
    });
    expect(await (await backend.fetch('/')).json()).toBe('here');
    expect((await fetch(await backend.url())).status).toBe(401);
    for (const method of ['fork', 'spawn', 'forkserver']) {
      expect(await (await backend.fetch(`/${method}`)).json(), method).toEqual(expected(method));
    }
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.messages.map((message) => message.type)).toEqual(['hello', 'ready', 'stopping']);
    expect(backend.stderr).not.toContain('Traceback');
  });

  test.each(['fork', 'spawn', 'forkserver'])('a call entry uses workers started by %s', async (method) => {
    const entry = { type: 'call', module: 'my_job', attribute: 'main' };
    const handshake = { kind: 'job', userData: await dataFolder() };
    const backend = await startBackend({
      python,
      entry,
      args: [method],
      files: { 'my_job.py': callProgram },
      handshake,
    });
    expect((await backend.message('result'))['value']).toEqual(expected(method));
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
  });

  test.each(['fork', 'spawn', 'forkserver'])('a script uses workers started by %s', async (method) => {
    const script = `${pools}\nif __name__ == "__main__":\n    e.result(use_pool(sys.argv[1]))\n`;
    const entry = { type: 'script', file: 'my_script.py' };
    const handshake = { kind: 'job', userData: await dataFolder() };
    const backend = await startBackend({
      python,
      entry,
      args: [method],
      files: { 'my_script.py': script },
      handshake,
    });
    expect((await backend.message('result'))['value']).toEqual(expected(method));
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
  });

  test('a program with the guard process ends when it is asked to', async () => {
    const program = 'import time\ndef main():\n    print("running")\n    time.sleep(60)\n';
    const entry = { type: 'call', module: 'program', attribute: 'main' };
    const backend = await startBackend({
      python,
      entry,
      files: { 'program.py': program },
      handshake: { lifeline: 'process' },
    });
    await backend.until(() => backend.stdout.includes('running'), 'start');
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stderr).toBe('');
  });
});

test.each(['uvicorn==0.20.0', 'uvicorn==0.30.6'])(
  'an older server (%s) announces itself, checks and stops too',
  async (version) => {
    const python = await environment(defaultInterpreter(), [version]);
    const entry = { type: 'asgi', module: 'my_server', attribute: 'app' };
    const handshake = { userData: await dataFolder() };
    const backend = await startBackend({ python, entry, files: { 'my_server.py': asgiProgram }, handshake });
    expect(await (await backend.fetch('/')).json()).toBe('here');
    expect((await fetch(await backend.url())).status).toBe(401);
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
  },
);
