import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { untilCancelled } from '../../../src/hosts/electron-builder/cancellation.js';
import type { BuilderPackager } from '../../../src/hosts/electron-builder/context.js';

class Token extends EventEmitter {
  cancelled = false;
}

const packagerWith = (cancellationToken: Token): BuilderPackager => ({
  config: {},
  projectDir: '/project',
  cancellationToken,
});

test('work that ended although the build was cancelled meanwhile is no success', async () => {
  const token = new Token();
  const work = untilCancelled(packagerWith(token), () => {
    token.cancelled = true;
    return Promise.resolve('done');
  });
  await expect(work).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
});

test('the work hears of it, and nothing listens afterwards', async () => {
  const token = new Token();
  const heard = await untilCancelled(packagerWith(token), (signal) => {
    token.emit('cancel');
    return Promise.resolve(signal.aborted);
  });
  expect(heard).toBe(true);
  expect(token.listenerCount('cancel')).toBe(0);
});

test('a build that cannot be cancelled is just done', async () => {
  const packager = { config: {}, projectDir: '/project' } as unknown as BuilderPackager;
  expect(await untilCancelled(packager, () => Promise.resolve('done'))).toBe('done');
});
