import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { stopBeforeUpdate, stopOnSessionEnd } from '../../../src/runtime/index.js';
import { stopOnQuit } from '../../../src/runtime/life/quit.js';
import { waitUntilWritable } from '../../../src/runtime/life/update.js';
import { FakeClock } from '../model/fake-clock.js';
import { FakeApp, fixtureBackend, isRunning, testBackend, until, waitMs } from '../support.js';

const member = (stopMs: number) => {
  let active = true;
  return {
    stops: 0,
    isActive: () => active,
    stop() {
      this.stops += 1;
      return new Promise<void>((resolve) => {
        setTimeout(() => {
          active = false;
          resolve();
        }, stopMs);
      });
    },
  };
};

test('one guard for all: the quit waits for every backend and asks each once', async () => {
  const app = new FakeApp('/x');
  const [one, two] = [member(30), member(60)];
  stopOnQuit(app, one);
  stopOnQuit(app, two);
  expect(app.listenerCount('will-quit')).toBe(1);
  const quit = new Promise((resolve) => app.once('quit', resolve));
  expect(app.quit()).toBe(false);
  expect(app.quit()).toBe(false);
  await quit;
  expect([one.stops, two.stops]).toEqual([1, 1]);
  expect(app.quit()).toBe(true);
});

test('an app whose backends are stopped quits at once', () => {
  const app = new FakeApp('/x');
  const one = member(0);
  const forget = stopOnQuit(app, one);
  forget();
  expect(app.quit()).toBe(true);
});

test('a backend that cannot be stopped holds the quit back ten seconds at most', async () => {
  vi.useFakeTimers();
  try {
    const app = new FakeApp('/x');
    stopOnQuit(app, { isActive: () => true, stop: () => new Promise(() => undefined) });
    let quitted = false;
    app.once('quit', () => (quitted = true));
    app.quit();
    await vi.advanceTimersByTimeAsync(9900);
    expect(quitted).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(quitted).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test('a quit that somebody else held back does not let the next one pass', async () => {
  const app = new FakeApp('/x');
  const one = {
    stops: 0,
    isActive: () => true,
    stop: () => Promise.reject(new Error(`${(one.stops += 1)}`)),
  };
  stopOnQuit(app, one);
  let held = 0;
  app.on('will-quit', (event: { preventDefault(): void }) => {
    held += 1;
    if (held === 2) event.preventDefault();
  });
  app.quit();
  await until(() => held === 2);
  await waitMs(10);
  expect(app.quit()).toBe(false);
  await until(() => app.quits === 4);
  expect(one.stops).toBe(2);
});

test('what is started again during the quit is stopped again, but not for ever', async () => {
  const backend = await testBackend();
  await backend.start();
  const once = backend.on('stopped', () => {
    once();
    void backend.start().catch(() => undefined);
  });
  const quit = new Promise((resolve) => backend.app.once('quit', resolve));
  backend.app.quit();
  await quit;
  expect(backend.status().state).toBe('stopped');

  const app = new FakeApp('/x');
  const restless = {
    stops: 0,
    isActive: () => true,
    stop: () => Promise.resolve(void (restless.stops += 1)),
  };
  stopOnQuit(app, restless);
  const quitted = new Promise((resolve) => app.once('quit', resolve));
  app.quit();
  await quitted;
  expect(restless.stops).toBe(3);
});

test('the end of a Windows session and an update stop the backends', async () => {
  const window = new EventEmitter();
  const updater = new EventEmitter();
  const backend = await testBackend(fixtureBackend());
  stopOnSessionEnd(window, backend);
  stopBeforeUpdate(updater, backend);
  await backend.start();
  const first = backend.status().pid ?? 0;
  window.emit('session-end');
  await until(() => backend.status().state === 'stopped');
  expect(isRunning(first)).toBe(false);
  await backend.start();
  const second = backend.status().pid ?? 0;
  updater.emit('before-quit-for-update');
  await until(() => backend.status().state === 'stopped');
  expect(isRunning(second)).toBe(false);
});

test('waits for a program that is locked after its end, but not for ever', async () => {
  const clock = new FakeClock();
  let left = 3;
  const open = (): Promise<void> =>
    left-- > 0 ? Promise.reject(Object.assign(new Error('busy'), { code: 'EBUSY' })) : Promise.resolve();
  const writable = waitUntilWritable('C:\\x.exe', clock, 'win32', open);
  await clock.advance(400);
  expect(await writable).toBe(true);
  left = Number.POSITIVE_INFINITY;
  const locked = waitUntilWritable('C:\\x.exe', clock, 'win32', open);
  await clock.advance(6000);
  expect(await locked).toBe(false);
  expect(await waitUntilWritable('/x', clock, 'linux', open)).toBe(true);
  const missing = (): Promise<void> => Promise.reject(Object.assign(new Error('no'), { code: 'ENOENT' }));
  expect(await waitUntilWritable('C:\\x.exe', clock, 'win32', missing)).toBe(true);
});

test('disposing ends everything and refuses what comes after', async () => {
  const backend = await testBackend();
  await backend.start();
  const { pid } = backend.status();
  await backend[Symbol.asyncDispose]();
  expect(isRunning(pid ?? 0)).toBe(false);
  await expect(backend.start()).rejects.toMatchObject({ code: 'E_DISPOSED' });
  expect(backend.app.quit()).toBe(true);
});
