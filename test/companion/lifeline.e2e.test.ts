import { type ChildProcess, spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/files.js';
import { type BackendSetup, handshakeLine, prepare, startBackend } from './support/backend.js';
import { defaultInterpreter } from './support/interpreters.js';
import { isAlive, killGroup, timeUntilGone } from './support/processes.js';

const python = defaultInterpreter().executable;
const entry = { type: 'call', module: 'program', attribute: 'main' };

/** A backend whose parent is a process of its own. */
class Orphan {
  readonly parent: ChildProcess;
  output = '';

  constructor(parent: ChildProcess) {
    this.parent = parent;
    for (const stream of [parent.stdout, parent.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  /** Wait until the output matches; returns the groups. */
  async says(pattern: RegExp): Promise<readonly string[]> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const found = pattern.exec(this.output);
      if (found !== null) return found.slice(1);
      if (Date.now() > deadline) throw new Error(`waited for ${pattern} in:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** The pids that the program printed as `pids [1,2]`, and its own. */
  async pids(): Promise<readonly number[]> {
    const [own = ''] = await this.says(/^child (\d+)$/mu);
    const [others = ''] = await this.says(/^pids (\[[^\n]*\])$/mu);
    const all = [Number(own), ...(JSON.parse(others) as number[])];
    expect(all.every(isAlive)).toBe(true);
    return all;
  }

  /** Kill the parent without warning; milliseconds until all are gone, `Infinity` when some outlive the limit. */
  async killParent(pids: readonly number[], limitMs: number): Promise<number> {
    this.parent.kill('SIGKILL');
    return timeUntilGone(pids, limitMs);
  }
}

async function startOrphan(
  program: string,
  handshake: Record<string, unknown>,
  setup: Partial<BackendSetup> = {},
  detached = true,
): Promise<Orphan> {
  const { folder, command, args, env } = await prepare({
    python,
    entry,
    files: { 'program.py': program },
    ...setup,
  });
  const line = handshakeLine({ graceMs: 1000, parentPid: 0, ...handshake });
  const script = path.join(import.meta.dirname, 'support', 'parent.mjs');
  const parent = spawn(
    process.execPath,
    [script, JSON.stringify({ command, args, env, cwd: folder, line, detached })],
    { detached: true },
  );
  const orphan = new Orphan(parent);
  onTestFinished(() => {
    const child = /^child (\d+)$/mu.exec(orphan.output)?.[1];
    if (child !== undefined) killGroup(Number(child));
    for (const pid of JSON.parse(/^pids (\[[^\n]*\])$/mu.exec(orphan.output)?.[1] ?? '[]') as number[]) {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
    killGroup(parent.pid ?? 0);
  });
  return orphan;
}

const say =
  'import json, os, signal, subprocess, sys, threading, time\ndef say(*pids): print("pids", json.dumps(pids), flush=True)\n';
const idle = `${say}def main():\n    say()\n    time.sleep(60)\n`;
const busy = `${say}def main():\n    say()\n    while True: sum(range(1000))\n`;
const stubborn = `${say}def main():\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    say()\n    while True: time.sleep(0.1)\n`;
/** PyDLL keeps the GIL during the call, so that no Python thread runs. */
const holdsGil = `${say}def main():\n    import ctypes\n    say()\n    ctypes.PyDLL(None).sleep(60)\n`;

function workers(method: string): string {
  return `${say}
import multiprocessing
def work(queue): queue.put(os.getpid()); time.sleep(60)
def main():
    context = multiprocessing.get_context(${JSON.stringify(method)})
    queue = context.Queue()
    started = [context.Process(target=work, args=(queue,), daemon=number == 0) for number in range(2)]
    for each in started: each.start()
    say(*[queue.get() for _ in started])
    time.sleep(60)
`;
}

describe.skipIf(process.platform === 'win32')('when the app is killed', () => {
  describe.each(['thread', 'process'] as const)('lifeline %s', (lifeline) => {
    test('an idle program is gone at once', async () => {
      const orphan = await startOrphan(idle, { lifeline });
      expect(await orphan.killParent(await orphan.pids(), 5000)).toBeLessThan(1000);
    });

    test('a busy loop is no hindrance', async () => {
      const orphan = await startOrphan(busy, { lifeline });
      expect(await orphan.killParent(await orphan.pids(), 5000)).toBeLessThan(1500);
    });

    test.each(['fork', 'spawn', 'forkserver'])(
      'workers of multiprocessing (%s) go with it',
      async (method) => {
        const orphan = await startOrphan(workers(method), { lifeline });
        const pids = await orphan.pids();
        expect(pids).toHaveLength(3);
        expect(await orphan.killParent(pids, 8000)).toBeLessThan(2500);
      },
    );

    test('a program that ignores SIGTERM has its grace period and no more', async () => {
      const orphan = await startOrphan(stubborn, { lifeline });
      const tookMs = await orphan.killParent(await orphan.pids(), 8000);
      expect(tookMs).toBeGreaterThan(900);
      expect(tookMs).toBeLessThan(2500);
    });

    test('a subprocess that was left running goes as well', async () => {
      const program = `${say}def main():\n    child = subprocess.Popen(["sleep", "60"])\n    say(child.pid)\n    time.sleep(60)\n`;
      const orphan = await startOrphan(program, { lifeline });
      expect(await orphan.killParent(await orphan.pids(), 5000)).toBeLessThan(1500);
    });

    test("a program spawned in the app's group leaves that group alone", async () => {
      const orphan = await startOrphan(stubborn, { lifeline }, {}, false);
      const [bystander = ''] = await orphan.says(/^bystander (\d+)$/mu);
      expect(await orphan.killParent(await orphan.pids(), 8000)).toBeLessThan(2500);
      expect(isAlive(Number(bystander))).toBe(true);
    });
  });

  test('what prints while it cleans up is not stopped by that', async () => {
    const folder = await temporaryFolder();
    const program = `${say}
import atexit
def save(name): print("saving"); print("saving", file=sys.stderr); open(os.path.join(${JSON.stringify(folder)}, name), "w").close()
atexit.register(save, "atexit")
def main():
    say()
    try: time.sleep(60)
    finally: save("finally")
`;
    const orphan = await startOrphan(program, {});
    expect(await orphan.killParent(await orphan.pids(), 5000)).toBeLessThan(1500);
    expect((await readdir(folder)).toSorted()).toEqual(['atexit', 'finally']);
  });

  test.each(['thread', 'process'] as const)(
    'native code that holds the GIL has the grace period and no more (%s)',
    async (lifeline) => {
      const orphan = await startOrphan(holdsGil, { lifeline });
      const tookMs = await orphan.killParent(await orphan.pids(), 8000);
      expect(tookMs).toBeGreaterThan(900);
      expect(tookMs).toBeLessThan(2000);
    },
  );

  test.each(['thread', 'process'] as const)(
    'the guard process wakes a stopped program, which then ends by itself (%s)',
    async (lifeline) => {
      const orphan = await startOrphan(idle, { lifeline });
      const pids = await orphan.pids();
      process.kill(pids[0] ?? 0, 'SIGSTOP');
      expect(await orphan.killParent(pids, 8000)).toBeLessThan(2000);
    },
  );

  test('a program that waits for all its children does not wait for the guard', async () => {
    const program = `${say}def main():\n    try: os.wait()\n    except ChildProcessError: print("no child", flush=True)\n    say()\n    time.sleep(60)\n`;
    const orphan = await startOrphan(program, {});
    await orphan.says(/^no child$/mu);
    expect(await orphan.killParent(await orphan.pids(), 5000)).toBeLessThan(1000);
  });

  test('a json-lines program that does not read goes as well', async () => {
    const orphan = await startOrphan(idle, { kind: 'stdio', address: { type: 'none' } });
    expect(await orphan.killParent(await orphan.pids(), 5000)).toBeLessThan(1000);
  });

  test.each(['thread', 'process'] as const)(
    'a raw program that has stopped reading goes as well (%s)',
    async (lifeline) => {
      const orphan = await startOrphan(idle, {
        kind: 'stdio',
        stdio: 'raw',
        address: { type: 'none' },
        lifeline,
      });
      expect(await orphan.killParent(await orphan.pids(), 5000)).toBeLessThan(1500);
    },
  );

  test('lifeline off means that the program lives on', async () => {
    const orphan = await startOrphan(idle, { lifeline: 'off' });
    expect(await orphan.killParent(await orphan.pids(), 1000)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('when the app asks the program to end', () => {
  test.each(['thread', 'process'])(
    'finally, atexit and daemon workers are cleaned up; exit code 0 (%s)',
    async (lifeline) => {
      const program = `
import atexit, multiprocessing, time
def work(): time.sleep(60)
def main():
    atexit.register(print, "atexit")
    multiprocessing.Process(target=work, daemon=True).start()
    try:
        print("running"); time.sleep(60)
    finally:
        print("finally")
`;
      const backend = await startBackend({
        python,
        entry,
        files: { 'program.py': program },
        handshake: { lifeline },
      });
      await backend.until(() => backend.stdout.includes('running'), 'start');
      const begin = performance.now();
      backend.endLifeline();
      expect(await backend.ended()).toEqual({ code: 0, signal: null });
      expect(performance.now() - begin).toBeLessThan(1000);
      expect(backend.stdout).toBe('running\nfinally\natexit\n');
      expect(backend.messages.at(-1)).toEqual({ type: 'stopping', reason: 'lifeline' });
    },
  );

  test.skipIf(process.platform === 'win32')(
    'SIGTERM from elsewhere ends it the same way, with another exit code, once',
    async () => {
      const program =
        'import time\ndef main():\n    try:\n        print("running"); time.sleep(60)\n    finally:\n        time.sleep(0.3); print("finally")\n';
      const backend = await startBackend({ python, entry, files: { 'program.py': program } });
      await backend.until(() => backend.stdout.includes('running'), 'start');
      process.kill(backend.pid, 'SIGTERM');
      await backend.message('stopping');
      process.kill(backend.pid, 'SIGTERM');
      expect(await backend.ended()).toEqual({ code: 143, signal: null });
      expect(backend.stdout).toBe('running\nfinally\n');
      expect(backend.messages.filter((message) => message.type === 'stopping')).toEqual([
        { type: 'stopping', reason: 'signal' },
      ]);
    },
  );

  test('an import that takes long is interrupted', async () => {
    const backend = await startBackend({
      python,
      entry,
      files: { 'program.py': 'import time\nprint("importing")\ntime.sleep(60)\n' },
    });
    await backend.until(() => backend.stdout.includes('importing'), 'start');
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.messages.map((message) => message.type)).toEqual(['hello', 'stopping']);
  });

  test('an asyncio program sees its tasks cancelled', async () => {
    const program = `
import asyncio
async def main():
    try:
        print("running"); await asyncio.sleep(60)
    finally:
        print("finally")
`;
    const backend = await startBackend({ python, entry, files: { 'program.py': program } });
    await backend.until(() => backend.stdout.includes('running'), 'start');
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stdout).toBe('running\nfinally\n');
  });

  test("a program's own SIGTERM handler is respected", async () => {
    const program = `
import signal, sys, time
def main():
    signal.signal(signal.SIGTERM, lambda *_: (print("mine"), sys.exit(9)))
    print("running"); time.sleep(60)
`;
    const backend = await startBackend({ python, entry, files: { 'program.py': program } });
    await backend.until(() => backend.stdout.includes('running'), 'start');
    backend.endLifeline();
    expect(await backend.ended()).toEqual({ code: 9, signal: null });
    expect(backend.stdout).toBe('running\nmine\n');
  });

  test('a multiprocessing worker that is terminated does not end through our handler', async () => {
    const program = `
import multiprocessing, time
def work(): time.sleep(60)
def main():
    context = multiprocessing.get_context("fork")
    worker = context.Process(target=work); worker.start(); time.sleep(0.2)
    worker.terminate(); worker.join()
    print(worker.exitcode)
`;
    const backend = await startBackend({ python, entry, files: { 'program.py': program } });
    expect(await backend.ended()).toEqual({ code: 0, signal: null });
    expect(backend.stdout).toBe('-15\n');
  });

  test.skipIf(process.platform === 'win32')(
    'a worker that is terminated while it is being forked ends',
    async () => {
      const program = `
import os, signal, time
def main():
    lost = 0
    for _ in range(300):
        worker = os.fork()
        if worker == 0:
            time.sleep(0.2)
            os._exit(7)
        os.kill(worker, signal.SIGTERM)
        lost += os.WIFEXITED(os.waitpid(worker, 0)[1])
    print(lost)
`;
      const backend = await startBackend({ python, entry, files: { 'program.py': program } });
      expect(await backend.ended()).toEqual({ code: 0, signal: null });
      expect(backend.stdout).toBe('0\n');
    },
  );

  test.skipIf(process.platform === 'win32')(
    'the guard leaves with the program and does not hold its output open',
    async () => {
      const program = 'import os\ndef main():\n    print(os.getpid())\n    return 0\n';
      const backend = await startBackend({
        python,
        entry,
        files: { 'program.py': program },
        handshake: { lifeline: 'process' },
      });
      const begin = performance.now();
      expect(await backend.ended()).toEqual({ code: 0, signal: null }); // `close`: all holders of the pipes are gone.
      expect(performance.now() - begin).toBeLessThan(3000);
    },
  );
});

test('input() and grandchildren find the end of standard input, not the lifeline', async () => {
  const program = `
import subprocess, sys
def main():
    try: input()
    except EOFError: print("EOF")
    child = subprocess.run([sys.executable, "-c", "import sys; print(len(sys.stdin.buffer.read()))"], capture_output=True, timeout=10)
    print(child.stdout.decode().strip())
    import time; time.sleep(60)
`;
  const backend = await startBackend({ python, entry, files: { 'program.py': program } });
  await backend.until(() => backend.stdout === 'EOF\n0\n', 'both answers');
  expect(backend.exit).toBeNull();
  backend.endLifeline();
  expect(await backend.ended()).toEqual({ code: 0, signal: null });
});
