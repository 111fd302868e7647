import { expect, test } from 'vitest';
import type { JobProgress } from '../../src/runtime/index.js';
import { companionBackend } from './companion-support.js';
import { failure } from './failure.js';
import { fixtureBackend, isRunning, processesWith, testBackend, until } from './support.js';

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

test('leaves no listeners on the process behind', async () => {
  const job = await testBackend(await companionBackend('job', 'job'));
  const before = process.listenerCount('exit');
  await job.run(['exit', '0']);
  expect(process.listenerCount('exit')).toBe(before);
  expect(isRunning(process.pid)).toBe(true);
});
