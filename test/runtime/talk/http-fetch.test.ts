import { once } from 'node:events';
import http from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { BackendError } from '../../../src/runtime/errors.js';
import type { BackendAddress } from '../../../src/runtime/events.js';
import { fetchBackend } from '../../../src/runtime/talk/http-fetch.js';
import { createProxyHandler } from '../../../src/runtime/page/proxy.js';
import { proofOf } from '../../../src/runtime/talk/handshake.js';
import { readEventStream } from '../../../src/runtime/talk/sse.js';
import { temporaryFolder } from '../../support/files.js';
import { until, waitMs } from '../support.js';

type Transport = 'TCP' | 'a Unix socket';

interface Served {
  readonly address: BackendAddress;
  readonly ended: AbortController;
  /** `GET /path`, in the order of arrival. */
  readonly seen: string[];
  /** Connections that were made. */
  readonly connections: () => number;
  readonly open: () => Promise<number>;
  readonly fetch: (path: string | Request, init?: RequestInit) => Promise<Response>;
}

/** A server, and `fetch` against it. */
async function serve(
  transport: Transport,
  listener: RequestListener,
  options: http.ServerOptions = {},
): Promise<Served> {
  const seen: string[] = [];
  let connections = 0;
  const server = http.createServer(options, (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  server.on('connection', () => (connections += 1));
  const socketPath = path.join(await temporaryFolder(), 's');
  await new Promise<void>((resolve) => {
    if (transport === 'TCP') server.listen(0, '127.0.0.1', resolve);
    else server.listen(socketPath, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const address: BackendAddress =
    transport === 'TCP'
      ? { type: 'tcp', host: '127.0.0.1', port, url: `http://127.0.0.1:${port}` }
      : { type: 'unix', path: socketPath };
  const ended = new AbortController();
  onTestFinished(() => {
    ended.abort();
    server.closeAllConnections();
    server.close();
  });
  return {
    address,
    ended,
    seen,
    connections: () => connections,
    open: () =>
      new Promise((resolve) => {
        server.getConnections((_error, count) => resolve(count));
      }),
    fetch: (target, init) =>
      fetchBackend(
        { name: 'engine', address, token: 'T', proves: false, signal: ended.signal },
        target,
        init,
      ),
  };
}

/** Answers with what it was asked. */
async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { method, url, headers } = request;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(parts).toString() }));
}

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const asEcho = async (response: Promise<Response>): Promise<Echo> => (await (await response).json()) as Echo;

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => error,
  );

function streamOf(...parts: readonly string[]): ReadableStream<Uint8Array> {
  return new Blob(parts.map((part) => part)).stream();
}

const uncaught: unknown[] = [];
const note = (error: unknown): unknown => uncaught.push(error);

afterEach(() => {
  vi.restoreAllMocks();
});

// Node has no Unix sockets on Windows.
const transports: readonly Transport[] = process.platform === 'win32' ? ['TCP'] : ['TCP', 'a Unix socket'];

