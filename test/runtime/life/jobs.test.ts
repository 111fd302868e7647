import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { JobProgress } from '../../../src/runtime/index.js';
import { ChildProgram } from '../../../src/runtime/process/child-program.js';
import type { BackendManifest } from '../../../src/runtime/manifest.js';
import { temporaryFolder } from '../../support/files.js';
import { companionBackend } from '../companion-support.js';
import { isWindows, notOnWindows } from '../../support/windows.js';
import { failure } from '../failure.js';
import { fixtureBackend, isRunning, namedProcesses, testBackend, until, waitMs } from '../support.js';

function plainJob(code: string): BackendManifest {
  const base = fixtureBackend({}, {}, { kind: 'job', companion: 'none' });
  if (base.program.type !== 'development') throw new Error('not a development program');
  return { ...base, program: { ...base.program, args: ['-c', code] } };
}

test('runs a job with arguments, progress, output, result and exit code', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  const progress: JobProgress[] = [];
  const lines: string[] = [];
  const done = await job.run(['sum', '1', '2', '39'], {
    onProgress: (value) => progress.push(value),
    onLine: (line) => lines.push(line),
  });
  expect(done).toMatchObject({ exitCode: 0, result: { sum: 42 } });
  expect(progress.map(({ text }) => text)).toEqual(['adding 1', 'adding 2', 'adding 39']);
  expect(lines).toEqual(['adding up']);
});

test('an exit code is a result, several jobs run at a time', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  const codes = await Promise.all(['0', '1', '7'].map((code) => job.run(['exit', code])));
  expect(codes.map(({ exitCode }) => exitCode)).toEqual([0, 1, 7]);
});

test('a job that native code ended is told with the stack of Python', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  const error = await failure(job.run(['native', 'null']));
  expect(error).toMatchObject({
    code: 'E_CRASH',
    ...(isWindows ? { exitCode: 0xc0000005 } : { signal: 'SIGSEGV' }),
  });
  expect(error.message).toMatch(
    /: (?:invalid memory access|access violation \(0xC0000005\)), in ".*native_crashes.__init__\.py", line \d+ in null/,
  );
  expect(error.detail).toMatchObject({
    stack: expect.arrayContaining([expect.stringContaining(' in main')]),
  });
});

test('a crash that comes as an exit code, as from a shell, is no result of a job', async () => {
  const shell =
    "import os, subprocess, sys; code = subprocess.call([sys.executable, '-X', 'faulthandler', '-c', 'import os; os.abort()']); sys.exit(128 - code if code < 0 else code)";
  const exitCode = isWindows ? 3 : 134;
  const error = await failure((await testBackend(plainJob(shell))).run());
  expect(error).toMatchObject({ code: 'E_CRASH', exitCode });
  expect(error.message).toContain('Fatal Python error: Aborted, in "<string>", line 1 in <module>');
  const plain = await (await testBackend(plainJob(`import sys; sys.exit(${exitCode})`))).run();
  expect(plain.exitCode).toBe(exitCode);
});

test('a cancelled job ends with everything it started', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  const controller = new AbortController();
  const { pids, onProgress } = namedProcesses();
  const run = job.run(['hang'], {
    signal: controller.signal,
    onProgress: (said) => {
      onProgress(said);
      controller.abort(new Error('enough'));
    },
  });
  await expect(run).rejects.toThrow('enough');
  expect(pids).toHaveLength(2);
  expect(pids.filter(isRunning)).toEqual([]);
});

test('a job that takes too long is stopped', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  const { pids, onProgress } = namedProcesses();
  const error = await failure(job.run(['hang'], { timeoutMs: 700, onProgress }));
  expect(error.code).toBe('E_TIMEOUT');
  expect(error.message).toContain('700 ms');
  expect(pids.filter(isRunning)).toEqual([]);
});

test('stopping the backend and quitting the app end its jobs', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  const { pids, onProgress } = namedProcesses();
  const stopped = failure(job.run(['hang'], { onProgress }));
  await until(() => pids.length === 2);
  await job.stop();
  expect((await stopped).code).toBe('E_STOPPED');
  expect(pids.filter(isRunning)).toEqual([]);
  const quitted = failure(job.run(['hang'], { onProgress }));
  await until(() => pids.length === 4);
  const quit = new Promise((resolve) => job.app.once('quit', resolve));
  expect(job.app.quit()).toBe(false);
  await quit;
  expect((await quitted).code).toBe('E_STOPPED');
  expect(pids.filter(isRunning)).toEqual([]);
});

test('tells why a job gave up, was killed or never began', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  expect(await failure(job.run(['fatal']))).toMatchObject({ code: 'E_FATAL', exitCode: 78 });
  expect(await failure(job.run(['abort']))).toMatchObject({
    code: 'E_CRASH',
    ...(isWindows ? { exitCode: 3 } : { signal: 'SIGABRT' }),
  });
  const raised = await job.run(['raise']);
  expect(raised.exitCode).toBe(1);
  expect(raised.tail.join('\n')).toContain('ValueError: bad input');
  expect((await failure(job.start())).code).toBe('E_KIND');
  const server = await testBackend(fixtureBackend());
  expect((await failure(server.run([]))).code).toBe('E_KIND');
});

