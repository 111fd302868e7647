import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCredentials } from '../../../src/runtime/talk/handshake.js';
import { Output } from '../../../src/runtime/process/output.js';
import { createRedactor } from '../../../src/runtime/log/redact.js';
import { FakeClock } from '../model/fake-clock.js';

test.each([
  ['a header', 'GET / Authorization: Bearer abc.def-123', 'GET / Authorization: Bearer [redacted]'],
  [
    'a Python dictionary',
    "{'authorization': 'Bearer abc', 'x': 1}",
    "{'authorization': 'Bearer [redacted]', 'x': 1}",
  ],
  ['a raw header tuple', "(b'authorization', b'Bearer abc')", "(b'authorization', b'Bearer [redacted]')"],
  ['a header of another scheme', 'Authorization: Token SECRET', 'Authorization: Token [redacted]'],
  ['a header that was cleaned', 'Authorization: Key [redacted]', 'Authorization: Key [redacted]'],
  ['a coloured text', '\u001B[36mkey sk-\u001B[1mlive-\u001B[0m1234 used', 'key [redacted] used'],
  [
    'a coloured header',
    '\u001B[36mAuthorization\u001B[0m: \u001B[35mBearer\u001B[0m abc',
    'Authorization: Bearer [redacted]',
  ],
  ['a coloured text without secrets', '\u001B[36mkey\u001B[0m', '\u001B[36mkey\u001B[0m'],
  ['a pattern of the user', 'key sk-live-1234 used', 'key [redacted] used'],
  ['nothing secret', 'Listening on port 8000', 'Listening on port 8000'],
])('removes secrets from %s', (_title, text, clean) => {
  expect(createRedactor([], [String.raw`sk-live-\w+`])(text)).toBe(clean);
});

test('ignores a pattern that is no regular expression', () => {
  expect(createRedactor([], ['('])('(a)')).toBe('(a)');
});

test('the token never leaves the output, wherever it stands and however it is cut', () => {
  const { token } = createCredentials();
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 17_000 }),
      fc.array(fc.nat(18_000), { maxLength: 6 }),
      fc.boolean(),
      (before, places, newline) => {
        const delivered: string[] = [];
        const output = new Output(new FakeClock(), createRedactor([token], []), true, {
          line: (text) => delivered.push(text),
          frame: () => undefined,
        });
        const whole = Buffer.from(`${'x'.repeat(before)}${token} and more${newline ? '\n' : ''}`);
        let from = 0;
        for (const place of [...places.sort((a, b) => a - b), whole.length]) {
          output.push(whole.subarray(from, place));
          from = Math.max(from, place);
        }
        output.end();
        const text = delivered.join('\n');
        // Whatever holds more of it holds this.
        expect(text).not.toContain(token.slice(0, 8));
      },
    ),
    { numRuns: 10_000 },
  );
});
