import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createBackend, createBackends, isBackendError } from '../../src/runtime/index.js';
import type { BackendError, BackendOptions } from '../../src/runtime/index.js';
import type { RuntimeSettings } from '../../src/runtime/manifest.js';
import { temporaryFolder } from '../support/files.js';
import {
  FakeApp,
  fixtureBackend,
  isRunning,
  signal,
  statusAt,
  testBackend,
  testSettings,
} from './support.js';

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
  expect(await statusAt(`${url}/facts`)).toBe(401);
  await backend.stop();
  expect(isRunning(facts.pid)).toBe(false);
  expect(backend.status()).toMatchObject({ state: 'stopped', url: null });
  expect(states).toEqual(['idle>starting', 'starting>ready', 'ready>stopping', 'stopping>stopped']);
});

test('times in events are whole milliseconds', async () => {
  const backend = await testBackend();
  const times: number[] = [];
  backend.on('ready', ({ startupMs, phases }) => times.push(startupMs, ...Object.values(phases)));
  backend.on('stopped', ({ tookMs }) => times.push(tookMs));
  await backend.start();
  await backend.stop();
  expect(times.length).toBeGreaterThan(3);
  expect(times.filter((time) => !Number.isInteger(time))).toEqual([]);
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

test('what gives up while it runs is not started again, and says why', async () => {
  const backend = await testBackend(fixtureBackend({ FIXTURE_AFTER_READY: 'fatal:0.1' }));
  const failed = new Promise((resolve) => backend.on('failed', resolve));
  await backend.start();
  await failed;
  expect(backend.status()).toMatchObject({
    state: 'failed',
    generation: 1,
    error: {
      code: 'E_FATAL',
      message: expect.stringContaining('The backend "engine": it gave up (config): the database') as string,
    },
  });
});

test('a stop while it waits for the next attempt leaves no error behind', async () => {
  const backend = await testBackend(
    fixtureBackend(
      { FIXTURE_BEFORE_READY: 'exit:1' },
      { restart: { ...testSettings.restart, delayMs: 60_000 } },
    ),
  );
  const waiting = new Promise((resolve) => backend.on('restarting', resolve));
  const started = failure(backend.start());
  await waiting;
  expect(backend.status()).toMatchObject({ state: 'backoff', error: { code: 'E_START_EXIT' } });
  await backend.stop();
  expect((await started).code).toBe('E_STOPPED');
  expect(backend.status()).toMatchObject({ state: 'stopped', error: null });
});

test('while what a crashed backend left is swept up, it has no address, token or process', async () => {
  const backend = await testBackend(fixtureBackend({ FIXTURE_CHILD: 'session' }));
  await backend.start();
  const seen = new Promise((resolve) =>
    backend.on('exit', () => resolve({ ...backend.status(), token: backend.token() })),
  );
  signal(backend.status().pid, 'SIGKILL');
  expect(await seen).toMatchObject({ state: 'ready', url: null, pid: null, token: null });
});

test('a later stop may be in more of a hurry, and never in less', async () => {
  const stop = { graceMs: 1500, terminateMs: 100, killMs: 500, http: null };
  for (const hurries of [
    [undefined, 100],
    [100, 60_000],
    [60_000, 100],
  ] as const) {
    const backend = await testBackend(fixtureBackend({ FIXTURE_IGNORE: 'term' }, { stop }));
    await backend.start();
    const begunMs = performance.now();
    await Promise.all(hurries.map((graceMs) => backend.stop(graceMs === undefined ? {} : { graceMs })));
    expect(performance.now() - begunMs).toBeLessThan(1400);
  }
});

test('a start that is given up while it still waits for its turn begins nothing', async () => {
  const backend = await testBackend();
  await backend.start();
  let reason: unknown;
  const given = new Promise<void>((resolve) => {
    backend.on('stopped', () => {
      const controller = new AbortController();
      backend.start({ signal: controller.signal }).catch((error: unknown) => {
        reason = error;
        resolve();
      });
      controller.abort(new Error('given up'));
    });
  });
  await backend.stop();
  await given;
  expect(reason).toMatchObject({ message: 'given up' });
  expect(backend.status().state).toBe('stopped');
});

test('the longest times that can be configured are times', async () => {
  const longest = 2_147_483_647;
  const backend = await testBackend(
    fixtureBackend(
      {},
      {
        ready: { ...testSettings.ready, timeoutMs: longest, slowAfterMs: longest },
        stop: { graceMs: longest, terminateMs: longest, killMs: longest, http: null },
      },
    ),
  );
  const warnings: Error[] = [];
  const warned = (warning: Error): number => warnings.push(warning);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  await backend.start();
  await backend.restart();
  expect(backend.status()).toMatchObject({ state: 'ready', generation: 2 });
  await backend.stop();
  expect(warnings).toEqual([]);
});

test('a listener may throw what has no text', async () => {
  const backend = await testBackend();
  backend.on('state', () => {
    throw Object.create(null);
  });
  await backend.start();
  expect(backend.status().state).toBe('ready');
});

test('an update is not held up by a program that is missing', async () => {
  const backend = await testBackend({
    ...fixtureBackend(),
    program: {
      type: 'frozen',
      mode: 'onedir',
      platform: process.platform,
      directories: {},
      executable: 'engine',
      files: {},
    },
  });
  await expect(backend.prepareForUpdate()).resolves.toBe(undefined);
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
    hint: `See ${path.join(backend.app.getPath('logs'), 'engine.log')} for its last output.`,
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

test('names the option that is missing', async () => {
  const app = new FakeApp(await temporaryFolder());
  const call = (options: object) => () => createBackend(options as BackendOptions);
  expect(call({ name: 'engine' })).toThrow(
    new TypeError("createBackend: the option `app` is missing; pass Electron's `app`"),
  );
  expect(call({ app })).toThrow(/^createBackend: the option `name` is missing; pass the name of the backend/);
  expect(() => createBackends({} as BackendOptions)).toThrow(/^createBackends: the option `app` is missing/);
});

test.each([
  ['nothing', undefined, '`address`'],
  ['one group only', { address: testSettings.address }, '`ready`'],
])('tells when configure returns %s', async (_title, returned, missing) => {
  const configure = () => returned as RuntimeSettings;
  const backend = await testBackend(fixtureBackend(), { configure });
  const error = await failure(backend.start());
  expect(error).toMatchObject({ code: 'E_MANIFEST', retryable: false });
  expect(error.message).toContain(`\`configure\` returned settings without ${missing}`);
});
