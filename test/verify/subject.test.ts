import { expect, test } from 'vitest';
import { expectedConsole } from '../../src/verify/subject.js';
import { makeBackend } from '../freeze/support/project.js';

const files = { 'backend/main.py': '', 'x.spec': '' };

test('a window program is a mistake, unless a hand-written spec makes it one', async () => {
  const served = { address: { port: 8000 }, ready: '/ok' };
  expect(expectedConsole(await makeBackend(files, { entry: 'backend/main.py' }))).toBe(true);
  expect(
    expectedConsole(await makeBackend(files, { pyinstaller: { spec: 'x.spec' }, ...served })),
  ).toBeNull();
});
