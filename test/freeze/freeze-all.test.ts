import { expect, test } from 'vitest';
import { PyInstallerError } from '../../src/errors.js';
import { freezeAll } from '../../src/freeze/freeze-all.js';
import { fakeBackend, fakeFrozen } from '../hosts/shared/fakes.js';

/** What is never called: nothing is frozen here. */
const verify = (): Promise<never> => Promise.reject(new Error('not asked for'));
const names = ['first', 'second', 'third'];
const backends = names.map((name) => fakeBackend({ name }));

/** Rejects when the signal does, as a freeze that is cancelled. */
function untilCancelled(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const cancel = (): void => reject(new PyInstallerError('ERR_CANCELLED', 'cancelled'));
    if (signal?.aborted === true) cancel();
    else signal?.addEventListener('abort', cancel);
  });
}

test('after a failure the others are cancelled, and the failure is what is told', async () => {
  const ended: string[] = [];
  const failed = freezeAll(backends, { cacheDir: '/cache', verify }, async ({ name }, { signal }) => {
    if (name === 'second') throw new PyInstallerError('ERR_FREEZE', 'broken', { backend: name });
    return untilCancelled(signal).finally(() => ended.push(name));
  });
  await expect(failed).rejects.toMatchObject({ code: 'ERR_FREEZE', backend: 'second' });
  expect(ended).toEqual(['first']);
});

test('who cancels the call cancels every freeze', async () => {
  const stop = new AbortController();
  const running = freezeAll(
    backends,
    { cacheDir: '/cache', verify, signal: stop.signal },
    (_backend, { signal }) => untilCancelled(signal),
  );
  stop.abort();
  await expect(running).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
});

test('results come in the order asked for, however long each takes, and a success cancels nobody', async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const frozen = await freezeAll(
    backends,
    { cacheDir: '/cache', verify, force: true },
    async (backend, options) => {
      expect(options).toMatchObject({ cacheDir: '/cache', verify, force: true });
      signals.push(options.signal);
      for (let turns = 3 - names.indexOf(backend.name); turns > 0; turns--) await Promise.resolve();
      return fakeFrozen('/bundle', [], { name: backend.name });
    },
  );
  expect(frozen.map(({ backend }) => backend.name)).toEqual(names);
  expect(signals.map((signal) => signal?.aborted)).toEqual([false, false, false]);
});
