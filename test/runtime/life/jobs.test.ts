import { expect, test } from 'vitest';
import type { JobProgress } from '../../../src/runtime/index.js';
import type { BackendManifest } from '../../../src/runtime/manifest.js';
import { companionBackend } from '../companion-support.js';
import { failure } from '../failure.js';
import { fixtureBackend, isRunning, processesWith, testBackend, until, waitMs } from '../support.js';

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

test('a cancelled job ends with everything it started', async () => {
  const backend = await companionBackend('job', 'job', { env: { JOB_MARK: 'cancelled-job' } });
  const job = await testBackend(backend);
  const controller = new AbortController();
  const run = job.run(['hang'], {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await expect(run).rejects.toThrow('enough');
  expect(processesWith('JOB_MARK=cancelled-job')).toEqual([]);
});

test('a job that takes too long is stopped', async () => {
  const job = await testBackend(await companionBackend('job', 'job', { env: { JOB_MARK: 'late-job' } }));
  const error = await failure(job.run(['hang'], { timeoutMs: 700 }));
  expect(error.code).toBe('E_TIMEOUT');
  expect(error.message).toContain('700 ms');
  expect(processesWith('JOB_MARK=late-job')).toEqual([]);
});

test('stopping the backend and quitting the app end its jobs', async () => {
  const job = await testBackend(await companionBackend('job', 'job', { env: { JOB_MARK: 'stopped-job' } }));
  const stopped = failure(job.run(['hang']));
  await until(() => processesWith('JOB_MARK=stopped-job').length === 2);
  await job.stop();
  expect((await stopped).code).toBe('E_STOPPED');
  const quitted = failure(job.run(['hang']));
  await until(() => processesWith('JOB_MARK=stopped-job').length === 2);
  const quit = new Promise((resolve) => job.app.once('quit', resolve));
  expect(job.app.quit()).toBe(false);
  await quit;
  expect((await quitted).code).toBe('E_STOPPED');
  expect(processesWith('JOB_MARK=stopped-job')).toEqual([]);
});

test('tells why a job gave up, was killed or never began', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  expect(await failure(job.run(['fatal']))).toMatchObject({ code: 'E_FATAL', exitCode: 78 });
  expect(await failure(job.run(['abort']))).toMatchObject({ code: 'E_CRASH', signal: 'SIGABRT' });
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

test('a job that ended is not cancelled while what it left is ended, which is not its time', async () => {
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
});

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
