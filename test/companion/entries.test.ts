import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeFiles } from '../support/files.js';
import { companionDir, handshakeLine, startBackend } from './support/backend.js';
import { defaultInterpreter } from './support/interpreters.js';
import { onlyOnLinux } from '../support/windows.js';

const python = defaultInterpreter().executable;

describe('entries', () => {
  test('call: the integer it returns is the exit code', async () => {
    const entry = { type: 'call', module: 'pkg.jobs', attribute: 'Job.main' };
    const program =
      'import sys\nclass Job:\n    @staticmethod\n    def main():\n        print("args", sys.argv[1:])\n        return 7\n';
    const backend = await startBackend({
      python,
      entry,
      args: ['--in', 'ä b'],
      files: { 'pkg/__init__.py': '', 'pkg/jobs.py': program },
      handshake: { kind: 'job' },
    });
    expect(await backend.ended()).toEqual({ code: 7, signal: null });
    expect(backend.stdout).toBe("args ['--in', 'ä b']\n");
    expect(backend.messages.map((message) => message.type)).toEqual(['hello']);
  });

  test('call: a coroutine function is awaited', async () => {
    const entry = { type: 'call', module: 'program', attribute: 'main' };
    const program =
      'import asyncio\nasync def main():\n    await asyncio.sleep(0.01)\n    print("done")\n    return None\n';
    const backend = await startBackend({ python, entry, files: { 'program.py': program } });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stdout).toBe('done\n');
  });

  test('module: runs as `python -m` does, with a picklable __main__', async () => {
    const program = `
import pickle, sys
class Thing: pass
if __name__ == "__main__":
    print(sys.argv[0].endswith("__main__.py"), sys.argv[1:], type(pickle.loads(pickle.dumps(Thing()))) is Thing)
    sys.exit(5)
`;
    const backend = await startBackend({
      python,
      entry: { type: 'module', module: 'tool' },
      args: ['x'],
      files: { 'tool/__init__.py': '', 'tool/__main__.py': program },
    });
    expect(await backend.ended()).toEqual({ code: 5, signal: null });
    expect(backend.stdout).toBe("True ['x'] True\n");
  });

  test('module: its workers can return its own objects although multiprocessing was imported before it', async () => {
    const program = `
import multiprocessing
class Thing:
    def __init__(self, value): self.value = value
def square(thing): return Thing(thing.value ** 2)
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map_async(square, [Thing(3)]).get(10)[0].value)
`;
    // A frozen program imports it in the bootstrap, for freeze_support().
    const early = await writeFiles({ 'sitecustomize.py': 'import multiprocessing\n' });
    const backend = await startBackend({
      python,
      entry: { type: 'module', module: 'tool' },
      files: { 'tool.py': program },
      env: { PYTHONPATH: early },
    });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stdout).toBe('9\n');
  });

  test('script: runs as `python file` does, beside its own modules', async () => {
    const program =
      '"""Doc."""\nimport sys, helper\nprint(__name__, __doc__, sys.argv[0] == __file__, sys.argv[1:], helper.value)\n';
    const backend = await startBackend({
      python,
      entry: { type: 'script', file: 'in ñ/run.py' },
      args: ['x'],
      files: { 'in ñ/run.py': program, 'in ñ/helper.py': 'value = 3' },
    });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stdout).toBe("__main__ Doc. True ['x'] 3\n");
  });

  test('consoleScript: runs the entry point of a distribution', async () => {
    const backend = await startBackend({
      python,
      entry: { type: 'consoleScript', script: 'mytool' },
      args: ['--n', '3'],
      files: {
        'mytool_impl.py': 'import sys\ndef cli():\n    print(sys.argv)\n    return 4\n',
        'mytool-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: mytool\nVersion: 1.0\n',
        'mytool-1.0.dist-info/entry_points.txt': '[console_scripts]\nmytool = mytool_impl:cli\n',
      },
    });
    expect(await backend.ended()).toEqual({ code: 4, signal: null });
    expect(backend.stdout).toBe("['mytool', '--n', '3']\n");
  });

  test('consoleScript: a missing one is named', async () => {
    const backend = await startBackend({
      python,
      entry: { type: 'consoleScript', script: 'nope' },
      files: {},
    });
    const fatal = await backend.message('fatal');
    expect(fatal).toMatchObject({
      code: 'config',
      message: expect.stringContaining("no installed distribution has a console script 'nope'") as string,
    });
    expect(await backend.ended()).toEqual({ code: 78, signal: null });
  });

  test.each(['app', 'make_app', 'make_app()', 'holder.app'])(
    'wsgi: %s names the application',
    async (attribute) => {
      const program = `
def app(environ, start_response):
    start_response("200 OK", []); return [b"here"]
def make_app(name="x"):
    return app
class holder:
    app = staticmethod(app)
`;
      const backend = await startBackend({
        python,
        entry: { type: 'wsgi', module: 'program', attribute },
        files: { 'program.py': program },
      });
      expect(await (await backend.fetch('/')).text()).toBe('here');
    },
  );

  test('a missing attribute is named together with what there is', async () => {
    const entry = { type: 'asgi', module: 'program', attribute: 'ap' };
    const backend = await startBackend({ python, entry, files: { 'program.py': 'app = 1\nother = 2\n' } });
    expect(await backend.message('fatal')).toEqual({
      type: 'fatal',
      code: 'config',
      message: "module 'program' has no attribute 'ap'; it defines app, other",
    });
  });

  test('an ASGI entry without any ASGI server says what to add', async () => {
    const entry = { type: 'asgi', module: 'program', attribute: 'app' };
    const program =
      'import sys\nsys.modules["uvicorn"] = sys.modules["hypercorn"] = None\nasync def app(scope, receive, send): pass\n';
    const backend = await startBackend({ python, entry, files: { 'program.py': program } });
    expect((await backend.message('fatal'))['message']).toMatch(
      /add uvicorn \(or hypercorn\) to the backend's requirements/u,
    );
    expect(await backend.ended()).toEqual({ code: 78, signal: null });
  });

  test("a program's own module named like a file of the companion is found", async () => {
    const entry = { type: 'call', module: 'bootstrap', attribute: 'main' };
    const files = {
      'bootstrap.py': 'import prelude\ndef main(): print(prelude.value)\n',
      'prelude.py': 'value = "mine"\n',
    };
    const backend = await startBackend({ python, entry, files });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stdout).toBe('mine\n');
  });
});

