import { realpathSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, companionDir, newInstance, startFrozen, token } from './support/backend.js';
import { freeze } from './support/freeze.js';

/** What happens when a frozen program starts `sys.executable`, which is the program itself. */
const program = `
import json, math, os, subprocess, sys, threading
from urllib.parse import parse_qs

if os.environ.get("AT_IMPORT"):
    done = subprocess.run([sys.executable, *json.loads(os.environ["AT_IMPORT"])], capture_output=True, text=True, timeout=30)
    print("at import", done.returncode, flush=True)

def again(arguments, environment):
    env = {} if environment == "clean" else None
    if environment == "orphan":
        # Neither the environment nor the parent says where it comes from.
        code = subprocess.run(["/bin/sh", "-c", '("$0" "$@" >/dev/null 2>&1; echo $? >&3) 3>&1 </dev/null', sys.executable, *arguments],
            env={}, capture_output=True, text=True, timeout=30)
        return [int(code.stdout), ""]
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=30, env=env)
    return [done.returncode, done.stderr[-600:]]

def square(number): return number * number

def sums(library):
    if library == "joblib":
        from joblib import Parallel, delayed
        return Parallel(n_jobs=2, timeout=60)(delayed(math.sqrt)(number) for number in (4, 9))
    if library == "joblib-multiprocessing":
        from joblib import Parallel, delayed
        return Parallel(n_jobs=2, timeout=60, backend="multiprocessing")(delayed(math.sqrt)(number) for number in (4, 9))
    if library == "loky":
        from loky import get_reusable_executor
        executor = get_reusable_executor(max_workers=2, timeout=2)
        # A lambda: by cloudpickle. And what a worker starts has an environment too.
        return list(executor.map(lambda number: math.sqrt(number), (4, 9)))
    if library == "scikit-learn":
        import numpy
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.model_selection import cross_val_score
        x = numpy.arange(80).reshape(40, 2); y = numpy.arange(40) % 2
        return [len(cross_val_score(RandomForestClassifier(5), x, y, cv=2, n_jobs=2))]
    method = library.partition(" ")
    module = __import__(method[0])
    with module.get_context(method[2]).Pool(2) as pool:
        return pool.map(square, (2, 3))

def environment(_):
    text = subprocess.run(["/usr/bin/env"], capture_output=True, text=True, check=True).stdout
    return sorted(line for line in text.splitlines() if line.startswith(("LD_", "_PYI", "_MEI")))

def worker_environment(name):
    import multiprocessing
    with multiprocessing.get_context(name).Pool(1) as pool:
        return pool.map(environment, [0])[0] + [pool.apply(loaded)]

def loaded(): return sys._MEIPASS

work = {"/again": lambda q: again(json.loads(q["arguments"][0]), q.get("env", [""])[0]), "/sums": lambda q: sums(q["library"][0]),
    "/env": environment, "/worker-env": lambda q: worker_environment(q["method"][0]), "/bundle": lambda q: loaded()}

async def app(scope, receive, send):
    import asyncio, traceback
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown": return
    query = parse_qs(scope["query_string"].decode())
    if scope["path"] == "/exec":
        getattr(os, query["function"][0])(sys.executable, *([sys.orig_argv] if "v" in query["function"][0] else sys.orig_argv),
            *([{}] if query["function"][0].endswith("e") else []))
    try:
        value = await asyncio.get_running_loop().run_in_executor(None, work[scope["path"]], query)
    except BaseException:
        value = traceback.format_exc()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})
`;

function start(
  executable: string,
  env: NodeJS.ProcessEnv = {},
  args: readonly string[] = [],
  handshake: Readonly<Record<string, unknown>> = {},
): Backend {
  const instance = newInstance();
  return startFrozen({
    executable,
    args,
    env: { ELECTRON_PYINSTALLER_INSTANCE: instance, ...env },
    handshake: { instance, ...handshake },
  });
}

async function ask(backend: Backend, route: string, query: Record<string, string> = {}): Promise<unknown> {
  const search = new URLSearchParams(query).toString();
  return (await backend.fetch(`${route}?${search}`)).json();
}

