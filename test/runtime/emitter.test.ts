import { expect, test } from 'vitest';
import { Emitter } from '../../src/runtime/emitter.js';
import { LogSink } from '../../src/runtime/log/log-sink.js';
import { waitMs } from './support.js';

/** What reached nobody while `work` ran. */
async function unhandled(work: () => void): Promise<unknown[]> {
  const seen: unknown[] = [];
  const before = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => seen.push(reason));
  work();
  await waitMs(20);
  process.removeAllListeners('unhandledRejection');
  for (const listener of before) process.on('unhandledRejection', listener);
  return seen;
}

test.each([
  ['an async function', async () => Promise.reject(new Error('async'))],
  [
    'a thenable that is no promise',
    // oxlint-disable-next-line unicorn/no-thenable
    () => ({ then: (_: unknown, reject: (reason: Error) => void) => reject(new Error('async')) }),
  ],
])(
  'what %s as a listener rejects with is reported, and others hear of the event',
  async (_title, listener) => {
    const reported: string[] = [];
    const heard: number[] = [];
    const emitter = new Emitter<{ count: number }>((error, event) =>
      reported.push(`${event}: ${String(error)}`),
    );
    emitter.on('count', listener);
    emitter.on('count', (count) => heard.push(count));
    expect(await unhandled(() => emitter.emit('count', 1))).toEqual([]);
    expect(reported).toEqual(['count: Error: async']);
    expect(heard).toEqual([1]);
  },
);

test('a report that throws is nobody else’s trouble, for async listeners too', async () => {
  const emitter = new Emitter<{ count: number }>(() => {
    throw new Error('nobody to tell');
  });
  emitter.on('count', async () => Promise.reject(new Error('async')));
  expect(await unhandled(() => emitter.emit('count', 1))).toEqual([]);
});

test('a logger that works asynchronously and fails does not end the app', async () => {
  const fail = (async () => Promise.reject(new Error('no network'))) as () => void;
  const logger = { info: fail, warn: fail, error: fail };
  const sink = new LogSink({ name: 'engine', file: null, maxFiles: 1, maxBytes: 1, logger });
  expect(await unhandled(() => sink.output('stdout', 'line', false))).toEqual([]);
});