describe('failures to import', () => {
  test.each([
    ['asgi', { type: 'asgi', module: 'program', attribute: 'app' }],
    ['call', { type: 'call', module: 'program', attribute: 'main' }],
    ['module', { type: 'module', module: 'program' }],
    ['script', { type: 'script', file: 'program.py' }],
  ])('%s: names the missing module, logs the traceback and forbids a restart', async (_, entry) => {
    const backend = await startBackend({
      python,
      entry,
      files: { 'program.py': 'import inner\n', 'inner.py': 'import not_there.deep\n' },
    });
    const fatal = await backend.message('fatal');
    expect(fatal).toMatchObject({
      code: 'import',
      message: "ModuleNotFoundError: No module named 'not_there'",
      module: 'not_there',
    });
    expect(fatal['traceback']).toMatch(/inner\.py", line 1/u);
    expect(await backend.ended()).toEqual({ code: 78, signal: null });
    expect(backend.stderr).toMatch(
      /^Traceback[\s\S]*inner\.py", line 1[\s\S]*ModuleNotFoundError: No module named 'not_there'$/mu,
    );
  });

  test('the traceback is printed before the parent, which ends the program at once, hears of it', async () => {
    const entry = { type: 'asgi', module: 'program', attribute: 'app' };
    const program = `
import sys, time
print_it = sys.excepthook
def slowly(*error):
    time.sleep(0.2)
    print_it(*error)
sys.excepthook = slowly
import not_there
`;
    const backend = await startBackend({ python, entry, files: { 'program.py': program } });
    await backend.message('fatal');
    backend.child.kill('SIGTERM');
    await backend.ended();
    expect(backend.stderr).toMatch(/^ModuleNotFoundError: No module named 'not_there'$/mu);
  });

  test('a module of the entry that is not there is no missing package: the message says what there is', async () => {
    const entry = { type: 'asgi', module: 'programm', attribute: 'app' };
    const backend = await startBackend({
      python,
      entry,
      files: { 'program.py': '', 'tools/__init__.py': '' },
    });
    const fatal = await backend.message('fatal');
    expect(fatal).toMatchObject({
      code: 'config',
      message: expect.stringMatching(
        /^there is no module 'programm', named by the entry 'programm:app'; in .* there is program, tools$/u,
      ) as string,
    });
    expect(fatal).not.toHaveProperty('module');
    await backend.ended();
    expect(backend.stderr).not.toContain('Traceback');
  });

  test('a SIGTERM of the parent that has heard why is not printed', async () => {
    const entry = { type: 'asgi', module: 'program', attribute: 'ap' };
    const program = 'import atexit, time\n@atexit.register\ndef slow():\n    time.sleep(0.3)\n';
    const backend = await startBackend({ python, entry, files: { 'program.py': program } });
    await backend.message('fatal');
    backend.child.kill('SIGTERM');
    expect(await backend.ended()).toEqual({ code: 78, signal: null });
    expect(backend.stderr).not.toContain('Traceback');
  });

  test('another exception while importing counts too; there is no module to name', async () => {
    const entry = { type: 'asgi', module: 'program', attribute: 'app' };
    const backend = await startBackend({ python, entry, files: { 'program.py': 'open("no such file")\n' } });
    const fatal = await backend.message('fatal');
    expect(fatal).toMatchObject({
      code: 'import',
      message: expect.stringMatching(/^FileNotFoundError/u) as string,
    });
    expect(fatal).not.toHaveProperty('module');
  });

  test('a module imported late counts as well', async () => {
    const entry = { type: 'call', module: 'program', attribute: 'main' };
    const backend = await startBackend({
      python,
      entry,
      files: { 'program.py': 'def main():\n    import late_one\n' },
    });
    expect(await backend.message('fatal')).toMatchObject({ code: 'import', module: 'late_one' });
  });

  test('an ordinary exception is an ordinary crash', async () => {
    const entry = { type: 'call', module: 'program', attribute: 'main' };
    const backend = await startBackend({
      python,
      entry,
      files: { 'program.py': 'def main():\n    raise ValueError("not today")\n' },
    });
    expect(await backend.ended()).toEqual({ code: 1, signal: null });
    expect(backend.messages.map((message) => message.type)).toEqual(['hello']);
    expect(backend.stderr).toContain('ValueError: not today');
  });
});

/** The prelude as PyInstaller runs it: both files in one namespace. */
async function runWithPrelude(
  script: string,
  managed: boolean,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
) {
  const folder = await writeFiles({
    'script.py': script,
    'both.py': [
      'import sys, os',
      `sys.path[:0] = [${JSON.stringify(companionDir)}, os.path.dirname(os.path.abspath(__file__))]`,
      'space = {"__name__": "__main__"}',
      `for file in (${JSON.stringify(path.join(companionDir, 'prelude.py'))}, os.path.join(os.path.dirname(__file__), "script.py")):`,
      '    exec(compile(open(file, encoding="utf-8").read(), file, "exec"), space)',
    ].join('\n'),
  });
  const marker = managed ? { ELECTRON_PYINSTALLER_PROTOCOL: '1' } : {};
  const child = spawn(python, [path.join(folder, 'both.py'), ...args], {
    cwd: folder,
    env: { ...process.env, ...marker, ...env },
  });
  if (managed) child.stdin.write(handshakeLine());
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { ...output, code };
}

describe('prelude', () => {
  test('leaves no names and no docstring behind', async () => {
    const script =
      'print(sorted(name for name in globals() if name not in ("__builtins__", "__name__")), globals().get("__doc__"))';
    const { stdout, code } = await runWithPrelude(script, true);
    expect(stdout.split('\n')).toEqual([expect.stringContaining('EPY1 {"type":"hello"'), '[] None', '']);
    expect(code).toBe(0);
  });

  test('reports a missing module of the script', async () => {
    const { stdout, stderr, code } = await runWithPrelude('import not_there', true);
    expect(stdout).toContain(
      '"type":"fatal","code":"import","message":"ModuleNotFoundError: No module named \'not_there\'"',
    );
    expect(stderr).toContain("ModuleNotFoundError: No module named 'not_there'");
    expect(code).toBe(78);
  });

  test('changes nothing in a terminal', async () => {
    const { stdout, code } = await runWithPrelude(
      'import electron_pyinstaller as e; print(e.is_managed(), e.token())',
      false,
    );
    expect([stdout, code]).toEqual(['False None\n', 0]);
  });

  test('checks imports instead of running the script', async () => {
    const env = { ELECTRON_PYINSTALLER_CHECK: JSON.stringify({ imports: ['json', 'not_there'], files: [] }) };
    const { stdout, code } = await runWithPrelude(
      'print("must not run")',
      false,
      ['--electron-pyinstaller-check'],
      env,
    );
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      imports: { json: null, not_there: "ModuleNotFoundError: No module named 'not_there'" },
      files: {},
    });
    expect(code).toBe(1);
  });
});

