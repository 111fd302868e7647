import { describe, expect, test } from 'vitest';
import { type Backend, type BackendSetup, proof, startBackend } from './support/backend.js';
import { defaultInterpreter } from './support/interpreters.js';

const python = defaultInterpreter().executable;
const entry = { type: 'call', module: 'program', attribute: 'main' };

async function startStdio(
  program: string,
  fields: Partial<BackendSetup> = {},
  handshake = {},
): Promise<Backend> {
  const files = { 'program.py': program };
  return startBackend({
    python,
    entry,
    files,
    handshake: { kind: 'stdio', address: { type: 'none' }, ...handshake },
    ...fields,
  });
}

function ask(backend: Backend, ...messages: readonly unknown[]): void {
  backend.child.stdin.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
}

function answers(backend: Backend): readonly unknown[] {
  return backend.messages.flatMap((each) => (each.type === 'message' ? [each['message']] : []));
}

const calculator = `
import threading, time
import electron_pyinstaller as e
@e.handle("add")
def add(a, b=1): return a + b
@e.handle("sleep")
def sleep(seconds):
    time.sleep(seconds); return threading.current_thread().name != "MainThread"
@e.handle("hang")
def hang(): e.emit("hanging", None); time.sleep(60)
@e.handle("fail")
def fail(kind):
    if kind == "own": raise e.RequestError("no such file", "not-found")
    if kind == "set": return {1, 2}
    raise ValueError("bad")
@e.handle("echo")
async def echo(value):
    print("stray print"); e.emit("echoed", {"n": value}); return value
def main(): e.serve_requests(workers=3)
`;

