import { expect, test } from 'vitest';
import { eventReader, throughBackend, throughBridge } from '../../../src/runtime/client/index.js';

/** As far as it is used here: its types are tried by the compiler in test/hosts/client. */
type CreateClient = (
  target: object,
) => Record<
  'GET' | 'PUT',
  (
    path: keyof Paths,
    options: object,
  ) => Promise<{ readonly data?: { ok: boolean }; readonly error?: unknown; readonly response: Response }>
>;

const openapiFetch: string = 'openapi-fetch';
const { default: createClient } = (await import(openapiFetch)) as { readonly default: CreateClient };

interface Asked {
  readonly path: string;
  readonly init: RequestInit;
}

/** A backend that answers with what it was asked. */
function echo(answer: (asked: Asked) => Response = () => Response.json({ ok: true })) {
  const asked: Asked[] = [];
  return {
    asked,
    fetch: (path: string, init: RequestInit) => {
      asked.push({ path, init });
      return Promise.resolve(answer({ path, init }));
    },
  };
}

interface Paths {
  '/api/models/{id}': {
    get: {
      parameters: { path: { id: number }; query?: { tag?: string[] } };
      responses: { 200: { content: { 'application/json': { ok: boolean } } } };
    };
    put: {
      parameters: { path: { id: number } };
      requestBody: { content: { 'application/json': { name: string } } };
      responses: { 200: { content: { 'application/json': { ok: boolean } } } };
    };
  };
  '/api/ticks/{job}': {
    get: { parameters: { path: { job: string }; query?: { count?: number } }; responses: { 200: object } };
  };
}

test('a request of the client reaches the backend as path, method, headers and body, wherever it listens', async () => {
  const backend = echo();
  const client = createClient(throughBackend(backend));
  const { data } = await client.GET('/api/models/{id}', {
    params: { path: { id: 7 }, query: { tag: ['a b', 'ü'] } },
  });
  expect(data?.ok).toBe(true);
  expect(backend.asked[0]?.path).toBe('/api/models/7?tag=a%20b&tag=%C3%BC');
  expect(backend.asked[0]?.init).toMatchObject({ method: 'GET' });
  expect(backend.asked[0]?.init.body).toBeUndefined();
  await client.PUT('/api/models/{id}', { params: { path: { id: 7 } }, body: { name: 'ä' } });
  const { init } = backend.asked[1] ?? {};
  expect(init?.method).toBe('PUT');
  expect(new Headers(init?.headers).get('content-type')).toBe('application/json');
  expect(new TextDecoder().decode(init?.body as ArrayBuffer)).toBe('{"name":"ä"}');
});

test('through the bridge of a preload script the answer is whole, errors and empty ones included', async () => {
  const seen: unknown[] = [];
  const statuses = [200, 404, 204];
  const bridge = {
    fetch: (name: string, path: string, init?: object) => {
      seen.push([name, path, init]);
      const status = statuses.shift() ?? 500;
      const body = new TextEncoder().encode(
        status === 204 ? '' : JSON.stringify({ ok: status === 200 }),
      ).buffer;
      return Promise.resolve({ status, headers: [['content-type', 'application/json']] as const, body });
    },
  };
  const client = createClient(throughBridge(bridge, 'engine'));
  const ask = () => client.GET('/api/models/{id}', { params: { path: { id: 1 } } });
  expect((await ask()).data).toEqual({ ok: true });
  expect((await ask()).error).toEqual({ ok: false });
  expect((await ask()).response.status).toBe(204);
  expect(seen[0]).toMatchObject(['engine', '/api/models/1', { method: 'GET', body: null }]);
});

test('an aborted request rejects with its reason, through both', async () => {
  const controller = new AbortController();
  const backend = echo(({ init }) => {
    controller.abort(new Error('enough'));
    init.signal?.throwIfAborted();
    return new Response();
  });
  const options = { params: { path: { id: 1 } }, signal: controller.signal };
  await expect(createClient(throughBackend(backend)).GET('/api/models/{id}', options)).rejects.toThrow(
    'enough',
  );
  const bridge = { fetch: () => Promise.reject(new Error('never asked')) };
  await expect(
    createClient(throughBridge(bridge, 'engine')).GET('/api/models/{id}', options),
  ).rejects.toThrow('enough');
});

test('events are parsed, with path and query filled in; what is no stream is an error', async () => {
  const streaming = new Response('id: 1\ndata: {"n": 1}\n\nevent: end\ndata: {"n": 2}\n\n', {
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
  });
  const answers = [streaming, Response.json({}, { status: 404 })];
  const backend = echo(() => answers.shift() ?? new Response());
  const events = eventReader<Paths, { '/api/ticks/{job}': { n: number } }>(throughBackend(backend));
  const found: unknown[] = [];
  const params = { path: { job: 'a/b' }, query: { count: 2 } };
  for await (const { event, id, data } of events('/api/ticks/{job}', { params }))
    found.push([event, id, data.n]);
  expect(found).toEqual([
    ['message', '1', 1],
    ['end', '1', 2],
  ]);
  expect(backend.asked[0]?.path).toBe('/api/ticks/a%2Fb?count=2');
  await expect(events('/api/ticks/{job}', { params }).next()).rejects.toThrow(
    'GET /api/ticks/{job} answered 404 with application/json',
  );
  await expect(events('/api/ticks/{job}').next()).rejects.toThrow('needs params.path.job');
});