test('what a function of the app throws is written into the log and ends nothing', async () => {
  const logged: string[] = [];
  const logger = { info: () => undefined, warn: () => undefined, error: (text: string) => logged.push(text) };
  const job = await testBackend(await companionBackend('job', 'job'), { logger });
  const destroyed = (): never => {
    throw new TypeError('Object has been destroyed');
  };
  const done = await job.run(['sum', '42'], { onProgress: destroyed, onLine: destroyed });
  expect(done.result).toEqual({ sum: 42 });
  expect(logged).toEqual([
    '[engine] onProgress threw: TypeError: Object has been destroyed',
    '[engine] onLine threw: TypeError: Object has been destroyed',
  ]);
});

test('every line is delivered, however many there are and however short, and the app stays awake', async () => {
  const count = 100_000;
  const code = `
import sys
for i in range(${count}): print('line', i)
sys.stderr.write(''.join(f'error {i}\\n' for i in range(${count})))
`;
  const job = await testBackend(plainJob(code));
  let turns = 0;
  let isOver = false;
  const turn = (): unknown => (turns += 1) && !isOver && setImmediate(turn);
  turn();
  const next = { stdout: 0, stderr: 0 };
  let wrong = 0;
  const done = await job.run([], {
    onLine: (line, stream) => {
      if (line !== `${stream === 'stdout' ? 'line' : 'error'} ${next[stream]++}`) wrong += 1;
    },
  });
  isOver = true;
  expect({ ...next, wrong }).toEqual({ stdout: count, stderr: count, wrong: 0 });
  expect(done.exitCode).toBe(0);
  expect(done.tail.at(-1)).toBe(`error ${count - 1}`);
  // Two megabytes are no more than 8 KiB at a time.
  expect(turns).toBeGreaterThan(250);
  await job[Symbol.asyncDispose]();
  const log = await readFile(path.join(job.app.getPath('logs'), 'engine.log'), 'utf8');
  const dropped = Array.from(log.matchAll(/… (\d+) lines dropped/g), ([, lines]) => Number(lines));
  const kept = log.split('\n').filter((line) => / (stdout line|stderr error) \d+$/.test(line)).length;
  expect(kept).toBeLessThan(2 * count);
  expect(dropped.reduce((sum, lines) => sum + lines, kept)).toBe(2 * count);
});

test('a program waits for who takes its lines slowly, one after the other', async () => {
  const written = path.join(await temporaryFolder(), 'written');
  const code = `
line = 'x' * 5000
for i in range(500):
    print(i, line)
    open(${JSON.stringify(written)}, 'w').write(str(i))
`;
  const job = await testBackend(plainJob(code));
  const seen: number[] = [];
  let active = 0;
  let most = 0;
  let furthest = 0;
  await job.run([], {
    onLine: async (line) => {
      most = Math.max(most, (active += 1));
      seen.push(Number(line.split(' ')[0]));
      if (seen.length === 20) await waitMs(40);
      if (seen.length === 20) furthest = Number(await readFile(written, 'utf8'));
      active -= 1;
    },
  });
  expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => index));
  expect(most).toBe(1);
  expect(furthest).toBeLessThan(250);
});

test('a job is over when its last line is taken', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  const heard: string[] = [];
  const done = await job.run(['sum', '1', '2'], {
    onLine: async (line) => {
      await waitMs(5);
      heard.push(line);
    },
    onProgress: ({ text }) => heard.push(text),
  });
  expect(heard).toEqual(['adding 1', 'adding 2', 'adding up']);
  expect(done.result).toEqual({ sum: 3 });
});

test('a function that never finishes with a line keeps no job from being cancelled', async () => {
  const job = await testBackend(plainJob('for i in range(100000): print("line", i)'));
  const never = new Promise(() => undefined);
  const error = await failure(job.run([], { timeoutMs: 400, onLine: () => never }));
  expect(error.code).toBe('E_TIMEOUT');
  const stopped = failure(job.run([], { onLine: () => never }));
  await waitMs(50);
  await job.stop();
  expect((await stopped).code).toBe('E_STOPPED');
});

test('what a job leaves behind with its output open keeps neither a line back nor the job', async () => {
  const code = `
import subprocess, sys
sleeper = [sys.executable, '-c', 'import time; time.sleep(20)']
subprocess.Popen(sleeper, start_new_session=True, stdout=sys.stdout, stderr=sys.stderr)
for i in range(5000): print('line', i)
`;
  const job = await testBackend(plainJob(code));
  let lines = 0;
  const began = performance.now();
  await job.run([], { onLine: () => (lines += 1) });
  expect(lines).toBe(5000);
  expect(performance.now() - began).toBeLessThan(5000);
});

