import { expect, test } from 'vitest';
import { systemClock } from '../../src/runtime/clock.js';
import { Output } from '../../src/runtime/process/output.js';
import type { ProtocolMessage } from '../../src/runtime/talk/protocol-lines.js';
import { redactMessage } from '../../src/runtime/log/redact-message.js';
import { createRedactor, redacted } from '../../src/runtime/log/redact.js';

const token = 'Zm9vYmFyYmF6cXV4LWEtc2VjcmV0LW9mLTMyLWJ5dGVz';
const redact = createRedactor([token], ['sk-[a-z]{4}', '(']);

test.each([
  ['the bare token', `token is ${token}.`, `token is ${redacted}.`],
  ['twice', `${token}${token}`, `${redacted}${redacted}`],
  ['the header', `authorization: Bearer ${token}`, `authorization: Bearer ${redacted}`],
  ['a header of another request', 'Authorization: Bearer other', `Authorization: Bearer ${redacted}`],
  ['as Python prints it', "{b'authorization': b'Basic abc'}", `{b'authorization': b'Basic ${redacted}'}`],
  ['as JSON', '{"authorization":"Bearer abc"}', `{"authorization":"Bearer ${redacted}"}`],
  [
    'as Python prints ASGI headers',
    "(b'authorization', b'Bearer abc')",
    `(b'authorization', b'Bearer ${redacted}')`,
  ],
  [
    'the header of a token, of any launch',
    'x-electron-pyinstaller-token: other',
    `x-electron-pyinstaller-token: ${redacted}`,
  ],
  [
    'the same as Python prints it',
    "(b'X-Electron-PyInstaller-Token', b'other'), {'HTTP_X_ELECTRON_PYINSTALLER_TOKEN': 'other'}",
    `(b'X-Electron-PyInstaller-Token', b'${redacted}'), {'HTTP_X_ELECTRON_PYINSTALLER_TOKEN': '${redacted}'}`,
  ],
  ["the user's own pattern", 'key sk-abcd', `key ${redacted}`],
  ['nothing secret', 'listening', 'listening'],
])('removes secrets from output: %s', (_, text, expected) => {
  expect(redact(text)).toBe(expected);
});

test('removes a token that was cut in two: what is left of it is too short to be of use', () => {
  for (let cut = 1; cut < token.length; cut++) {
    const [first, last] = [redact(`it is ${token.slice(0, cut)}`), redact(`${token.slice(cut)} it was`)];
    const left = [first.slice('it is '.length), last.slice(0, -' it was'.length)];
    for (const part of left) expect(part === redacted || part.length < 12, `${cut}: ${part}`).toBe(true);
  }
});

test('no part of a token survives where an endless line is cut, wherever it stands there', () => {
  for (let shift = 0; shift < token.length; shift++) {
    const lines: string[] = [];
    const output = new Output(systemClock, redact, true, {
      line: (text) => lines.push(text),
      frame: () => undefined,
    });
    output.push(Buffer.from(`${'x'.repeat(shift)}${`${token} `.repeat(500)}\n`));
    output.end();
    expect(lines).toHaveLength(1);
    expect(lines.join('')).not.toContain(token.slice(0, 12));
    expect(lines.join('')).not.toContain(token.slice(-12));
  }
});

test('a frame in the middle of a line does not save half of a token', () => {
  const lines: string[] = [];
  const output = new Output(systemClock, redact, true, {
    line: (text) => lines.push(text),
    frame: () => undefined,
  });
  output.push(Buffer.from(`a ${token.slice(0, 20)}\u001eEPY1 {"type":"status"}\n${token.slice(20)} b\n`));
  output.end();
  expect(lines).toEqual([`a ${redacted}`, `${redacted} b`]);
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
