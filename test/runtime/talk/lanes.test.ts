import { expect, test, vi } from 'vitest';
import { createLanes, type Lanes } from '../../../src/runtime/talk/lanes.js';

/** Fill all lanes. */
function full(): Lanes {
  const lanes = createLanes();
  for (let request = 0; request < 16; request++) expect(lanes.enter(null)).toBeNull();
  return lanes;
}

test('the seventeenth request waits until one has ended, and the next one until another has', async () => {
  const lanes = full();
  const entered: string[] = [];
  const first = lanes.enter(null)?.then(() => entered.push('first'));
  void lanes.enter(null)?.then(() => entered.push('second'));
  lanes.leave();
  await first;
  expect(entered).toEqual(['first']);
});

test('where nothing ends, as with streams, all others come in after a moment, and their lanes stay', async () => {
  vi.useFakeTimers();
  try {
    const lanes = full();
    const waiting = Array.from({ length: 40 }, async () => await lanes.enter(null));
    await vi.advanceTimersByTimeAsync(150);
    await Promise.all(waiting);
    expect(lanes.enter(null)).toBeNull();
  } finally {
    vi.useRealTimers();
  }
});

test('who gives up while waiting learns it at once, and takes no lane', async () => {
  const lanes = full();
  const caller = new AbortController();
  const given = lanes.enter(caller.signal);
  const next = lanes.enter(null);
  caller.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  lanes.leave();
  await next;
});
