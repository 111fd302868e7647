import net from 'node:net';
import { expect, test } from 'vitest';
import { isPortFree, pickPort } from '../../../src/runtime/launch/port.js';
import { fixtureBackend, testBackend, testSettings } from '../support.js';

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

test('tests of the same port at the same time do not see each other', async () => {
  const port = await freePort();
  expect(await Promise.all([1, 2, 3].map(() => isPortFree('127.0.0.1', port)))).toEqual([true, true, true]);
});

test('a restart during the start finds the fixed port free', async () => {
  const port = await freePort();
  const address = { type: 'port', host: '127.0.0.1', from: port, to: port } as const;
  const { restart } = fixtureBackend().settings;
  const backend = await testBackend(fixtureBackend({}, { address, restart: { ...restart, max: 0 } }));
  await Promise.all([backend.start(), backend.restart()]);
  expect(backend.url).toBe(`http://127.0.0.1:${port}`);
});

test('backends that share a range start together, and what ended makes room', async () => {
  const from = await freePort();
  const address = { type: 'port', host: '127.0.0.1', from, to: from + 20 } as const;
  const settings = { address, restart: { ...testSettings.restart, max: 0 } };
  const backends = await Promise.all(
    ['engine', 'indexer', 'tools'].map((name) => testBackend(fixtureBackend({}, settings, { name }))),
  );
  await Promise.all(backends.map((backend) => backend.start()));
  expect(new Set(backends.map((backend) => backend.url)).size).toBe(3);
  await Promise.all(backends.map((backend) => backend.stop()));
  const again = new AbortController();
  expect(await pickPort('engine', '127.0.0.1', [from, from], again.signal)).toBe(from);
  again.abort();
});

test('a port that was picked is picked again only after its generation ended', async () => {
  const from = await freePort();
  const range = [from, from + 20] as const;
  const [first, second] = [new AbortController(), new AbortController()];
  const picked = await pickPort('a', '127.0.0.1', range, first.signal);
  expect(await pickPort('b', '127.0.0.1', range, second.signal)).toBeGreaterThan(picked);
  first.abort();
  expect(await pickPort('c', '127.0.0.1', range, second.signal)).toBe(picked);
  second.abort();
  // One that ended while it was being prepared keeps nothing.
  expect(await pickPort('d', '127.0.0.1', range, second.signal)).toBe(picked);
  expect(await pickPort('e', '127.0.0.1', range, second.signal)).toBe(picked);
});
