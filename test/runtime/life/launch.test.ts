import { expect, test } from 'vitest';
import { fixtureBackend, testBackend } from '../support.js';

test('a program that prints what it was told shows neither the token nor what its proofs are made with', async () => {
  const backend = fixtureBackend({}, {}, { kind: 'job' });
  if (backend.program.type !== 'development') throw new Error('not a development program');
  const program = { ...backend.program, args: ['-c', 'print(input())'] };
  const job = await testBackend({ ...backend, program });
  const { tail } = await job.run();
  expect(JSON.parse(tail.join(''))).toMatchObject({ token: '[redacted]', nonce: '[redacted]' });
});
