import { expect, test, vi } from 'vitest';
import { interruptible } from '../../../src/hosts/shared/interrupt.js';

test('a signal aborts the work; it may come twice, and the next one half a second later is not ours', async () => {
  vi.useFakeTimers();
  try {
    const before = process.listenerCount('SIGTERM');
    const result = await interruptible(async (signal) => {
      process.emit('SIGTERM');
      return signal.aborted;
    });
    expect(result).toBe(true);
    // What a process without a listener gets ends it: the second half of one Ctrl-C must not.
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    vi.advanceTimersByTime(500);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  } finally {
    vi.useRealTimers();
  }
});

test('no listener is left when no signal came, whether the work succeeded or failed', async () => {
  const counts = (): number[] =>
    (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => process.listenerCount(name));
  const before = counts();
  const during = await interruptible(() => Promise.resolve(counts()));
  expect(during).toEqual(before.map((count) => count + 1));
  expect(counts()).toEqual(before);
  await expect(interruptible(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(counts()).toEqual(before);
});

test('the host cancels the work as a signal does', async () => {
  const host = new AbortController();
  const cancelled = await interruptible((signal) => {
    host.abort();
    return Promise.resolve(signal.aborted);
  }, host.signal);
  expect(cancelled).toBe(true);
});
