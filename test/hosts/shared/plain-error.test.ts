import { expect, test } from 'vitest';
import { PyInstallerError } from '../../../src/errors.js';
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
