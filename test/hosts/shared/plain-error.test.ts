import { expect, test } from 'vitest';
import { PyInstallerError } from '../../../src/errors.js';
import { interruptible } from '../../../src/hosts/shared/interrupt.js';
import { plainError } from '../../../src/hosts/shared/plain-error.js';

test('an error of ours is one message without a stack', () => {
  const error = new PyInstallerError('ERR_FREEZE', 'Freezing "engine" failed.', {
    hint: 'Add hiddenImports.',
  });
  const plain = plainError(error, {}) as Error & { code: string };
  expect(plain.stack).toBe('electron-pyinstaller: Freezing "engine" failed.\nAdd hiddenImports.');
  expect(plain.toString()).toBe(plain.stack);
  expect(plain.code).toBe('ERR_FREEZE');
});

test('a bug keeps its stack, and so does everything when DEBUG names the package', () => {
  const bug = new TypeError('x is not a function');
  expect(plainError(bug, {})).toBe(bug);
  const error = new PyInstallerError('ERR_FREEZE', 'failed');
  expect(plainError(error, { DEBUG: 'electron-pyinstaller:*' })).toBe(error);
});

test('a signal aborts the work once, and the listeners are gone afterwards', async () => {
  const before = process.listenerCount('SIGTERM');
  const result = await interruptible(async (signal) => {
    process.emit('SIGTERM');
    return signal.aborted;
  });
  expect(result).toBe(true);
  expect(process.listenerCount('SIGTERM')).toBe(before);
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
