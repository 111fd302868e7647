import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { proofOf, tcpAddress } from '../../../src/runtime/talk/handshake.js';
import { parseAnswer } from '../../../src/runtime/talk/ask.js';
import { probeConnect, probeHttp } from '../../../src/runtime/talk/probe.js';
import { NotTheBackend } from '../../../src/runtime/talk/prove.js';

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
  return {
    address: tcpAddress('127.0.0.1', port),
    path: '/health',
    token: 't',
    proves: false,
    timeoutMs: 300,
    signal,
  };
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

/** What the companion answers, and how it can be wrong. */
function proving(token: string, change: (proof: string) => string): Promise<Parameters<typeof probeHttp>[0]> {
  return served((request) => {
    const challenge = /challenge: (.+)\r/.exec(request)?.[1] ?? null;
    const body =
      challenge === null
        ? request
        : `{"proof": "${change(proofOf(token, `ping ${challenge} ${/Host: (.+)\r/.exec(request)?.[1] ?? ''}`))}"}`;
    return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  });
}

async function served(answer: (request: string) => string): Promise<Parameters<typeof probeHttp>[0]> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => socket.write(answer(chunk.toString('latin1'))));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  const address = tcpAddress('127.0.0.1', (server.address() as AddressInfo).port);
  return { address, path: '/health', token: 't', proves: true, timeoutMs: 300, signal };
}

test('the request follows on the connection whose other end has proved to have the token', async () => {
  const probe = await proving('t', (proof) => proof);
  expect(await probeHttp(probe)).toMatch(/^GET \/health HTTP\/1.1\r\n/);
  await probeConnect(probe);
});

test.each([
  ["another launch's token", 'other', (proof: string): string => proof],
  ['a part of the proof', 't', (proof: string): string => proof.slice(1)],
  ['nothing', 't', (): string => ''],
])('%s proves nothing', async (_title, token, change) => {
  const probe = await proving(token, change);
  await expect(probeHttp(probe)).rejects.toThrow(NotTheBackend);
  await expect(probeConnect(probe)).rejects.toThrow(NotTheBackend);
});

test('what another server proves for its own address is no proof here', async () => {
  const real = await proving('t', (proof) => proof);
  const elsewhere = (real.address as { readonly port: number }).port;
  const relay = await served((request) => {
    const challenge = /challenge: (.+)\r/.exec(request)?.[1] ?? '';
    const body = `{"proof": "${proofOf('t', `ping ${challenge} 127.0.0.1:${elsewhere}`)}"}`;
    return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  });
  await expect(probeHttp(relay)).rejects.toThrow(NotTheBackend);
});

test('who is asked for a proof and hangs up, dies meanwhile, is silent or too busy is asked again', async () => {
  for (const pieces of [[], ['HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n{"proof": "']]) {
    const proved = { ...(await answering(pieces, true)), proves: true };
    const cut: unknown = await probeHttp(proved).catch((reason: unknown) => reason);
    expect(cut).not.toBeInstanceOf(NotTheBackend);
    expect(cut).toMatchObject({ message: expect.stringMatching(/ping was not answered in HTTP/) as string });
  }
  const silent = { ...(await answering([], false)), proves: true };
  await expect(probeHttp(silent)).rejects.toThrow(/no answer to GET .*health within 300 ms/);
  const busy = await answering(['HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'], false);
  const error: unknown = await probeHttp({ ...busy, proves: true }).catch((reason: unknown) => reason);
  expect(error).not.toBeInstanceOf(NotTheBackend);
  expect(error).toMatchObject({ message: expect.stringContaining('answered 503') as string });
});

test('an endless answer is an answer', async () => {
  const probe = await answering(['HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(70_000)], false);
  expect((await probeHttp(probe)).length).toBeGreaterThan(60_000);
});

test('nobody there, and nobody asked', async () => {
  const nobody = tcpAddress('127.0.0.1', 1);
  await expect(
    probeConnect({ address: nobody, token: 't', proves: false, timeoutMs: 300, signal }),
  ).rejects.toThrow('ECONNREFUSED');
  await expect(
    probeConnect({ address: { type: 'none' }, token: 't', proves: false, timeoutMs: 300, signal }),
  ).rejects.toThrow('no address');
  const probe = await answering([], false);
  await expect(probeHttp({ ...probe, signal: AbortSignal.timeout(20) })).rejects.toThrow(/abort/i);
  await probeConnect(probe);
});

test('reads headers of any case', () => {
  expect(parseAnswer('HTTP/1.1 204 No Content\r\nSERVER:x\r\n\r\n')).toEqual({
    status: 204,
    body: '',
    complete: true,
  });
  expect(parseAnswer('HTTP/1.1 200 OK\r\nX: y')).toBe(null);
});

test.each([
  [401, [401], true],
  [401, [200, 401], true],
  [401, undefined, false],
  [200, [401], false],
  [503, [200, 401], false],
])('an answer %i counts by the statuses that are asked for (%j): %j', async (answer, status, counts) => {
  const probe = await answering([`HTTP/1.1 ${answer} X\r\nContent-Length: 2\r\n\r\nok`], false);
  const asked = probeHttp({ ...probe, status });
  await (counts ? expect(asked).resolves.toBe('ok') : expect(asked).rejects.toThrow(`answered ${answer}`));
});
