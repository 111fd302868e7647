import { beforeAll, describe, expect, test } from 'vitest';
import { startBackend, token } from './support/backend.js';
import { environment } from './support/environment.js';
import { defaultInterpreter } from './support/interpreters.js';

/** Libraries that replace the standard library's threads, locks and sockets while the application is imported. */
let python = '';

beforeAll(async () => {
  python = await environment(defaultInterpreter(), [
    'gevent==26.9.0',
    'eventlet==0.41.3',
    'flask==3.1.3',
    'waitress==3.0.2',
  ]);
}, 600_000);

const patches = {
  gevent: 'from gevent import monkey; monkey.patch_all()',
  eventlet: 'import eventlet; eventlet.monkey_patch()',
};

const wsgi = (patch: string): string => `
${patch}
import threading, time
from flask import Flask
app = Flask(__name__)

@app.get("/")
def home():
    done = []
    threads = [threading.Thread(target=lambda: (time.sleep(0.01), done.append(1))) for _ in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return str(len(done))
`;

describe.each(['gevent', 'eventlet'] as const)('%s', (name) => {
  test.each(['thread', 'process'] as const)(
    'patches everything first, serves, and ends with its lifeline (%s)',
    async (lifeline) => {
      const backend = await startBackend({
        python,
        entry: { type: 'wsgi', module: 'main', attribute: 'app' },
        files: { 'main.py': wsgi(patches[name]) },
        handshake: { lifeline },
      });
      expect(await (await backend.fetch('/')).text()).toBe('3');
      expect((await fetch(await backend.url())).status).toBe(401);
      const begin = performance.now();
      backend.endLifeline();
      expect(await backend.ended()).toEqual({ code: 0, signal: null });
      expect(performance.now() - begin).toBeLessThan(2500);
      expect(backend.messages.at(-1)).toEqual({ type: 'stopping', reason: 'lifeline' });
      expect(backend.stdout + backend.stderr).not.toContain(token);
    },
    60_000,
  );

  test('the request to end reaches the main greenlet, not the one that is at work', async () => {
    const program = `
${patches[name]}
import os, signal, threading, time
def work():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(100000): pass
    except BaseException:
        print("taken for a failure of its own")
def main():
    threading.Thread(target=work).start()
    time.sleep(10)
`;
    const entry = { type: 'call', module: 'main', attribute: 'main' };
    const backend = await startBackend({ python, entry, files: { 'main.py': program } });
    expect(await backend.ended()).toEqual({ code: 143, signal: null });
    expect(backend.stdout).not.toContain('taken');
  });
});

test('a script with a server of gevent ends with its lifeline, long before the grace period is over', async () => {
  const program = `
from gevent import monkey; monkey.patch_all()
from gevent.pywsgi import WSGIServer
import electron_pyinstaller as e
def app(environ, start_response):
    start_response("200 OK", []); return [b"hello"]
server = WSGIServer(("127.0.0.1", 0), app, log=None)
server.start()
e.ready(server.server_port)
try: server.serve_forever()
finally: print("cleaned up")
`;
  const backend = await startBackend({
    python,
    entry: { type: 'script', file: 'main.py' },
    files: { 'main.py': program },
    handshake: { graceMs: 8000 },
  });
  expect(await (await backend.fetch('/')).text()).toBe('hello');
  const begin = performance.now();
  backend.endLifeline();
  expect(await backend.ended()).toEqual({ code: 0, signal: null });
  expect(performance.now() - begin).toBeLessThan(4000);
  expect(backend.stdout).toContain('cleaned up');
});