describe.skipIf(process.platform === 'win32').each(['onedir', 'onefile'] as const)(
  'a frozen program (%s)',
  (mode) => {
    let engine = '';

    beforeAll(async () => {
      const descriptor = {
        v: 1,
        name: 'engine',
        kind: 'http',
        entry: { type: 'asgi', module: 'main', attribute: 'app' },
        paths: [],
      };
      engine = realpathSync(
        await freeze({
          mode,
          scripts: [path.join(companionDir, 'bootstrap.py')],
          files: { 'main.py': program, 'electron_pyinstaller_entry.json': JSON.stringify(descriptor) },
          requirements: ['joblib==1.6.0', 'loky==3.7.0', 'scikit-learn==1.9.1', 'multiprocess==0.70.19'],
          args: [
            ...[
              'main',
              'joblib',
              'loky',
              'sklearn.ensemble',
              'sklearn.model_selection',
              'multiprocess',
            ].flatMap((name) => ['--hidden-import', name]),
            '--add-data',
            'electron_pyinstaller_entry.json:.',
          ],
        }),
      );
    }, 900_000);

    test.each([
      'joblib',
      'joblib-multiprocessing',
      'loky',
      'multiprocessing fork',
      'multiprocessing spawn',
      'multiprocessing forkserver',
      'multiprocess fork',
      'multiprocess spawn',
      'multiprocess forkserver',
    ])(
      '%s works in other processes',
      async (library) => {
        const backend = start(engine);
        const expected = library.startsWith('multiprocess') ? [4, 9] : [2, 3];
        expect(await ask(backend, '/sums', { library })).toEqual(expected);
        // Not after the end: a helper of a onefile program that still starts then finds the unpacked files gone.
        expect(backend.stdout + backend.stderr).not.toMatch(
          /Traceback|is not a Python interpreter|Listening on/u,
        );
        backend.endLifeline();
        expect(await backend.ended()).toEqual({ code: 0, signal: null });
      },
      120_000,
    );

    test('scikit-learn with n_jobs=2 works', async () => {
      const backend = start(engine);
      expect(await ask(backend, '/sums', { library: 'scikit-learn' })).toEqual([2]);
      backend.endLifeline();
      expect(await backend.ended()).toEqual({ code: 0, signal: null });
    }, 120_000);

    test.each([
      [[]],
      [['worker.py', '--n', '3']],
      [['-u', 'worker.py']],
      [['-c', 'print(1)']],
      [['-m', 'pip', '--version']],
      [['-B', '-S', '-I', '-X', 'utf8=1', '-W', 'ignore', '-c', 'print(1)']],
      [['--host', '127.0.0.1']],
      [['anything', 'else']],
    ])(
      'refuses to be started again from inside: %j',
      async (args) => {
        const backend = start(engine, { AT_IMPORT: JSON.stringify(args) });
        const query = { arguments: JSON.stringify(args) };
        for (const env of ['', 'clean']) {
          const [code, said] = (await ask(backend, '/again', { ...query, env })) as [number, string];
          expect([code, said], env).toEqual([78, expect.stringContaining('is not a Python interpreter')]);
          expect(said).toContain('multiprocessing');
        }
        expect(backend.stdout).toContain('at import 78');
        expect(backend.stdout).not.toContain('Listening on');
        backend.endLifeline();
        await backend.ended();
      },
      120_000,
    );

    test('arguments for an interpreter are refused wherever they come from', async () => {
      const backend = start(engine);
      for (const args of [['-B', '-c', 'print(1)'], ['-mpip'], ['worker.py']]) {
        const [code] = (await ask(backend, '/again', { arguments: JSON.stringify(args), env: 'orphan' })) as [
          number,
        ];
        expect(code, args.join(' ')).toBe(78);
      }
    }, 120_000);

    test.each(['execv', 'execve', 'execl', 'execvp'])(
      'os.%s of itself asks the app for a restart',
      async (name) => {
        const backend = start(engine);
        await ask(backend, '/exec', { function: name }).catch(() => undefined);
        expect(await backend.ended()).toEqual({ code: 75, signal: null });
        expect(backend.stderr).toContain('the app starts it again');
      },
    );

    test.each([undefined, '/opt/before:/opt/more'])(
      'what it starts has the environment from before the bundle (LD_LIBRARY_PATH=%s)',
      async (before) => {
        const backend = start(engine, before === undefined ? {} : { LD_LIBRARY_PATH: before });
        const expected = before === undefined ? [] : [`LD_LIBRARY_PATH=${before}`];
        expect(await ask(backend, '/env')).toEqual(expected);
        const bundle = await ask(backend, '/bundle');
        for (const method of ['fork', 'spawn', 'forkserver']) {
          // A worker uses what the program has unpacked.
          expect(await ask(backend, '/worker-env', { method }), method).toEqual([...expected, bundle]);
        }
      },
      120_000,
    );

    test('in a terminal it serves as ever', async () => {
      const backend = startFrozen({ executable: engine, handshake: null });
      await backend.until(() => backend.stdout.includes('Listening on http://127.0.0.1:80'), 'its address');
      expect(backend.stdout).not.toContain(token);
      backend.child.kill('SIGTERM');
      await backend.ended();
    });
  },
);