describe('check', () => {
  const entry = { type: 'asgi', module: 'program', attribute: 'app' };

  test('imports the application and what is named, looks for files, serves nothing', async () => {
    const backend = await startBackend({
      python,
      entry,
      handshake: null,
      args: ['--electron-pyinstaller-check'],
      files: { 'program.py': 'print("noise")\napp = 1\n', 'config/a.json': '{}' },
      env: {
        ELECTRON_PYINSTALLER_CHECK: JSON.stringify({
          imports: ['json', 'email.mime'],
          files: ['config/a.json', 'config'],
        }),
      },
    });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(JSON.parse(backend.stdout.trim().split('\n').at(-1) ?? '')).toEqual({
      ok: true,
      imports: { program: null, json: null, 'email.mime': null },
      files: { 'config/a.json': true, config: true },
    });
  });

  test('says what is missing', async () => {
    const backend = await startBackend({
      python,
      entry,
      handshake: null,
      args: ['--electron-pyinstaller-check'],
      files: { 'program.py': 'import services.lazy\n' },
      env: { ELECTRON_PYINSTALLER_CHECK: JSON.stringify({ imports: ['program'], files: ['x.txt'] }) },
    });
    expect(await backend.ended()).toEqual({ code: 1, signal: null });
    expect(JSON.parse(backend.stdout)).toEqual({
      ok: false,
      imports: { program: "ModuleNotFoundError: No module named 'services'" },
      files: { 'x.txt': false },
    });
  });

  test('does not run a module entry', async () => {
    const backend = await startBackend({
      python,
      entry: { type: 'module', module: 'program' },
      handshake: null,
      args: ['--electron-pyinstaller-check'],
      files: { 'program.py': 'raise SystemExit("must not run")\n' },
    });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(JSON.parse(backend.stdout)).toEqual({ ok: true, imports: { program: null }, files: {} });
  });
});