describe('json-lines', () => {
  test('is ready when it reads, answers, fails and reports, whatever else is printed', async () => {
    const backend = await startStdio(calculator);
    expect(await backend.message('ready')).toEqual({ type: 'ready', address: { type: 'none' }, proof });
    ask(
      backend,
      { id: 1, method: 'add', params: { a: 2, b: 3 } },
      { id: 'two', method: 'add', params: [5] },
      { id: 3, method: 'echo', params: 'ä\n\u001e日本' },
      { id: 4, method: 'fail', params: { kind: 'own' } },
      { id: 5, method: 'fail', params: { kind: 'other' } },
      { id: 6, method: 'fail', params: { kind: 'set' } },
      { id: 7, method: 'nope' },
      { id: 8, method: 'add', params: { c: 1 } },
      { method: 'add', params: [1] },
    );
    backend.child.stdin.write('no json\n\n[]\n');
    await backend.until(() => answers(backend).length >= 9, 'nine messages');
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    const byId = new Map(answers(backend).map((each) => [(each as { id?: unknown }).id, each]));
    expect(answers(backend)).toHaveLength(9);
    expect(byId.get(1)).toEqual({ id: 1, result: 5 });
    expect(byId.get('two')).toEqual({ id: 'two', result: 6 });
    expect(byId.get(3)).toEqual({ id: 3, result: 'ä\n\u001e日本' });
    expect(byId.get(undefined)).toEqual({ event: 'echoed', data: { n: 'ä\n\u001e日本' } });
    expect(byId.get(4)).toEqual({ id: 4, error: { code: 'not-found', message: 'no such file' } });
    expect(byId.get(5)).toEqual({ id: 5, error: { code: 'internal', message: 'ValueError: bad' } });
    expect(byId.get(6)).toMatchObject({
      id: 6,
      error: { code: 'internal', message: expect.stringMatching(/^TypeError/u) as string },
    });
    expect(byId.get(7)).toMatchObject({ error: { code: 'method-not-found' } });
    expect(byId.get(8)).toMatchObject({ error: { code: 'invalid-params' } });
    expect(backend.stdout).toBe('stray print\n');
    expect(backend.stderr).toContain('ValueError: bad');
    expect(backend.stderr.match(/ignored a line that is no request/gu)).toHaveLength(2);
    expect(backend.messages.at(-1)).toEqual({ type: 'stopping', reason: 'lifeline' });
  });

  test('whatever goes wrong in a handler is answered, and the next request too', async () => {
    const program = `
import asyncio, enum, sys
import electron_pyinstaller as e
class Code(enum.Enum): GONE = "gone"
class Mute(Exception):
    def __str__(self): raise ValueError("no text")
@e.handle("error-as-message")
def error_as_message(): raise e.RequestError(OSError("full"), code=Code.GONE)
@e.handle("exit")
def leave(): sys.exit(2)
@e.handle("exit-async")
async def leave_async(): sys.exit(2)
@e.handle("exit-task")
async def leave_in_task():
    async def leave(): sys.exit(2)
    task = asyncio.create_task(leave()); await asyncio.sleep(10)
@e.handle("cancel")
async def cancel(): raise asyncio.CancelledError
@e.handle("mute")
def mute(): raise Mute
@e.handle("not-a-number")
def not_a_number(): return {"score": float("nan")}
@e.handle("no-log")
def no_log(): sys.stderr.close(); raise ValueError("unlogged")
e.handle("native")(max)
def main(): e.serve_requests(workers=1)
`;
    const internal = (message: string) => ({ error: { code: 'internal', message } });
    const expected: readonly (readonly [string, object])[] = [
      ['error-as-message', { error: { code: 'gone', message: 'full' } }],
      ['exit', internal('SystemExit: 2')],
      ['exit-async', internal('SystemExit: 2')],
      ['exit-task', internal('CancelledError')],
      ['cancel', internal('CancelledError')],
      ['mute', internal('Mute')],
      [
        'not-a-number',
        internal('ValueError: JSON has no NaN and no infinite numbers; send None or text in their place'),
      ],
      ['native', internal('TypeError: max expected at least 1 argument, got 0')],
      ['no-log', internal('ValueError: unlogged')],
    ];
    const backend = await startStdio(program);
    await backend.message('ready');
    for (const [method] of expected) ask(backend, { id: method, method });
    // Deeper than the parser goes.
    backend.child.stdin.write(`{"id":0,"method":"native","params":${'['.repeat(100_000)}\n`);
    ask(backend, { id: 'last', method: 'native', params: [3, 5] });
    await backend.until(() => answers(backend).length > expected.length, 'all answers');
    expect(answers(backend)).toEqual([
      ...expected.map(([method, answer]) => ({ id: method, ...answer })),
      { id: 'last', result: 5 },
    ]);
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stderr.match(/^SystemExit: 2$/gmu)?.length).toBeGreaterThanOrEqual(3);
  });

  test('async handlers run in one event loop and can share what belongs to it', async () => {
    const program = `
import asyncio
import electron_pyinstaller as e
lock = asyncio.Lock()
tasks = []
@e.handle("wait")
async def wait():
    tasks.append(asyncio.create_task(stay()))
    async with lock: await asyncio.sleep(0.1)
    return id(asyncio.get_running_loop())
async def stay():
    try: await asyncio.sleep(60)
    finally: print("cleaned up")
def main(): e.serve_requests(workers=3)
`;
    const backend = await startStdio(program);
    await backend.message('ready');
    ask(backend, ...[1, 2, 3].map((id) => ({ id, method: 'wait' })));
    await backend.until(() => answers(backend).length === 3, 'three answers');
    const loops = answers(backend).map((each) => (each as { result?: number }).result);
    expect([typeof loops[0], new Set(loops).size]).toEqual(['number', 1]);
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stdout).toBe('cleaned up\n'.repeat(3));
  });

  test('a loop over the requests that is left goes on where it was, and is ready once', async () => {
    const program = `
import electron_pyinstaller as e
def main():
    for request in e.requests(): request.reply("first"); break
    for request in e.requests(): request.reply("second")
`;
    const backend = await startStdio(program);
    await backend.message('ready');
    ask(backend, { id: 1, method: 'm' }, { id: 2, method: 'm' });
    await backend.until(() => answers(backend).length === 2, 'both answers');
    expect(answers(backend)).toEqual([
      { id: 1, result: 'first' },
      { id: 2, result: 'second' },
    ]);
    expect(backend.messages.filter((message) => message.type === 'ready')).toHaveLength(1);
  });

  test('a large request takes no longer than its size', async () => {
    const program = `
import electron_pyinstaller as e
def main():
    for request in e.requests(): request.reply(len(request.params))
`;
    const backend = await startStdio(program);
    await backend.message('ready');
    const begin = performance.now();
    ask(backend, { id: 1, method: 'm', params: 'x'.repeat(40_000_000) });
    await backend.until(() => answers(backend).length === 1, 'the answer');
    expect(answers(backend)).toEqual([{ id: 1, result: 40_000_000 }]);
    expect(performance.now() - begin).toBeLessThan(8000);
  });

  test('works in parallel up to its number of workers and answers in any order', async () => {
    const backend = await startStdio(calculator);
    await backend.message('ready');
    ask(
      backend,
      { id: 1, method: 'sleep', params: [0.8] },
      { id: 2, method: 'sleep', params: [0.8] },
      { id: 3, method: 'add', params: [1, 1] },
    );
    await backend.until(() => answers(backend).length === 3, 'three answers');
    expect(answers(backend)[0]).toEqual({ id: 3, result: 2 });
    expect(answers(backend).slice(1)).toEqual(
      expect.arrayContaining([
        { id: 1, result: true },
        { id: 2, result: true },
      ]),
    );
  });

  test('does what was asked before the end, then ends', async () => {
    const backend = await startStdio(calculator);
    await backend.message('ready');
    ask(
      backend,
      ...Array.from({ length: 40 }, (_, index) => ({ id: index, method: 'sleep', params: [0.01] })),
    );
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(answers(backend)).toHaveLength(40);
  });

  test('a busy program reads no more than it can work on', async () => {
    const program = `
import electron_pyinstaller as e, time
def main():
    for number, request in enumerate(e.requests()):
        if number == 0: e.status("busy"); time.sleep(0.5); e.status("still busy"); time.sleep(0.2)
        request.reply(len(request.params))
`;
    const backend = await startStdio(program);
    await backend.message('ready');
    ask(backend, { id: 0, method: 'x', params: '' });
    await backend.message('status');
    const line = `${JSON.stringify({ id: 1, method: 'x', params: 'y'.repeat(100_000) })}\n`;
    for (let count = 0; count < 100; count++) backend.child.stdin.write(line);
    await backend.until(() => backend.messages.some(({ text }) => text === 'still busy'), 'a busy program');
    // 10 MB were sent; what the program took while busy is at most what the system's pipe holds.
    expect(backend.child.stdin.writableLength).toBeGreaterThan(8_000_000);
    await backend.until(() => answers(backend).length === 101, 'all answers');
    expect(answers(backend).at(-1)).toEqual({ id: 1, result: 100_000 });
  });

  test('answers a request once and from any thread', async () => {
    const program = `
import electron_pyinstaller as e, threading
def main():
    for request in e.requests():
        def work(request=request):
            request.reply(request.method)
            try: request.reply(2)
            except RuntimeError as error: e.emit("twice", str(error))
        threading.Thread(target=work).start()
`;
    const backend = await startStdio(program);
    await backend.message('ready');
    ask(backend, { id: 7, method: 'm' });
    await backend.until(() => answers(backend).length === 2, 'answer and event');
    expect(answers(backend)).toEqual([
      { id: 7, result: 'm' },
      { event: 'twice', data: 'request 7 (m) has been answered already' },
    ]);
  });

  test('a grandchild cannot read the conversation', async () => {
    const program = `
import electron_pyinstaller as e, subprocess, sys
@e.handle("spawn")
def spawn(): return subprocess.run([sys.executable, "-c", "import sys; print(repr(sys.stdin.read()))"], capture_output=True, text=True).stdout
def main(): e.serve_requests()
`;
    const backend = await startStdio(program);
    await backend.message('ready');
    ask(backend, { id: 1, method: 'spawn' }, { id: 2, method: 'spawn' });
    await backend.until(() => answers(backend).length === 2, 'answers');
    expect(answers(backend)).toEqual(
      expect.arrayContaining([
        { id: 1, result: "''\n" },
        { id: 2, result: "''\n" },
      ]),
    );
  });

  test('ends when the app goes although the program does not read', async () => {
    const backend = await startStdio(
      'import time\ndef main():\n    try: print("running"); time.sleep(60)\n    finally: print("cleaned up")\n',
    );
    await backend.message('hello');
    await backend.until(() => backend.stdout.includes('running'), 'life');
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stdout).toBe('running\ncleaned up\n');
  });

  test('a handler that never ends is cut off after the grace period', async () => {
    const backend = await startStdio(calculator, {}, { graceMs: 600 });
    await backend.message('ready');
    ask(backend, { id: 1, method: 'hang' });
    await backend.message('message');
    const begin = performance.now();
    backend.endLifeline();
    const { code, signal } = await backend.ended();
    // By its own thread; a quarter of a second later by the guard, if the thread got no time to run.
    expect([70, 'SIGKILL']).toContain(code ?? signal);
    expect(performance.now() - begin).toBeGreaterThan(500);
    expect(performance.now() - begin).toBeLessThan(2500);
  });

  test('can be tried in a terminal: lines in, lines out', async () => {
    const backend = await startBackend({
      python,
      entry,
      files: { 'program.py': calculator },
      handshake: null,
      interactive: true,
    });
    ask(backend, { id: 1, method: 'add', params: [1, 1] });
    await backend.until(() => backend.stdout === '{"id": 1, "result": 2}\n', 'the answer');
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
  });
});

