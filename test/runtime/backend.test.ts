import { expect, test } from 'vitest';
import { isBackendError } from '../../src/runtime/index.js';
import type { BackendError } from '../../src/runtime/index.js';
import { fixtureBackend, isRunning, testBackend, testSettings } from './support.js';

/** The error a promise rejects with. */
async function failure(promise: Promise<unknown>): Promise<BackendError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!isBackendError(error)) throw error as Error;
  return error;
}

test('starts a backend, talks to it with the token and stops it without a trace', async () => {
  const backend = await testBackend();
  const states: string[] = [];
  backend.on('state', ({ prev, next }) => states.push(`${prev}>${next}`));
  expect(backend.status()).toMatchObject({ state: 'idle', url: null, pid: null });
  await backend.start();
  const { pid, url } = backend.status();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const facts = (await (await backend.fetch('/facts')).json()) as { pid: number; env: object };
  expect(facts.pid).toBe(pid);
  expect((await fetch(`${url}/facts`)).status).toBe(401);
  await backend.stop();
  expect(isRunning(facts.pid)).toBe(false);
  expect(backend.status()).toMatchObject({ state: 'stopped', url: null });
  expect(states).toEqual(['idle>starting', 'starting>ready', 'ready>stopping', 'stopping>stopped']);
});

test('restarts after a crash with a new token and keeps the fetches of those who wait', async () => {
  const backend = await testBackend();
  await backend.start();
  const before = backend.token();
  const crashed = new Promise((resolve) => backend.on('exit', resolve));
  await backend.fetch('/exit').catch(() => undefined);
  expect(await crashed).toMatchObject({ code: 3, expected: false, generation: 1 });
  expect((await backend.fetch('/health')).status).toBe(200);
  expect(backend.status()).toMatchObject({ state: 'ready', generation: 2 });
  expect(backend.token()).not.toBe(before);
});

test('names the missing module and does not try again', async () => {
  const backend = await testBackend(fixtureBackend({ FIXTURE_BEFORE_READY: 'raise:no_such_thing' }));
  const error = await failure(backend.start());
  expect(error).toMatchObject({ code: 'E_START_EXIT', exitCode: 1, retryable: false, generation: 1 });
  expect(error.hint).toContain('no_such_thing');
  expect(error.tail.join('\n')).toContain('ModuleNotFoundError');
  expect(backend.status().state).toBe('failed');
});

test('gives up after three starts that fail', async () => {
  const backend = await testBackend(
    fixtureBackend({ FIXTURE_BEFORE_READY: 'exit:1' }, { restart: { ...testSettings.restart, delayMs: 10 } }),
  );
  const delays: number[] = [];
  backend.on('restarting', ({ delayMs }) => delays.push(delayMs));
  expect(await failure(backend.start())).toMatchObject({
    code: 'E_START_EXIT',
    exitCode: 1,
    retryable: true,
    generation: 3,
  });
  expect(delays).toHaveLength(2);
  expect(backend.status().state).toBe('failed');
});

test('holds back the quit of the app until the backend is stopped', async () => {
  const backend = await testBackend();
  await backend.start();
  const { pid } = backend.status();
  const quit = new Promise((resolve) => backend.app.once('quit', resolve));
  expect(backend.app.quit()).toBe(false);
  await quit;
  expect(isRunning(pid ?? 0)).toBe(false);
  expect(backend.app.quits).toBe(2);
});