describe.each(transports)('over %s', (transport) => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'a body of %s has a length; a stream comes in chunks',
    async (method) => {
      const { fetch: ask } = await serve(transport, echo);
      const whole = await asEcho(ask('/x?y=1', { method, body: '{"é":1}' }));
      expect(whole).toMatchObject({ method, url: '/x?y=1', body: '{"é":1}' });
      expect(whole.headers).toMatchObject({
        'x-electron-pyinstaller-token': 'T',
        'content-length': '8',
        'content-type': 'text/plain;charset=UTF-8',
        accept: '*/*',
      });
      const blob = await asEcho(ask('/', { method, body: new Blob(['abc'], { type: 'x/y' }) }));
      expect(blob).toMatchObject({ body: 'abc', headers: { 'content-length': '3', 'content-type': 'x/y' } });
      const streamed = await asEcho(ask('/', { method, body: streamOf('a', 'b') }));
      expect(streamed).toMatchObject({ body: 'ab', headers: { 'transfer-encoding': 'chunked' } });
    },
  );

  test('a form has the boundary that its type names', async () => {
    const { fetch } = await serve(transport, echo);
    const form = new FormData();
    form.set('name', 'value');
    const { headers, body } = await asEcho(fetch('/', { method: 'POST', body: form }));
    const boundary = headers['content-type']?.split('boundary=')[1] ?? 'none';
    expect(body).toContain(boundary);
    expect(headers['content-length']).toBe(String(body.length));
  });

  test.each([
    ['GET', { 'content-length': '5' }],
    ['POST', { 'content-length': '5', 'transfer-encoding': 'chunked', expect: '100-continue' }],
    ['POST', { connection: 'upgrade', upgrade: 'x', 'keep-alive': '1', te: 'trailers' }],
  ])('headers that say how a %s is sent are not the caller’s: %j', async (method, headers) => {
    const { fetch } = await serve(transport, echo);
    const init = method === 'POST' ? { method, headers, body: 'abc' } : { method, headers };
    expect((await asEcho(fetch('/', init))).body).toBe(method === 'POST' ? 'abc' : '');
  });

  test('the answer is what fetch gives', async () => {
    const { fetch } = await serve(transport, (_request, response) => {
      response.writeHead(404, 'Gone fishing', { 'set-cookie': ['a=1', 'b=2'], 'x-y': 'é' }).end('text');
    });
    const response = await fetch('/a?b=c#d');
    expect(response).toBeInstanceOf(Response);
    expect(response).toMatchObject({ status: 404, statusText: 'Gone fishing', ok: false, redirected: false });
    expect(new URL(response.url)).toMatchObject({ pathname: '/a', search: '?b=c', hash: '' });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.text()).toBe('text');
  });

  test.each([
    ['GET', 204],
    ['GET', 205],
    ['GET', 304],
    ['HEAD', 200],
    ['HEAD', 500],
  ])('%s answered %i has no body', async (method, status) => {
    const { fetch, connections } = await serve(transport, (_request, response) => {
      // A client cannot tell where an answer to HEAD without a length ends, and closes the connection.
      const length = method === 'HEAD' ? { 'content-length': 5 } : {};
      response.writeHead(status, { 'content-encoding': 'gzip', ...length }).end();
    });
    for (let count = 0; count < 2; count++) {
      const response = await fetch('/', { method });
      expect(response).toMatchObject({ status, body: null });
      await waitMs(20);
    }
    // After a failure the connection is not used again.
    expect(connections()).toBe(status < 500 ? 1 : 2);
  });

  test('a status that no response can have rejects', async () => {
    const { fetch } = await serve(transport, (_request, response) => response.writeHead(999).end('x'));
    process.on('uncaughtException', note);
    onTestFinished(() => void process.off('uncaughtException', note));
    expect(await rejection(fetch('/'))).toBeInstanceOf(TypeError);
    const answer = await createProxyHandler({ fetch })(new Request('backend://engine/'));
    expect(answer.status).toBe(502);
    expect(uncaught).toEqual([]);
  });

  test('a backend that cannot be reached rejects as fetch does', async () => {
    const { fetch } = await serve(transport, (request) => request.socket.destroy());
    expect(await rejection(fetch('/'))).toMatchObject({
      name: 'TypeError',
      message: 'fetch failed: socket hang up',
      cause: { code: 'ECONNRESET' },
    });
  });

  test('an upload whose source breaks rejects', async () => {
    const { fetch } = await serve(transport, (request) => void request.on('error', () => undefined));
    process.on('uncaughtException', note);
    onTestFinished(() => void process.off('uncaughtException', note));
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('abc'));
        setTimeout(() => controller.error(new Error('source broke')), 20);
      },
    });
    expect(await rejection(fetch('/', { method: 'POST', body }))).toMatchObject({
      message: 'fetch failed: source broke',
    });
    expect(uncaught).toEqual([]);
  });

  test('an upload that was answered is not read on, and ends with its signal before', async () => {
    const { fetch, open } = await serve(transport, (request, response) => {
      request.resume();
      if (request.url === '/413') response.writeHead(413).end('too large');
    });
    let pulled = 0;
    let cancelled = 0;
    const endless = (): ReadableStream =>
      new ReadableStream({
        async pull(controller) {
          await waitMs(1);
          pulled += 1;
          controller.enqueue(new Uint8Array(1000));
        },
        cancel: () => void (cancelled += 1),
      });
    const response = await fetch('/413', { method: 'POST', body: endless() });
    expect([response.status, await response.text()]).toEqual([413, 'too large']);
    await until(() => cancelled === 1);
    const reason = await rejection(
      fetch('/never', { method: 'POST', body: endless(), signal: AbortSignal.timeout(50) }),
    );
    expect(reason).toMatchObject({ name: 'TimeoutError' });
    await until(() => cancelled === 2);
    await waitMs(5);
    const before = pulled;
    await waitMs(30);
    expect(pulled).toBe(before);
    expect(await open()).toBe(0);
  });

  test('a streamed upload is not held in memory', async () => {
    const { fetch } = await serve(transport, async (request, response) => {
      let size = 0;
      for await (const part of request) size += (part as Buffer).length;
      response.end(String(size));
    });
    let sent = 0;
    let most = 0;
    const body = new ReadableStream(
      {
        async pull(controller) {
          if (sent === 200) return controller.close();
          sent += 1;
          controller.enqueue(new Uint8Array(1_000_000));
          most = Math.max(most, process.memoryUsage().arrayBuffers);
        },
      },
      { highWaterMark: 0 },
    );
    const before = process.memoryUsage().arrayBuffers;
    expect(await (await fetch('/', { method: 'POST', body })).text()).toBe('200000000');
    expect(most - before).toBeLessThan(150_000_000);
  });

  test.each([
    ['gzip', zlib.gzipSync],
    ['X-GZip', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['Deflate', zlib.deflateRawSync],
    ['deflate, gzip', (text: string) => zlib.gzipSync(zlib.deflateRawSync(text))],
    ['br', zlib.brotliCompressSync],
    ['zstd', zlib.zstdCompressSync],
    ['br, gzip', (text: string) => zlib.gzipSync(zlib.brotliCompressSync(text))],
    ['identity', (text: string) => Buffer.from(text)],
  ])('what is encoded with %s can be read, also by a page', async (encoding, encode) => {
    const { fetch } = await serve(transport, (_request, response) => {
      const body = encode('hello '.repeat(1000));
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': body.length }).end(body);
    });
    expect(await (await fetch('/')).text()).toBe('hello '.repeat(1000));
    const page = await createProxyHandler({ fetch })(new Request('backend://engine/'));
    expect(await page.text()).toBe('hello '.repeat(1000));
    const kept = encoding === 'identity' ? encoding : null;
    expect(page.headers.get('content-encoding')).toBe(kept);
    expect(page.headers.has('content-length')).toBe(kept !== null);
  });

  test('what is encoded otherwise stays as it is, and says so', async () => {
    const { fetch } = await serve(transport, (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip, mine' }).end('?');
    });
    const page = await createProxyHandler({ fetch })(new Request('backend://engine/'));
    expect([page.headers.get('content-encoding'), await page.text()]).toEqual(['gzip, mine', '?']);
  });

  test('encoded events arrive one by one, and a broken body rejects', async () => {
    let respond: ServerResponse | undefined;
    const { fetch } = await serve(transport, (_request, response) => {
      respond = response;
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const gzip = zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH });
      gzip.pipe(response);
      gzip.write('data: 1\n\n');
    });
    const { body } = await fetch('/');
    const events = readEventStream(body as ReadableStream<Uint8Array>);
    expect((await events.next()).value).toMatchObject({ data: '1' });
    respond?.destroy();
    expect(await rejection(events.next())).toBeInstanceOf(TypeError);
  });

  test.each([
    ['cut short by its length', {}, (response: ServerResponse): void => void response.destroy()],
    ['no gzip', { 'content-encoding': 'gzip' }, (response: ServerResponse): void => void response.end()],
    [
      'no deflate',
      { 'content-encoding': 'deflate' },
      (response: ServerResponse): void => void response.end(),
    ],
  ])('a body that is %s rejects as that of fetch', async (_, headers, end) => {
    const { fetch } = await serve(transport, (_request, response) => {
      response.writeHead(200, headers);
      response.write('\u0000 not it', () => {
        end(response);
      });
    });
    expect(await rejection((await fetch('/')).text())).toMatchObject({
      name: 'TypeError',
      message: 'terminated',
      cause: expect.any(Error) as unknown,
    });
  });

  test.each([
    ['switches protocols', 'HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
    ['switches protocols without a name', 'HTTP/1.1 101 X\r\n\r\n'],
    ['says half of a status', 'HTTP/1.1 20'],
    ['says something else', 'hello\r\n\r\n'],
    ['says nothing', ''],
  ])('a backend that %s rejects, on a new and on a kept connection', async (_, answer) => {
    const { fetch } = await serve(transport, (request, response) => {
      if (request.url === '/ok') response.end('ok');
      else if (answer.includes('101')) request.socket.write(answer);
      else request.socket.end(answer);
    });
    for (const method of ['POST', 'GET']) {
      expect(await rejection(fetch('/', { method }))).toBeInstanceOf(TypeError);
      expect(await (await fetch('/ok')).text()).toBe('ok');
      await waitMs(20);
      expect(await rejection(fetch('/', { method }))).toBeInstanceOf(TypeError);
    }
  });

  test('what may not be made twice is not, and needs no second time when connections end unsaid', async () => {
    let posts = 0;
    const { fetch, connections } = await serve(transport, (request, response) => {
      if (request.method === 'POST') posts += 1;
      request.resume();
      response.end('ok', () => setImmediate(() => request.socket.destroy()));
    });
    for (let count = 0; count < 50; count++)
      expect(await (await fetch('/', { method: 'POST', body: 'x' })).text()).toBe('ok');
    expect([posts, connections()]).toEqual([50, 50]);
  });

  test('a connection is used again for what may not be made twice when it has rested, not after a failure', async () => {
    const { fetch, connections } = await serve(transport, (request, response) => {
      request.resume();
      response.writeHead(request.url === '/fails' ? 500 : 200).end('ok');
    });
    const post = async (target: string): Promise<number> => {
      await (await fetch(target, { method: 'POST', body: 'x' })).text();
      await waitMs(20);
      return connections();
    };
    expect(await post('/')).toBe(1);
    expect(await post('/')).toBe(1);
    expect(await post('/fails')).toBe(1);
    expect(await post('/')).toBe(2);
  });

  test('a signal ends a request whose connection is still being proved', async () => {
    if (transport !== 'TCP') return;
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const address = { type: 'tcp', host: '127.0.0.1', port, url: `http://127.0.0.1:${port}` } as const;
    const ended = new AbortController();
    const target = { name: 'engine', address, token: 'T', proves: true, signal: ended.signal };
    const mine = new AbortController();
    const accepted = once(server, 'connection');
    const first = rejection(fetchBackend(target, '/', { signal: mine.signal }));
    const second = rejection(fetchBackend(target, '/', { method: 'POST', body: 'x' }));
    await accepted;
    mine.abort(new Error('mine'));
    expect(await first).toMatchObject({ message: 'mine' });
    ended.abort(new Error('stopped'));
    expect(await second).toMatchObject({ message: 'stopped' });
  });

  test.each(['ends before it is proved', 'is proved after the app was held up'])(
    'a new connection that %s is made once more',
    async (trouble) => {
      if (transport !== 'TCP') return;
      let count = 0;
      const server = http.createServer((request, response) => {
        const challenge = request.headers['x-electron-pyinstaller-challenge'];
        const host = request.headers.host ?? '';
        const proof = typeof challenge === 'string' ? proofOf('T', `ping ${challenge} ${host}`) : '';
        response.end(`{"proof": "${proof}"}`);
      });
      server.on('connection', (socket: net.Socket) => {
        count += 1;
        if (count === 1 && trouble.startsWith('ends')) socket.destroy();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      const address = { type: 'tcp', host: '127.0.0.1', port, url: `http://127.0.0.1:${port}` } as const;
      const ended = new AbortController();
      onTestFinished(() => ended.abort());
      const target = { name: 'engine', address, token: 'T', proves: true, signal: ended.signal };
      const asked = fetchBackend(target, '/', { method: 'POST', body: 'x' });
      if (trouble.startsWith('is proved')) {
        await once(server, 'request');
        const now = performance.now.bind(performance);
        vi.spyOn(performance, 'now').mockImplementationOnce(() => now() + 600);
      }
      expect([(await asked).status, count]).toEqual([200, 2]);
    },
  );

  test('a PUT is made again with its body when a kept connection has ended', async () => {
    const seen = new Set<unknown>();
    const { fetch } = await serve(transport, async (request, response) => {
      const isKept = seen.has(request.socket);
      seen.add(request.socket);
      if (request.method === 'PUT' && isKept) request.socket.destroy();
      else await echo(request, response);
    });
    await (await fetch('/')).text();
    expect(await asEcho(fetch('/', { method: 'PUT', body: 'whole' }))).toMatchObject({ body: 'whole' });
  });

  test('a Request is understood: method, path, headers, body and signal', async () => {
    const { fetch, address } = await serve(transport, echo);
    const base = address.type === 'tcp' ? address.url : 'http://localhost';
    const controller = new AbortController();
    const init = { method: 'PUT', headers: { 'x-mine': '1' }, body: '{}', signal: controller.signal };
    const whole = await asEcho(fetch(new Request(`${base}/a?b=c`, init)));
    expect(whole).toMatchObject({ method: 'PUT', url: '/a?b=c', body: '{}' });
    expect(whole.headers).toMatchObject({
      'x-mine': '1',
      'content-length': '2',
      'x-electron-pyinstaller-token': 'T',
    });
    expect(
      await asEcho(fetch(new Request(`${base}/`, init), { method: 'POST', body: 'other' })),
    ).toMatchObject({
      method: 'POST',
      body: 'other',
    });
    const late = new Request(`${base}/`, init);
    controller.abort(new Error('mine'));
    expect(await rejection(fetch(late))).toMatchObject({ message: 'mine' });
    expect(await rejection(fetch(new Request('http://example.com/')))).toMatchObject({ code: 'E_FORBIDDEN' });
  });

  test.each([
    [301, 'GET', 'GET /to'],
    [301, 'POST', 'GET /to'],
    [302, 'PUT', 'PUT /to body'],
    [302, 'HEAD', 'HEAD /to'],
    [303, 'PUT', 'GET /to'],
    [307, 'POST', 'POST /to body'],
    [308, 'DELETE', 'DELETE /to body'],
  ])('a redirect with %i after %s becomes %s', async (status, method, expected) => {
    let got = '';
    const { fetch } = await serve(transport, async (request, response) => {
      let body = '';
      for await (const part of request) body += String(part);
      if (request.url === '/from') response.writeHead(status, { location: '/to' }).end('moved');
      else {
        got = `${request.method} ${request.url} ${body}`.trim();
        response.end(request.headers['content-type']);
      }
    });
    const hasBody = method !== 'GET' && method !== 'HEAD';
    const headers = { 'content-type': 'x/y' };
    const response = await fetch('/from', hasBody ? { method, body: 'body', headers } : { method });
    expect(got).toBe(expected);
    expect(await response.text()).toBe(expected.endsWith('body') ? 'x/y' : '');
    expect(response.redirected).toBe(true);
    expect(new URL(response.url).pathname).toBe('/to');
  });

  test('redirects end somewhere, and can be refused or looked at', async () => {
    const { fetch, seen } = await serve(transport, (request, response) => {
      request.resume();
      response.writeHead(307, { location: '/again' }).end();
    });
    expect(await rejection(fetch('/'))).toMatchObject({ message: 'fetch failed: too many redirects' });
    expect(seen).toHaveLength(21);
    expect(await rejection(fetch('/', { redirect: 'error' }))).toBeInstanceOf(TypeError);
    const manual = await fetch('/', { redirect: 'manual' });
    expect([manual.status, manual.headers.get('location')]).toEqual([307, '/again']);
    expect(await rejection(fetch('/', { method: 'POST', body: streamOf('x') }))).toBeInstanceOf(TypeError);
    expect(seen).toHaveLength(24);
  });

  test.each(['http://example.com/', '//example.com/', 'file:///etc/passwd', 'http://['])(
    'a redirect to %s is returned, not followed',
    async (location) => {
      const { fetch } = await serve(transport, (request, response) => {
        request.resume();
        response.writeHead(307, { location }).end();
      });
      const response = await fetch('/', { method: 'POST', body: 'private' });
      expect([response.status, response.headers.get('location')]).toEqual([307, location]);
    },
  );

  test('the reason of an end is that of its signal, at every moment', async () => {
    const { fetch, ended, address } = await serve(transport, (request, response) => {
      if (request.url === '/head') response.writeHead(200).write('begun');
      if (request.url === '/gzip')
        response.writeHead(200, { 'content-encoding': 'gzip' }).write(zlib.gzipSync('begun'));
    });
    const own = new Error('mine');
    expect(await rejection(fetch('/', { signal: AbortSignal.abort(own) }))).toBe(own);
    expect(await rejection(fetch('/', { signal: AbortSignal.timeout(20) }))).toMatchObject({
      name: 'TimeoutError',
    });
    for (const target of ['/head', '/gzip']) {
      const controller = new AbortController();
      const response = await fetch(target, { signal: controller.signal });
      const text = rejection(response.text());
      await waitMs(20);
      controller.abort(own);
      expect(await text).toBe(own);
    }
    const stopped = new BackendError('E_STOPPED', 'the backend ended');
    const pending = rejection(fetch('/'));
    const body = rejection(fetch('/head').then((response) => response.text()));
    const page = createProxyHandler({ fetch })(new Request('backend://engine/'));
    await waitMs(20);
    ended.abort(stopped);
    expect(await pending).toBe(stopped);
    expect(await body).toBe(stopped);
    expect((await page).status).toBe(503);
    const target = { name: 'engine', address, token: 'T', proves: false, signal: ended.signal };
    expect(await rejection(fetchBackend(target, '/'))).toBe(stopped);
  });

  test('a body that is cancelled, and a generation that ends, leave no connection', async () => {
    const { fetch, ended, open } = await serve(transport, (request, response) => {
      if (request.url === '/short') response.end('x');
      else response.writeHead(200).write('x');
    });
    const response = await fetch('/');
    await response.body?.cancel();
    await expect.poll(open).toBe(0);
    await fetch('/');
    await (await fetch('/short')).text();
    expect(await open()).toBe(2);
    ended.abort();
    await expect.poll(open).toBe(0);
  });

  test('a body that nobody reads holds the backend back', async () => {
    let written = 0;
    const { fetch } = await serve(transport, (_request, response) => {
      const write = (): void => {
        while (written < 200 && response.write(Buffer.alloc(1_000_000))) written += 1;
        written += 1;
        response.once('drain', write);
      };
      write();
    });
    await fetch('/');
    let before = 0;
    do {
      before = written;
      await waitMs(50);
    } while (written > before);
    expect(written).toBeLessThan(50);
  });

  test('500 requests at once share some connections, beside 20 streams that do not end', async () => {
    const { fetch, connections } = await serve(transport, (request, response) => {
      if (request.url === '/stream') response.write('begun');
      else response.end('done');
    });
    const streams = await Promise.all(Array.from({ length: 20 }, () => fetch('/stream')));
    const answers = Array.from({ length: 500 }, async () => (await fetch('/short')).text());
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['done']));
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
    expect(connections()).toBeLessThan(200);
  });

  test('connections are kept, and asked again when they were closed meanwhile', async () => {
    let sockets: IncomingMessage['socket'][] = [];
    let asked = 0;
    const { fetch, connections, seen } = await serve(transport, (request, response) => {
      asked += 1;
      request.resume();
      // A server that closes a kept connection just when the next request comes.
      if (asked > 2 && sockets.includes(request.socket)) request.socket.destroy();
      else response.end('ok');
      sockets = [...sockets, request.socket];
    });
    for (let count = 0; count < 2; count++) expect(await (await fetch('/')).text()).toBe('ok');
    expect(connections()).toBe(1);
    expect(await (await fetch('/')).text()).toBe('ok');
    expect(connections()).toBe(2);
    expect(await (await fetch('/')).text()).toBe('ok');
    await waitMs(20);
    expect(await rejection(fetch('/', { method: 'POST', body: 'a' }))).toBeInstanceOf(TypeError);
    expect(seen.filter((one) => one === 'POST /')).toHaveLength(1);
  });

  test('listeners do not pile up on a signal', async () => {
    const { fetch, ended } = await serve(transport, (request, response) => {
      request.resume();
      response.end('ok');
    });
    const added = vi.spyOn(ended.signal, 'addEventListener');
    const removed = vi.spyOn(ended.signal, 'removeEventListener');
    for (let count = 0; count < 5; count++) await (await fetch('/')).text();
    await fetch('/', { method: 'HEAD' });
    await waitMs(20);
    // One is that of the kept connections.
    expect(added.mock.calls.length - removed.mock.calls.length).toBe(1);
  });

  test('nothing goes through the built-in fetch, which gives up after five minutes of silence', async () => {
    const builtIn = vi.spyOn(globalThis, 'fetch');
    const { fetch } = await serve(transport, (_request, response) => response.end());
    await fetch('/');
    expect(builtIn).not.toHaveBeenCalled();
  });
});
