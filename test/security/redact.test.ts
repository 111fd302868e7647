import { expect, test } from 'vitest';
import type { ProtocolMessage } from '../../src/runtime/protocol-lines.js';
import { redactMessage } from '../../src/runtime/redact-message.js';
import { createRedactor, redacted } from '../../src/runtime/redact.js';

const token = 'Zm9vYmFyYmF6cXV4LWEtc2VjcmV0LW9mLTMyLWJ5dGVz';
const redact = createRedactor([token], ['sk-[a-z]{4}', '(']);

test.each([
  ['the bare token', `token is ${token}.`, `token is ${redacted}.`],
  ['twice', `${token}${token}`, `${redacted}${redacted}`],
  ['a header of another request', 'Authorization: Bearer other', `Authorization: Bearer ${redacted}`],
  ['as Python prints it', "{b'authorization': b'Basic abc'}", `{b'authorization': b'Basic ${redacted}'}`],
  ['as JSON', '{"authorization":"Bearer abc"}', `{"authorization":"Bearer ${redacted}"}`],
  [
    'as Python prints ASGI headers',
    "(b'authorization', b'Bearer abc')",
    `(b'authorization', b'Bearer ${redacted}')`,
  ],
  ["the user's own pattern", 'key sk-abcd', `key ${redacted}`],
  ['nothing secret', 'listening', 'listening'],
])('removes secrets from output: %s', (_, text, expected) => {
  expect(redact(text)).toBe(expected);
});

test('removes secrets from what a backend says about itself, and leaves its answers alone', () => {
  const messages: readonly ProtocolMessage[] = [
    { type: 'status', text: `with ${token}`, percent: 1 },
    { type: 'progress', text: `with ${token}`, percent: null },
    { type: 'fatal', code: 'config', message: token, traceback: `  token=${token}\n`, module: null },
    { type: 'fatal', code: token, message: '', traceback: null, module: token },
  ];
  for (const message of messages) {
    const clean = redactMessage(message, redact);
    expect(JSON.stringify(clean)).not.toContain(token);
    expect(clean.type).toBe(message.type);
  }
  const result: ProtocolMessage = { type: 'result', value: token };
  expect(redactMessage(result, redact)).toEqual(result);
});