test('a rejection of what a function of the app returns is written into the log and ends nothing', async () => {
  const logged: string[] = [];
  const logger = { info: () => undefined, warn: () => undefined, error: (text: string) => logged.push(text) };
  const job = await testBackend(await companionBackend('job', 'job'), { logger });
  const rejects = (): Promise<never> => Promise.reject(new TypeError('no disk'));
  const done = await job.run(['sum', '42'], { onProgress: rejects, onLine: rejects });
  expect(done.result).toEqual({ sum: 42 });
  expect(logged.toSorted()).toEqual([
    '[engine] onLine threw: TypeError: no disk',
    '[engine] onProgress threw: TypeError: no disk',
  ]);
});

test('a job that is cancelled before its program runs rejects with the reason of that', async () => {
  const backend = await companionBackend('job', 'job');
  const job = await testBackend(backend);
  const controller = new AbortController();
  const run = job.run(['hang'], { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(run).rejects.toThrow('enough');
  const slow = await testBackend({
    ...backend,
    get settings() {
      const end = performance.now() + 5;
      while (performance.now() < end);
      return backend.settings;
    },
  });
  expect((await failure(slow.run(['hang'], { timeoutMs: 1 }))).code).toBe('E_TIMEOUT');
});

test(
  'a job that ended is not cancelled while what it left is ended, which is not its time',
  notOnWindows('Windows asks no program to end, and so none refuses'),
  async () => {
    const job = await testBackend(await companionBackend('job', 'job'));
    const controller = new AbortController();
    const began = performance.now();
    const done = await job.run(['leave'], {
      signal: controller.signal,
      onProgress: ({ text }) => {
        void until(() => !isRunning(Number(text)))
          .then(() => waitMs(80))
          .then(() => controller.abort());
      },
    });
    expect(done).toMatchObject({ exitCode: 0, result: 'done' });
    expect(controller.signal.aborted).toBe(true);
    expect(performance.now() - began - done.tookMs).toBeGreaterThan(150);
  },
);

test('a program without the companion finds the end of its input', async () => {
  const job = await testBackend(plainJob('import sys; print(len(sys.stdin.read()))'));
  expect(await job.run([], { timeoutMs: 5000 })).toMatchObject({ exitCode: 0, tail: ['0'] });
});

test('a stop with less grace gives its jobs less, too', async () => {
  const job = await testBackend(
    plainJob(
      'import signal, time; signal.signal(15, signal.SIG_IGN); print("up", flush=True); time.sleep(60)',
    ),
  );
  let isUp = false;
  const stopped = failure(job.run([], { onLine: () => (isUp = true) }));
  await until(() => isUp);
  const began = performance.now();
  await job.stop({ graceMs: 50 });
  expect(performance.now() - began).toBeLessThan(1900);
  expect((await stopped).code).toBe('E_STOPPED');
});

test('methods of other kinds are refused by name', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  const refused = await Promise.all([job.fetch('/'), job.request('x'), job.pipes()].map(failure));
  expect(refused.map(({ code }) => code)).toEqual(['E_KIND', 'E_KIND', 'E_KIND']);
});

test('nothing is run or asked after disposing', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  await job[Symbol.asyncDispose]();
  const refused = await Promise.all(
    [job.run(['exit', '0']), job.fetch('/'), job.request('x'), job.pipes()].map(failure),
  );
  expect(refused.map(({ code }) => code)).toEqual(refused.map(() => 'E_DISPOSED'));
});

test('leaves no listeners on the process behind', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  const before = process.listenerCount('exit');
  await job.run(['exit', '0']);
  expect(process.listenerCount('exit')).toBe(before);
  expect(isRunning(process.pid)).toBe(true);
});

test('a job that cannot import gets the advice that a server gets', async () => {
  const job = await testBackend(await companionBackend('job', 'lacking'));
  const server = await testBackend(await companionBackend('http', 'lacking'));
  const [ran, started] = await Promise.all([failure(job.run([])), failure(server.start())]);
  expect(ran).toMatchObject({ code: 'E_FATAL', detail: { code: 'import', module: 'not_there_at_all' } });
  expect(ran.hint).toContain('backends.engine.requirements');
  expect({ hint: ran.hint, detail: ran.detail }).toEqual({ hint: started.hint, detail: started.detail });
  // Said once, although the message brings the traceback that was printed.
  for (const { tail } of [ran, started])
    expect(tail.filter((line) => line.startsWith('Traceback'))).toHaveLength(1);
});

test('a cancelled job of which something survives is E_STOP_FAILED, as a server is', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  // A process that waits inside the system cannot be had here.
  const sweep = vi.spyOn(ChildProgram.prototype, 'sweep').mockResolvedValueOnce([4242]);
  onTestFinished(() => sweep.mockRestore());
  const controller = new AbortController();
  const run = job.run(['exit', '0'], { signal: controller.signal });
  expect(await run).toMatchObject({ exitCode: 0 });
  sweep.mockResolvedValueOnce([4242]);
  const cancelled = failure(
    job.run(['hang'], { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) }),
  );
  expect(await cancelled).toMatchObject({ code: 'E_STOP_FAILED', detail: [4242] });
});