describe('in a terminal', () => {
  const program = 'def app(environ, start_response):\n    start_response("200 OK", []); return [b"here"]\n';
  const entry = { type: 'wsgi', module: 'program', attribute: 'app' };

  test('serves without a token on the next free port, and still refuses foreign host names', async () => {
    const taken = createServer().listen(8000, '127.0.0.1');
    // Somebody else's 8000 serves as well.
    await new Promise((resolve) => {
      taken.once('listening', resolve).once('error', resolve);
    });
    try {
      const backend = await startBackend({
        python,
        entry,
        handshake: null,
        files: { 'program.py': program },
      });
      const url = await backend.until(
        () => /Listening on (http:\S+)/u.exec(backend.stdout)?.[1],
        'the address',
      );
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:80(0[1-9]|10)$/u);
      expect(await (await fetch(url)).text()).toBe('here');
      const refused = await fetch(url.replace('127.0.0.1', '127.0.0.2')).then(
        (response) => response.status,
        () => 'unreachable',
      );
      expect([403, 'unreachable']).toContain(refused);
    } finally {
      taken.close();
    }
  });

  test('--port is exact: a taken one is an error that names it', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    try {
      const backend = await startBackend({
        python,
        entry,
        handshake: null,
        files: { 'program.py': program },
        args: ['--port', String(port)],
      });
      expect(await backend.ended()).toEqual({ code: 78, signal: null });
      expect(backend.stderr).toContain(
        `cannot listen on 127.0.0.1:${port}: the address is in use by another program`,
      );
    } finally {
      taken.close();
    }
  });

  test('messages become text for people', async () => {
    const call = { type: 'call', module: 'program', attribute: 'main' };
    const script = `
import electron_pyinstaller as e
def main():
    e.status("loading", 50); e.progress(None, "half"); e.extend(3); e.result({"ä": 1}); e.ready(1)
    print(e.is_managed(), e.is_frozen(), e.token())
    e.fatal("no licence", "licence")
`;
    const backend = await startBackend({
      python,
      entry: call,
      handshake: null,
      files: { 'program.py': script },
    });
    expect(await backend.ended()).toEqual({ code: 78, signal: null });
    expect(backend.stdout).toBe('{\n  "ä": 1\n}\nFalse False None\n');
    expect(backend.stderr).toBe('loading (50 %)\nhalf\nelectron-pyinstaller: no licence\n');
    expect(backend.messages).toEqual([]);
  });
});

