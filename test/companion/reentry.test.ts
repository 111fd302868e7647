import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { companionDir, newInstance, startBackend } from './support/backend.js';
import { writeFiles } from '../support/files.js';
import { defaultInterpreter } from './support/interpreters.js';
import { notOnWindows } from '../support/windows.js';

const python = defaultInterpreter().executable;
const wsgiProgram = `
def app(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]
`;

describe('a backend that replaces itself', () => {
  test.each([
    'os.execv(sys.executable, sys.orig_argv)',
    'os.execve(sys.executable, [sys.executable, "other.py"], {})',
    'os.execl(sys.executable, sys.executable, *sys.argv)',
    'os.execvp(sys.executable, [sys.executable] + sys.argv)',
    'threading.Thread(target=os.execv, args=(sys.executable, sys.orig_argv)).start(); time.sleep(60)',
  ])('asks the app for a restart: %s', async (statement) => {
    const backend = await startBackend({
      python,
      entry: { type: 'call', module: 'program', attribute: 'main' },
      files: {
        'program.py': `import os, sys, threading, time\ndef main():\n    print("said before")\n    ${statement}\n`,
      },
    });
    expect(await backend.ended()).toEqual({ code: 75, signal: null });
    expect(backend.stdout).toContain('said before');
    expect(backend.stderr).toContain('the app starts it again');
  });

  test(
    'another program may take its place, and a forked child may become Python',
    notOnWindows('Windows does not fork'),
    async () => {
      const program = `
import os, sys
def main():
    pid = os.fork()
    if pid == 0: os.execv(sys.executable, [sys.executable, "-c", "print('a child')"])
    os.waitpid(pid, 0)
    os.execv("/bin/sh", ["sh", "-c", "echo another; exit 5"])
`;
      const backend = await startBackend({
        python,
        entry: { type: 'call', module: 'program', attribute: 'main' },
        files: { 'program.py': program },
      });
      expect(await backend.ended()).toEqual({ code: 5, signal: null });
      expect(backend.stdout).toBe('a child\nanother\n');
    },
  );
});

test('a process of a backend that knows nothing of the app serves nobody', async () => {
  const backend = await startBackend({
    python,
    entry: { type: 'wsgi', module: 'program', attribute: 'app' },
    files: { 'program.py': wsgiProgram },
    handshake: null,
    env: { ELECTRON_PYINSTALLER_INSTANCE: newInstance() },
  });
  expect(await backend.ended()).toEqual({ code: 78, signal: null });
  expect(backend.stderr).toContain('in a process that the app did not start');
  expect(backend.stdout).not.toContain('Listening');
});

test.each([
  ['workers=4', /no option 'workers' \(4\).*multiprocessing/u],
  ['reload=True', /no option 'reload'/u],
])('serve(%s) is refused with what to do', async (option, expected) => {
  const backend = await startBackend({
    python,
    entry: { type: 'script', file: 'program.py' },
    files: { 'program.py': `${wsgiProgram}\nimport electron_pyinstaller as e\ne.serve(app, ${option})\n` },
  });
  expect((await backend.message('fatal'))['message']).toMatch(expected);
  expect(await backend.ended()).toEqual({ code: 78, signal: null });
});

test('serve(workers=1, reload=False) is what it does anyway', async () => {
  const backend = await startBackend({
    python,
    entry: { type: 'script', file: 'program.py' },
    files: {
      'program.py': `${wsgiProgram}\nimport electron_pyinstaller as e\ne.serve(app, server="wsgiref", workers=1, reload=False)\n`,
    },
  });
  expect(await (await backend.fetch('/')).text()).toBe('hello');
});

describe('a helper process that a library started', notOnWindows('a shell starts the helper'), () => {
  /** A helper of loky that fails at its import, by a parent that has ended by then or waits for it. */
  async function stderrOfHelper(then: string): Promise<string> {
    const folder = await writeFiles({
      'loky/__init__.py': '',
      'loky/backend/__init__.py': '',
      'loky/backend/resource_tracker.py': `
import os, time
parent = os.getppid()
os.unlink("wait")
for _ in range(200):
    if os.environ["THEN"] == "wait" or os.getppid() != parent: break
    time.sleep(0.01)
raise ImportError("files are gone")
`,
      'helper.py': 'from electron_pyinstaller import _workers\n_workers.serve()\n',
      wait: '',
    });
    const code = 'from loky.backend.resource_tracker import main; main(3)';
    const script = `"$0" helper.py -c '${code}' & while [ -e wait ]; do :; done; ${then}`;
    const env = { PYTHONPATH: `${companionDir}:${folder}`, THEN: then };
    return (await execa('/bin/sh', ['-c', script, python], { cwd: folder, env, reject: false })).stderr;
  }

  test('leaves quietly when the program has ended', async () => {
    expect(await stderrOfHelper('exit')).toBe('');
  });

  test(
    'says why it fails as long as the program lives',
    notOnWindows('a shell starts the helper'),
    async () => {
      expect(await stderrOfHelper('wait')).toContain('ImportError: files are gone');
    },
  );
});

describe('a server that ends at the end of its input', () => {
  const watchers = {
    'sys.stdin.buffer.read()': 'sys.stdin.buffer.read()',
    'sys.stdin.read()': 'sys.stdin.read()',
    'os.read(0, 1)': 'os.read(0, 1)',
    'for line in sys.stdin': '[line for line in sys.stdin]',
    'input()': '\n    try: input()\n    except EOFError: pass',
    select: 'select.select([sys.stdin], [], []); sys.stdin.readline()',
  };
  const program = (watch: string): string => `
import os, select, sys, threading, time
def watch():
    ${watch}
    print("end of input", flush=True)
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
import electron_pyinstaller as e
e.ready(1)
time.sleep(60)
`;

  test.each(Object.entries(watchers))(
    'runs as long as the app wants it, and not longer: %s',
    async (_, watch) => {
      const backend = await startBackend({
        python,
        entry: { type: 'script', file: 'program.py' },
        files: { 'program.py': program(watch) },
      });
      await backend.message('ready');
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect([backend.exit, backend.stdout]).toEqual([null, '']);
      backend.endLifeline();
      expect((await backend.ended()).code).toBe(0);
    },
  );

  test('also as a module', async () => {
    const backend = await startBackend({
      python,
      entry: { type: 'module', module: 'program' },
      files: { 'program.py': program('sys.stdin.read()') },
    });
    await backend.message('ready');
    expect(backend.exit).toBeNull();
    backend.endLifeline();
    expect((await backend.ended()).code).toBe(0);
  });

  test('a job finds the end at once', async () => {
    const backend = await startBackend({
      python,
      entry: { type: 'script', file: 'program.py' },
      files: { 'program.py': 'import sys\nprint(len(sys.stdin.read()))\n' },
      handshake: { kind: 'job' },
    });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stdout).toBe('0\n');
  });
});
