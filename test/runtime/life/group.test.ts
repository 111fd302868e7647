import { expect, onTestFinished, test } from 'vitest';
import { createBackends } from '../../../src/runtime/index.js';
import type { BackendGroup } from '../../../src/runtime/index.js';
import type { Manifest } from '../../../src/runtime/manifest.js';
import { startOrder } from '../../../src/runtime/life/start-order.js';
import { temporaryFolder } from '../../support/files.js';
import { companionBackend } from '../companion-support.js';
import { failure } from '../failure.js';
import {
  FakeApp,
  fixtureBackend,
  manifestOf,
  isRunning,
  namedProcesses,
  testSettings,
  until,
} from '../support.js';

const backend = (name: string, startAfter: string[] = [], env: Record<string, string> = {}) => ({
  ...fixtureBackend(env, { startAfter, restart: { ...testSettings.restart, max: 0 } }),
  name,
});

async function groupOf(manifest: Manifest): Promise<{ group: BackendGroup; app: FakeApp; log: string[] }> {
  const app = new FakeApp(await temporaryFolder());
  const group = createBackends({ app, manifest });
  onTestFinished(() => group[Symbol.asyncDispose]());
  const log: string[] = [];
  for (const one of Object.values(group.backends))
    one.on('state', ({ next }) => {
      if (['starting', 'ready', 'stopping', 'stopped'].includes(next)) log.push(`${one.name} ${next}`);
    });
  return { group, app, log };
}

test('starts after what is needed and stops in the opposite order', async () => {
  const { group, log } = await groupOf(
    manifestOf(backend('web', ['model', 'store']), backend('model', ['store']), backend('store')),
  );
  await group.start();
  expect(log).toEqual([
    'store starting',
    'store ready',
    'model starting',
    'model ready',
    'web starting',
    'web ready',
  ]);
  log.length = 0;
  await group.stop();
  expect(log).toEqual([
    'web stopping',
    'web stopped',
    'model stopping',
    'model stopped',
    'store stopping',
    'store stopped',
  ]);
  expect(group.status()['web']).toMatchObject({ state: 'stopped' });
});

test('does not start what needs a backend that failed, but starts the others', async () => {
  const { group } = await groupOf(
    manifestOf(
      backend('store', [], { FIXTURE_BEFORE_READY: 'exit:78' }),
      backend('web', ['store']),
      backend('free'),
    ),
  );
  expect(await failure(group.start())).toMatchObject({ code: 'E_START_EXIT', exitCode: 78 });
  expect(Object.values(group.status()).map(({ name, state }) => `${name} ${state}`)).toEqual([
    'store failed',
    'web idle',
    'free ready',
  ]);
});

test('the app quits when all of them are stopped, in order', async () => {
  const { group, app, log } = await groupOf(manifestOf(backend('store'), backend('web', ['store'])));
  await group.start();
  log.length = 0;
  const quit = new Promise((resolve) => app.once('quit', resolve));
  app.quit();
  await quit;
  expect(log).toEqual(['web stopping', 'web stopped', 'store stopping', 'store stopped']);
});

test('a start during a stop begins when all of them are stopped', async () => {
  const { group, log } = await groupOf(manifestOf(backend('store'), backend('web', ['store'])));
  await group.start();
  log.length = 0;
  const stopped = group.stop();
  await group.start();
  await stopped;
  expect(log.slice(0, 4)).toEqual(['web stopping', 'web stopped', 'store stopping', 'store stopped']);
  expect(log.slice(4)).toEqual(['store starting', 'store ready', 'web starting', 'web ready']);
});

test('a start that waits for the stop ends with its signal', async () => {
  const { group, log } = await groupOf(manifestOf(backend('store', [], { FIXTURE_IGNORE: 'term' })));
  await group.start();
  const stopped = group.stop();
  await expect(group.start({ signal: AbortSignal.timeout(50) })).rejects.toThrow(/timeout/i);
  expect(log.at(-1)).toBe('store stopping');
  await stopped;
});

test('a stop during the start keeps those from starting whose turn did not come', async () => {
  const { group, log } = await groupOf(manifestOf(backend('store'), backend('web', ['store'])));
  let stopped: Promise<void> | undefined;
  group.backends['store']?.on('ready', () => (stopped = group.stop()));
  expect((await failure(group.start())).code).toBe('E_STOPPED');
  await stopped;
  expect(log).toEqual(['store starting', 'store ready', 'store stopping', 'store stopped']);
});

test('the app quits when the running jobs of the group are stopped', async () => {
  const { group, app } = await groupOf(manifestOf(await companionBackend('job', 'job')));
  const { pids, onProgress } = namedProcesses();
  const run = failure(group.backends['engine']?.run(['hang'], { onProgress }) ?? Promise.resolve());
  await until(() => pids.length === 2);
  const quit = new Promise((resolve) => app.once('quit', resolve));
  expect(app.quit()).toBe(false);
  await quit;
  expect((await run).code).toBe('E_STOPPED');
  expect(pids.filter(isRunning)).toEqual([]);
});

test('orders by need and otherwise keeps the order', () => {
  expect(
    startOrder(
      new Map([
        ['a', ['c']],
        ['b', []],
        ['c', ['unknown']],
      ] as [string, string[]][]),
    ),
  ).toEqual(['c', 'a', 'b']);
  expect(() =>
    startOrder(
      new Map([
        ['a', ['b']],
        ['b', ['a']],
      ] as [string, string[]][]),
    ),
  ).toThrow('a -> b -> a');
});
