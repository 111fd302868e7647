import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RuntimeSettings } from '../../../src/runtime/manifest.js';
import { fixtureBackend, testBackend, testSettings } from '../support.js';
import { frozenProgram } from './programs.js';
import { failure, faulty, next, report } from './support.js';

/** Listen on a port and answer 200 to everything. 0: any port. Returns it. */
async function occupy(port = 0): Promise<number> {
  const server = createServer((_request, response) => response.end('{"ok":true}'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A port nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

const frozen = [await frozenProgram('onedir'), await frozenProgram('onefile')];

describe.each(frozen)('$label', { timeout: 120_000 }, (program) => {
  test('9: a busy port is refused with the name of who holds it, a range goes on', async () => {
    const port = await occupy();
    const restart = { ...testSettings.restart, delayMs: 10 };
    const at = (to: number): Partial<RuntimeSettings> => ({
      restart,
      address: { type: 'port', host: '127.0.0.1', from: port, to },
    });
    const error = await failure((await faulty(program, {}, at(port))).start());
    expect(error).toMatchObject({ code: 'E_PORT_BUSY', phase: 'preflight' });
    expect(error.message).toContain(`process ${process.pid}`);
    const range = await faulty(program, {}, at(port + 20));
    await range.start();
    const used = Number(new URL(range.status().url ?? '').port);
    expect(used).toBeGreaterThan(port);
    expect((await range.fetch('/health')).status).toBe(200);
    report({
      number: 9,
      fault: 'port taken',
      injected: 'a server of the test listens there',
      expected: 'fixed: E_PORT_BUSY naming the owner; range: the next one, passed on',
      program: program.label,
      measured: `${error.code}, names process and program; range: ready ${used - port} further`,
    });
  });

  test('9: an impostor that takes the port during the start is never taken for the backend', async () => {
    const port = await freePort();
    const backend = await faulty(
      program,
      { FAULT_AT_IMPORT: 'sleep:1' },
      {
        restart: { ...testSettings.restart, delayMs: 10 },
        address: { type: 'port', host: '127.0.0.1', from: port, to: port },
      },
    );
    let readies = 0;
    backend.on('ready', () => (readies += 1));
    const failed = next(backend, 'failed');
    // It is loading its modules: the port was free and is not listened on yet.
    const thinking = next(backend, 'status');
    const started = failure(backend.start());
    await thinking;
    await occupy(port);
    const first = await started;
    const { error: last } = await failed;
    expect(first.code).toBe('E_FATAL');
    expect(first.message).toContain(`127.0.0.1:${port}`);
    expect(readies).toBe(0);
    report({
      number: 9,
      fault: 'impostor answers 200 on the port',
      injected: 'a server of the test takes it while the backend starts',
      expected: 'never ready',
      program: program.label,
      measured: `${first.code}${last.code === first.code ? '' : `, in the end ${last.code}`}; 0 times ready`,
    });
  });

  test('9: a wrong proof is refused', async () => {
    const backend = await faulty(program, { FAULT_AT_IMPORT: 'wrong-proof' });
    const error = await failure(backend.start());
    expect(error).toMatchObject({ code: 'E_HANDSHAKE', retryable: false });
    expect(backend.status()).toMatchObject({ state: 'failed', generation: 1 });
    report({
      number: 9,
      fault: 'wrong proof',
      injected: "the companion's function was replaced",
      expected: 'E_HANDSHAKE, no second attempt',
      program: program.label,
      measured: `${error.code}; 1 generation`,
    });
  });
});

test('9: a busy port is refused with the name of who holds it, a range goes on', async () => {
  const port = await occupy();
  const restart = { ...testSettings.restart, delayMs: 10 };
  const fixed = await testBackend(
    fixtureBackend({}, { restart, address: { type: 'port', host: '127.0.0.1', from: port, to: port } }),
  );
  const error = await failure(fixed.start());
  expect(error).toMatchObject({ code: 'E_PORT_BUSY', phase: 'preflight' });
  expect(error.message).toContain(String(process.pid));
  const range = await testBackend(
    fixtureBackend({}, { address: { type: 'port', host: '127.0.0.1', from: port, to: port + 20 } }),
  );
  await range.start();
  const { url } = range.status();
  expect(Number(new URL(url ?? '').port)).toBeGreaterThan(port);
  report({
    number: 9,
    fault: 'port taken',
    injected: 'a server of the test listens there',
    expected: 'fixed: E_PORT_BUSY naming the owner; range: the next one, passed on',
    program: 'development',
    measured: error.message.split('\n')[0] ?? '',
  });
});

test('9: an impostor on the port is never taken for the backend', async () => {
  // Chosen by the parent, taken by somebody else before the backend could listen.
  const port = await freePort();
  const backend = await testBackend(
    fixtureBackend(
      { FIXTURE_BEFORE_HELLO: 'sleep:3600' },
      {
        address: { type: 'port', host: '127.0.0.1', from: port, to: port },
        ready: { ...testSettings.ready, announced: false, http: '/open/health' },
      },
      { companion: 'none' },
    ),
  );
  const impostor = createServer((_request, response) => response.end('{"ok":true}'));
  onTestFinished(() => {
    impostor.close();
  });
  backend.on('state', ({ next: state }) => {
    if (state === 'starting') setTimeout(() => impostor.listen(port, '127.0.0.1'), 100);
  });
  const error = await failure(backend.start());
  expect(error).toMatchObject({ code: 'E_HANDSHAKE', retryable: false });
  expect(error.message).toContain(String(process.pid));
  report({
    number: 9,
    fault: 'impostor answers 200 on the port',
    injected: 'a server of the test took the port first',
    expected: 'never ready; E_HANDSHAKE',
    program: 'development',
    measured: error.message.split('\n')[0] ?? '',
  });
});

test.each([
  ['a wrong proof', { FIXTURE_PROOF: 'wrong' }],
  ['another version of the protocol', { FIXTURE_HELLO_VERSION: '1' }],
])('9: %s is refused', async (_title, env) => {
  const backend = await testBackend(fixtureBackend(env));
  const error = await failure(backend.start());
  expect(error).toMatchObject({ code: 'E_HANDSHAKE', retryable: false });
  expect(backend.status().state).toBe('failed');
});
