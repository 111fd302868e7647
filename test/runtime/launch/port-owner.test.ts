import net from 'node:net';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import {
  parseListeners,
  parseLsof,
  parseNetstat,
  portOwners,
} from '../../../src/runtime/launch/port-owner.js';
import type { BackendManifest } from '../../../src/runtime/manifest.js';
import { failure } from '../failure.js';
import { startStranger, withoutSecondUser } from '../stranger.js';
import { fixtureBackend, testBackend, testSettings, until } from '../support.js';
import { needsPortOwners, onlyOnLinux } from '../../support/windows.js';

const needsSecondUser = { ...onlyOnLinux('setpriv makes the second user'), skip: withoutSecondUser !== null };

const listener = (inode: number, local: string, state = '0A'): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0`;

const proc = [
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  listener(1, '0100007F:1F40'),
  listener(2, '0100007F:1F40', '01'),
  listener(3, '0200007F:1F40'),
  listener(4, '00000000:1F40'),
  listener(5, '00000000000000000000000001000000:1F40'),
  listener(6, '00000000000000000000000000000000:1F40'),
  listener(7, '0000000000000000FFFF00000100007F:1F40'),
  listener(8, '0100007F:1F41'),
  listener(9, 'garbage:1F40'),
].join('\n');

const lsof = [
  'p11\ncPython\nf3\nn127.0.0.1:8000',
  'p13\ncnode\nf7\nn127.0.0.2:8000\nf8\nn[fe80::1]:8000',
  'p14\nca.out\nf3\nn*:8000',
  'p15\ncPython\nf3\nn[::1]:8000\n',
].join('\n');

const netstat = [
  '  Proto  Lokale Adresse         Remoteadresse          Status           PID',
  '  TCP    127.0.0.1:8000         127.0.0.1:50000        HERGESTELLT      12',
  '  TCP    127.0.0.1:8000         0.0.0.0:0              ABHÖREN          11',
  '  TCP    127.0.0.2:8000         0.0.0.0:0              ABHÖREN          13',
  '  TCP    0.0.0.0:8000           0.0.0.0:0              ABHÖREN          14',
  '  TCP    [::1]:8000             [::]:0                 ABHÖREN          15',
  '  TCP    [::]:8000              [::]:0                 ABHÖREN          16',
  '  UDP    127.0.0.1:8000         *:*                                     17',
].join('\r\n');

test.each([
  ['127.0.0.1', 8000, ['1', '4', '6', '7'], [11, 14], [11, 14, 16]],
  ['::1', 8000, ['4', '5', '6'], [14, 15], [14, 15, 16]],
  ['localhost', 8000, ['1', '4', '5', '6', '7'], [11, 14, 15], [11, 14, 15, 16]],
  ['0.0.0.0', 8000, ['1', '3', '4', '5', '6', '7'], [11, 13, 13, 14, 15], [11, 13, 14, 15, 16]],
  ['127.0.0.1', 8002, [], [], []],
] as const)('who listens at %s, port %i, on Linux, macOS and Windows', (host, port, inodes, mac, windows) => {
  expect(parseListeners(proc, host, port).map(({ inode }) => inode)).toEqual(inodes);
  expect(parseLsof(lsof, host, port).map(({ pid }) => pid)).toEqual(mac);
  expect(parseNetstat(netstat, host, port).map(({ pid }) => pid)).toEqual(windows);
});

test('the program is told where the system tells it', needsPortOwners, async () => {
  expect(parseLsof(lsof, '::1', 8000)).toEqual([
    { pid: 14, program: 'a.out' },
    { pid: 15, program: 'Python' },
  ]);
  expect(parseNetstat(netstat, '127.0.0.2', 8000)).toContainEqual({ pid: 13, program: null });
  const port = await listen('127.0.0.1', 0);
  const [owner] = await portOwners('127.0.0.1', port);
  expect(owner?.pid).toBe(process.pid);
  expect(await portOwners('127.0.0.2', port)).toEqual([]);
  expect(await portOwners('127.0.0.1', 1)).toEqual([]);
});

test('reads any list of sockets without throwing', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseListeners(`\n${text}`, '127.0.0.1', 8000);
      parseLsof(text, '127.0.0.1', 8000);
      parseNetstat(text, '127.0.0.1', 8000);
    }),
  );
});

test(
  'a program on the same port of another address does not keep a backend without a proof from starting',
  needsPortOwners,
  async () => {
    const port = await listen('127.0.0.2', 0);
    const backend = await testBackend(provenByPort(port, '{port}'));
    await backend.start();
    expect(backend.status().state).toBe('ready');
  },
);

test(
  'a program that took the port of a backend without a proof is not believed to be it',
  needsPortOwners,
  async () => {
    const port = await listen('127.0.0.2', 0);
    const backend = await testBackend(provenByPort(port, '0'));
    const started = failure(backend.start());
    await until(() => backend.status().pid !== null || backend.status().phase === 'probing');
    await listen('127.0.0.1', port);
    expect(await started).toMatchObject({ code: 'E_HANDSHAKE' });
    expect((await started).message).toContain(`held by process ${process.pid}`);
  },
);

test(
  `another user who takes the port of a backend without a proof is told nothing${withoutSecondUser === null ? '' : ` (${withoutSecondUser})`}`,
  needsSecondUser,
  async () => {
    const port = await listen('127.0.0.2', 0);
    const stranger = await startStranger(['take', String(port)], 12_345);
    await stranger.isUp;
    // It has the port already where the app would look; the program is told it all the same.
    const { settings, ...rest } = provenByPort(port, '0');
    const env = { ...settings.env, FIXTURE_ANNOUNCE: String(port) };
    const ready = { ...settings.ready, announced: true, http: '/health' };
    const backend = await testBackend({
      ...rest,
      companion: 'lifeline',
      settings: { ...settings, env, ready, address: { type: 'announce' } },
    });
    const error = await failure(backend.start());
    expect(error).toMatchObject({ code: 'E_HANDSHAKE' });
    expect(error.message).toContain(`the port ${port} is held by user 12345, which is not the backend`);
    expect(stranger.took()).toEqual([port]);
    expect(stranger.heard()).toBe('');
  },
);

test(
  `another user who takes the port while the backend starts is told nothing${withoutSecondUser === null ? '' : ` (${withoutSecondUser})`}`,
  needsSecondUser,
  async () => {
    const port = await listen('127.0.0.2', 0);
    const manifest = provenByPort(port, '0');
    const ready = { ...manifest.settings.ready, http: '/health' };
    const backend = await testBackend({ ...manifest, settings: { ...manifest.settings, ready } });
    const started = failure(backend.start());
    await until(() => backend.status().pid !== null || backend.status().phase === 'probing');
    const stranger = await startStranger(['take', String(port)], 12_345);
    const error = await started;
    expect(error).toMatchObject({ code: 'E_HANDSHAKE', retryable: false });
    expect(error.message).toContain('held by user 12345');
    expect(stranger.heard()).toBe('');
  },
);

/** A backend without the companion that is told `port`, and takes `takes`. */
function provenByPort(port: number, takes: string): BackendManifest {
  return fixtureBackend(
    { FIXTURE_PORT: takes },
    {
      address: { type: 'port', host: '127.0.0.1', from: port, to: port },
      ready: { ...testSettings.ready, announced: false },
      restart: { ...testSettings.restart, max: 0 },
    },
    { companion: 'none' },
  );
}

function listen(host: string, port: number): Promise<number> {
  const server = net.createServer();
  onTestFinished(() => {
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(port, host, () => resolve((server.address() as net.AddressInfo).port));
  });
}