describe('what a program may ask', () => {
  const call = { type: 'call', module: 'program', attribute: 'main' };

  test('resource_path finds files beside the source and where data takes them from', async () => {
    const program = `
from electron_pyinstaller import resource_path, result
def main():
    result([resource_path(*p).read_text() for p in (["in.txt"], ["config", "a.json"], ["models/deep", "m.bin"])]
           + [str(resource_path("nope.txt"))])
`;
    const backend = await startBackend({
      python,
      entry: call,
      data: [
        { base: 'elsewhere/cfg', to: 'config' },
        { base: 'elsewhere/models', to: 'models' },
      ],
      files: {
        'program.py': program,
        'in.txt': 'in',
        'elsewhere/cfg/a.json': 'cfg',
        'elsewhere/models/deep/m.bin': 'model',
      },
    });
    expect((await backend.message('result'))['value']).toEqual([
      'in',
      'cfg',
      'model',
      path.join(backend.folder, 'nope.txt'),
    ]);
  });

  test(
    "user_data is the system's place for such data when no app gives one",
    onlyOnLinux('each system has its own place'),
    async () => {
      const program =
        'from electron_pyinstaller import result, user_data\ndef main(): result([str(user_data()), user_data("x", "y").parent.is_dir()])\n';
      const folder = await writeFiles({});
      const backend = await startBackend({
        python,
        entry: call,
        handshake: null,
        files: { 'program.py': program },
        env: { XDG_CONFIG_HOME: path.join(folder, 'cönfig') },
      });
      await backend.ended();
      expect(JSON.parse(backend.stdout)).toEqual([path.join(folder, 'cönfig', 'engine'), true]);
    },
  );

  test('all messages reach the app; fatal works from a thread too', async () => {
    const program = `
import threading, time
import electron_pyinstaller as e
def main():
    e.status("loading", 12.5); e.extend(30); e.progress(99, "nearly"); e.result([1, {"a": None}]); e.ready(4321)
    threading.Thread(target=lambda: e.fatal("no licence", "licence")).start()
    time.sleep(30)
`;
    const backend = await startBackend({
      python,
      entry: call,
      files: { 'program.py': program },
      handshake: { kind: 'job' },
    });
    expect(await backend.ended()).toEqual({ code: 78, signal: null });
    expect(backend.messages.slice(1)).toMatchObject([
      { type: 'status', text: 'loading', percent: 12.5 },
      { type: 'extend', ms: 30_000 },
      { type: 'progress', percent: 99, text: 'nearly' },
      { type: 'result', value: [1, { a: null }] },
      { type: 'ready', address: { type: 'tcp', host: '127.0.0.1', port: 4321 } },
      { type: 'fatal', code: 'licence', message: 'no licence' },
    ]);
  });

  test('prints appear at once and in UTF-8 although the stream is a pipe in another encoding', async () => {
    const program = 'import time\ndef main():\n    print("häppy 日本 \\udc80")\n    time.sleep(30)\n';
    const backend = await startBackend({
      python,
      entry: call,
      files: { 'program.py': program },
      interpreterArgs: [],
      env: { PYTHONIOENCODING: 'cp1252', PYTHONUNBUFFERED: '' },
    });
    await backend.until(() => backend.stdout === 'häppy 日本 \\udc80\n', 'the line');
  });

  test('a certificate bundle is set only when the system has none', async () => {
    const program = `
import os, sys, types, _ssl
certifi = types.ModuleType("certifi"); certifi.where = lambda: __file__
sys.modules["certifi"] = certifi
from electron_pyinstaller import _certificates, result
def main():
    seen = []
    for paths in (("X", "/nope/cert.pem", "Y", "/nope/certs"), ("X", __file__, "Y", "/nope/certs")):
        _ssl.get_default_verify_paths = lambda: paths
        os.environ.pop("SSL_CERT_FILE", None); os.environ.pop("SSL_CERT_DIR", None)
        _certificates.use_bundled()
        seen.append(os.environ.get("SSL_CERT_FILE") == __file__)
    os.environ["SSL_CERT_FILE"] = "/mine"
    _ssl.get_default_verify_paths = lambda: ("X", "/nope/cert.pem", "Y", "/nope/certs")
    _certificates.use_bundled()
    result([*seen, os.environ["SSL_CERT_FILE"]])
`;
    const backend = await startBackend({ python, entry: call, files: { 'program.py': program } });
    expect((await backend.message('result'))['value']).toEqual([true, false, '/mine']);
  });
});