describe('raw', () => {
  const raw = { kind: 'stdio', stdio: 'raw', address: { type: 'none' } };

  test('input after the first line and output are untouched, down to the last byte', async () => {
    const program = `
import sys
import electron_pyinstaller as e
def main():
    e.status("not on standard output")
    while chunk := sys.stdin.buffer.read1(65536):
        sys.stdout.buffer.write(chunk[::-1]); sys.stdout.buffer.flush()
`;
    const backend = await startBackend({ python, entry, files: { 'program.py': program }, handshake: raw });
    expect(await backend.message('ready')).toEqual({ type: 'ready', address: { type: 'none' }, proof });
    backend.child.stdin.write('\ncba');
    await backend.until(() => backend.stdout === 'abc\n', 'the reversed text');
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.messages.map((message) => message.type)).toEqual(['hello', 'ready']);
    expect(backend.stderr).toBe('not on standard output\n');
  });

  test('the end of the input is not the end of the program while the app lives', async () => {
    const program =
      'import sys, time\ndef main():\n    text = sys.stdin.read(); time.sleep(1.5); print(len(text)); return 3\n';
    const backend = await startBackend({
      python,
      entry,
      files: { 'program.py': program },
      handshake: { ...raw, graceMs: 200 },
    });
    await backend.message('ready');
    backend.child.stdin.end('12345');
    expect(await backend.ended()).toEqual({ code: 3, signal: null });
    expect(backend.stdout).toBe('5\n');
  });
});
