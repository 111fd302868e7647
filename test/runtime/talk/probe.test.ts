import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { tcpAddress } from '../../../src/runtime/talk/handshake.js';
import { parseAnswer, probeConnect, probeHttp } from '../../../src/runtime/talk/probe.js';

const signal = new AbortController().signal;

/** A server that answers with these pieces, 10 ms apart, and closes when told to. */
async function answering(
  pieces: readonly string[],
  close: boolean,
): Promise<Parameters<typeof probeHttp>[0]> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      void (async () => {
        for (const piece of pieces) {
          socket.write(piece);
          await new Promise((resolve) => {
            setTimeout(resolve, 10);
          });
        }
        if (close) socket.end();
      })();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { address: tcpAddress('127.0.0.1', port), path: '/health', token: 't', timeoutMs: 300, signal };
}

test.each([
  ['with a length, the connection left open', ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'], false],
  ['in pieces', ['HTTP/1.', '1 200 OK\r\ncontent-len', 'gth: 2\r\n', '\r\n', 'o', 'k'], false],
  ['until the end', ['HTTP/1.0 200 OK\r\n\r\n', 'ok'], true],
])('reads an answer %s', async (_title, pieces, close) => {
  expect(await probeHttp(await answering(pieces, close))).toBe('ok');
});

test.each([
  [
    'an error',
    ['HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'],
    false,
    /GET http:\/\/127\.0\.0\.1:\d+\/health answered 503/,
  ],
  ['silence', [], false, /no answer to GET http:\/\/127\.0\.0\.1:\d+\/health within 300 ms/],
  ['a drop now and then', Array.from({ length: 60 }, () => 'x'), false, /no answer/],
  ['another language', ['SSH-2.0-OpenSSH\r\n'], true, /not answered in HTTP/],
])('takes %s for no answer', async (_title, pieces, close, message) => {
  await expect(probeHttp(await answering(pieces, close))).rejects.toThrow(message);
});

test('an endless answer is an answer', async () => {
  const probe = await answering(['HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(70_000)], false);
  expect((await probeHttp(probe)).length).toBeGreaterThan(60_000);
});

test('nobody there, and nobody asked', async () => {
  const nobody = tcpAddress('127.0.0.1', 1);
  await expect(probeConnect(nobody, 300, signal)).rejects.toThrow('ECONNREFUSED');
  await expect(probeConnect({ type: 'none' }, 300, signal)).rejects.toThrow('no address');
  const probe = await answering([], false);
  await expect(probeHttp({ ...probe, signal: AbortSignal.timeout(20) })).rejects.toThrow(/abort/i);
  await probeConnect(probe.address, 300, signal);
});

test('reads headers of any case', () => {
  expect(parseAnswer('HTTP/1.1 204 No Content\r\nSERVER:x\r\n\r\n')).toEqual({
    status: 204,
    body: '',
    complete: true,
  });
  expect(parseAnswer('HTTP/1.1 200 OK\r\nX: y')).toBe(null);
});
