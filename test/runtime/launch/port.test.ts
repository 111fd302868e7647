import net from 'node:net';
import { expect, test } from 'vitest';
import { isPortFree } from '../../../src/runtime/launch/port.js';
import { fixtureBackend, testBackend } from '../support.js';

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
