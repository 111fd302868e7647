import { expect, test } from 'vitest';
import { mayBringUv } from '../../../src/python/environment/bring-uv.js';
import { resolvedBackend } from '../../support/backend.js';

const { python } = resolvedBackend(process.cwd(), { entry: 'package.json' });

test.each([
  [{ installer: 'auto' as const }, true],
  [{ installer: 'uv' as const }, true],
  [{ installer: 'pip' as const }, false],
  [{ installer: 'auto' as const, offline: true }, false],
  [{ installer: 'auto' as const, offline: true, findLinks: ['wheels'] }, true],
])('uv is brought unless pip is asked for, or there is nowhere to have it from: %j', (changed, expected) => {
  expect(mayBringUv({ ...python, ...changed })).toBe(expected);
});