const script = `
import sys, threading, time, os
import electron_pyinstaller as e

def work(number):
    if number < 0: os._exit(3)
    return number * number

if __name__ == "__main__":
    task = sys.argv[1]
    if task == "watch":
        def watch():
            os.read(0, 1) if sys.argv[2] == "descriptor" else sys.stdin.read()
            print("end of input", flush=True)
            os._exit(0)
        threading.Thread(target=watch, daemon=True).start()
        e.ready(1)
        time.sleep(60)
    elif task == "gevent":
        from gevent import monkey; monkey.patch_all()
        def app(environ, start_response):
            start_response("200 OK", [])
            return [threading.current_thread().name.encode()]
        sys.exit(e.serve(app, server="wsgiref"))
    elif task == "reloader":
        import subprocess
        if os.environ.get("WERKZEUG_RUN_MAIN") != "true":
            sys.exit(subprocess.call([sys.executable, *sys.argv[1:]], env={**os.environ, "WERKZEUG_RUN_MAIN": "true"}))
        print("reloaded", flush=True)
    else:
        import multiprocessing
        with multiprocessing.get_context(task).Pool(2) as pool:
            print(pool.map(work, [1, 2]), flush=True)
        # A worker that dies is a failure of what it was given, not of the program.
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool
        with ProcessPoolExecutor(1, multiprocessing.get_context(task)) as pool:
            try:
                pool.submit(work, -1).result()
            except BrokenProcessPool:
                pass
`;

describe.skipIf(process.platform === 'win32')('a frozen script', () => {
  let tool = '';

  beforeAll(async () => {
    tool = await freeze({
      mode: 'onedir',
      scripts: [path.join(companionDir, 'prelude.py'), 'tool.py'],
      files: { 'tool.py': script, 'electron_pyinstaller_script.py': script },
      requirements: ['gevent==26.9.0'],
      args: ['--hidden-import', 'electron_pyinstaller_script'],
    });
  }, 900_000);

  test.each(['stream', 'descriptor'])('may watch its input for the end of the app (%s)', async (which) => {
    const backend = start(tool, {}, ['watch', which]);
    await backend.message('ready');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([backend.exit, backend.stdout]).toEqual([null, '']);
    backend.endLifeline();
    expect((await backend.ended()).code).toBe(0);
  });

  test.each(['thread', 'process'])('may be patched by gevent (lifeline %s)', async (lifeline) => {
    const backend = start(tool, {}, ['gevent'], { lifeline });
    expect((await backend.fetch('/')).status).toBe(200);
    const begin = performance.now();
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(performance.now() - begin).toBeLessThan(2500);
  });

  test("may be run once more by Flask's reloader", async () => {
    const backend = start(tool, {}, ['reloader']);
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stdout).toBe('reloaded\n');
  });

  test.each(['spawn', 'forkserver'])(
    'need not call freeze_support(): its workers find its functions (%s)',
    async (method) => {
      const backend = start(tool, {}, [method]);
      expect(await backend.ended()).toEqual({ code: 0, signal: null });
      expect(backend.stdout).toBe('[1, 4]\n');
      expect(backend.messages.map(({ type }) => type)).not.toContain('fatal');
    },
  );
});
