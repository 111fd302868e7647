import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { companionDir, handshakeLine, prepare, proof, startBackend, token } from './support/backend.js';
import { defaultInterpreter } from './support/interpreters.js';

const python = defaultInterpreter().executable;
const call = { type: 'call', module: 'program', attribute: 'main' };
const wsgi = { type: 'wsgi', module: 'program', attribute: 'app' };
const wsgiProgram = `
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello from " + environ["PATH_INFO"].encode()]
`;

describe('handshake', () => {
  test('says hello before the application is imported, and proves itself when it is ready', async () => {
    const backend = await startBackend({
      python,
      entry: wsgi,
      files: { 'program.py': `import time\ntime.sleep(0.3)\n${wsgiProgram}` },
    });
    const hello = await backend.message('hello');
    expect(backend.messages.map((message) => message.type)).toEqual(['hello']);
    expect(hello).toMatchObject({ v: 2, pid: backend.pid, ppid: process.pid, frozen: false, meipass: null });
    expect(hello['python']).toMatch(/^3\.\d+\.\d+$/u);
    const ready = await backend.message('ready');
    expect(ready).toEqual({
      type: 'ready',
      ping: true,
      address: { type: 'tcp', host: '127.0.0.1', port: expect.any(Number) as number },
      proof,
    });
    const response = await backend.fetch('/x');
    expect([response.status, await response.text()]).toEqual([200, 'hello from /x']);
    backend.endLifeline();
    expect(await backend.message('stopping')).toEqual({ type: 'stopping', reason: 'lifeline' });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
  });

  test('takes the marker and the secret out of the reach of grandchildren', async () => {
    const program = `
import os, subprocess, sys
from electron_pyinstaller import result, token
def main():
    code = "import os, sys; print(sorted(k for k in os.environ if 'PROTOCOL' in k), repr(sys.stdin.read()))"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    environ = open(f"/proc/{os.getpid()}/environ").read() if os.path.exists("/proc/self/environ") else ""
    result([child.stdout.strip(), child.stderr, token(), token() in environ, token() in " ".join(sys.argv)])
`;
    const backend = await startBackend({ python, entry: call, files: { 'program.py': program } });
    expect((await backend.message('result'))['value']).toEqual(["[] ''", '', token, false, false]);
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
  });

  test('refuses another version of the protocol for good', async () => {
    const backend = await startBackend({
      python,
      entry: wsgi,
      files: { 'program.py': wsgiProgram },
      handshake: { v: 1 },
    });
    const fatal = await backend.message('fatal');
    expect(fatal).toMatchObject({ code: 'protocol' });
    expect(fatal['message']).toMatch(/version 1, this backend version 2: build the backend again/u);
    expect(await backend.ended()).toEqual({ code: 78, signal: null });
  });

  test.each([
    ['not JSON', 'x'.repeat(50)],
    ['no object', '[]'],
    ['no token', '{"v":2,"nonce":"n"}'],
    ['a wrong type', '{"v":2,"token":"secret-token","nonce":"n","graceMs":"soon"}'],
    ['no end', 'a'.repeat(70_000)],
  ])('answers a handshake that is %s with `fatal`, without repeating it', async (_, line) => {
    const { folder, command, args, env } = await prepare({
      python,
      entry: wsgi,
      files: { 'program.py': wsgiProgram },
    });
    const child = spawn(command, args, { cwd: folder, env });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => output.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.write(`${line}\n`);
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(78);
    expect(Buffer.concat(output).toString()).toContain('"type":"fatal","code":"protocol"');
    expect(Buffer.concat(output).toString()).not.toMatch(/secret-token|aaaa|xxxx/u);
  });

  test('ends when the parent closes the pipe before it has said anything', async () => {
    const { folder, command, args, env } = await prepare({
      python,
      entry: wsgi,
      files: { 'program.py': wsgiProgram },
    });
    const child = spawn(command, args, { cwd: folder, env });
    child.stdin.end();
    expect(await once(child, 'close')).toEqual([70, null]);
  });

  test('reads a handshake that arrives in pieces, with names in any script', async () => {
    const program =
      'from electron_pyinstaller import result, user_data\ndef main():\n    result(str(user_data("a", "ß.db")))\n';
    const { folder, command, args, env } = await prepare({
      python,
      entry: call,
      files: { 'program.py': program },
    });
    const child = spawn(command, args, { cwd: folder, env });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const line = Buffer.from(handshakeLine({ userData: path.join(folder, 'Dätä 日本') }));
    for (let at = 0; at < line.length; at += 37) {
      child.stdin.write(line.subarray(at, at + 37));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(JSON.parse(output.split('EPY1 ')[2] ?? '')).toEqual({
      type: 'result',
      value: path.join(folder, 'Dätä 日本', 'a', 'ß.db'),
    });
  });

  test('finds messages after half a line of print and on a redirected descriptor', async () => {
    const program = `
import os, sys
from electron_pyinstaller import status
def main():
    sys.stdout.write("half a line"); sys.stdout.flush()
    status("one")
    os.dup2(2, 1)
    status("two", 50)
    sys.stdout = None
    status("three")
`;
    const backend = await startBackend({ python, entry: call, files: { 'program.py': program } });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.messages.slice(1)).toEqual([
      { type: 'status', text: 'one', percent: null },
      { type: 'status', text: 'two', percent: 50 },
      { type: 'status', text: 'three', percent: null },
    ]);
  });

  test('says that no program is named when it is started by hand', async () => {
    const child = spawn(python, [path.join(companionDir, 'bootstrap.py')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    expect(await once(child, 'close')).toEqual([78, null]);
    expect(text).toContain('--electron-pyinstaller-entry=<file> is missing');
  });
});
