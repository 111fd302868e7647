import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  acceptAddress,
  createCredentials,
  isProof,
  proofOf,
  openingLine,
} from '../../../src/runtime/talk/handshake.js';
import { parseProtocolLine } from '../../../src/runtime/talk/protocol-lines.js';
import { fixtureBackend } from '../support.js';

test('makes other secrets each time and accepts only their own proof', () => {
  const [one, two] = [createCredentials(), createCredentials()];
  expect(Buffer.from(one.token, 'base64url')).toHaveLength(32);
  expect(one.token).not.toBe(two.token);
  const proof = createHmac('sha256', one.token).update(one.nonce).digest('hex');
  expect(proofOf(one.token, one.nonce)).toBe(proof);
  expect(isProof(proof, one.token, one.nonce)).toBe(true);
  for (const wrong of [proofOf(two.token, two.nonce), '', proof.toUpperCase(), `${proof}0`, proof.slice(1)])
    expect(isProof(wrong, one.token, one.nonce)).toBe(false);
});

test('the opening is one line with everything the protocol names', () => {
  const credentials = createCredentials();
  const line = openingLine(
    fixtureBackend(),
    credentials,
    { type: 'announce' },
    { userData: '/ü s', resources: '/r' },
  );
  expect(line.endsWith('\n')).toBe(true);
  expect(line.trimEnd()).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    v: 2,
    name: 'engine',
    kind: 'http',
    ...credentials,
    address: { type: 'announce' },
    requireToken: true,
    lifeline: 'thread',
    graceMs: 2000,
    parentPid: process.pid,
    userData: '/ü s',
    resources: '/r',
    stdio: 'json-lines',
    healthPath: null,
  });
});

const port = { type: 'port', host: '127.0.0.1', port: 8000 } as const;
const announce = { type: 'announce' } as const;
const tcp = (host: string, number: number) => ({ type: 'tcp', host, port: number }) as const;

test.each([
  [tcp('127.0.0.1', 5000), announce, 'http://127.0.0.1:5000'],
  [tcp('::1', 5000), announce, 'http://[::1]:5000'],
  [tcp('localhost', 5000), announce, 'http://127.0.0.1:5000'],
  [tcp('127.0.0.1', 8000), port, 'http://127.0.0.1:8000'],
  [tcp('127.0.0.1', 8003), { ...port, to: 8003 }, 'http://127.0.0.1:8003'],
] as const)('accepts the address %o', (announced, requested, url) => {
  expect(acceptAddress(announced, requested)).toMatchObject({ url });
});

test.each([
  ['another port', tcp('127.0.0.1', 8001), port],
  ['a port above the range', tcp('127.0.0.1', 8004), { ...port, to: 8003 }],
  ['a port below the range', tcp('127.0.0.1', 7999), { ...port, to: 8003 }],
  ['every interface', tcp('0.0.0.0', 5000), announce],
  ['another computer', tcp('10.0.0.7', 5000), announce],
  ['a port instead of a socket', tcp('127.0.0.1', 5000), { type: 'unix', path: '/s' }],
  ['another socket', { type: 'unix', path: '/evil' }, { type: 'unix', path: '/s' }],
  ['no address', { type: 'none' }, announce],
] as const)('refuses %s', (_title, announced, requested) => {
  expect(typeof acceptAddress(announced, requested)).toBe('string');
});

test('reads messages field by field and never throws', () => {
  expect(
    parseProtocolLine(
      '{"type":"hello","v":1,"pid":42,"ppid":1,"python":"3.12","frozen":true,"meipass":"/x"}',
    ),
  ).toEqual({
    type: 'message',
    message: {
      type: 'hello',
      version: 1,
      pid: 42,
      ppid: null,
      guard: null,
      python: '3.12',
      frozen: true,
      meipass: '/x',
    },
  });
  expect(parseProtocolLine('{"type":"status","text":"x","percent":140}')).toMatchObject({
    message: { percent: 100 },
  });
  expect(parseProtocolLine('{"type":"part","text":"{","last":false}')).toEqual({
    type: 'part',
    text: '{',
    last: false,
  });
  for (const type of ['from-the-future', ...Object.getOwnPropertyNames(Object.prototype)])
    expect(parseProtocolLine(JSON.stringify({ type }))).toEqual({ type: 'unknown' });
  for (const text of [
    '',
    '[]',
    '1',
    '{}',
    '{"type":"ready"}',
    '{"type":"part","last":true}',
    '{"type":"hello","v":1,"pid":1}',
    '{"type":"hello","v":1,"pid":-5}',
    '{"type":"extend","ms":-1}',
    '{"type":"ready","proof":"x","address":{"type":"tcp","host":"h","port":70000}}',
  ])
    expect(parseProtocolLine(text).type).toBe('malformed');
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      parseProtocolLine(text);
    }),
  );
});
