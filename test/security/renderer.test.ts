import { expect, test, vi } from 'vitest';
import {
  BackendError,
  composeBeforeSend,
  createProxyHandler,
  createTokenListener,
  exposeBackends,
  serveRenderer,
} from '../../src/runtime/index.js';
import type {
  BackendBridge,
  BackendStatus,
  IpcEvent,
  IpcMainLike,
  RequestDetails,
  ServedBackend,
} from '../../src/runtime/index.js';
import { tokenHeader } from '../../src/runtime/talk/token-header.js';

/** Electron's two ends of IPC, as far as the helpers use them: structured clones, one window that can show any page. */
class FakeElectron {
  readonly handlers = new Map<string, (event: IpcEvent, ...args: unknown[]) => unknown>();
  readonly ipcMain: IpcMainLike = {
    handle: (channel, listener) => void this.handlers.set(channel, listener),
    removeHandler: (channel) => void this.handlers.delete(channel),
  };
  /** What reached the page, whichever it was. */
  readonly received: unknown[] = [];
  #url = 'app://main/index.html';
  /** Questions of pages. */
  asked = 0;
  readonly #listeners = new Map<string, Set<(event: unknown, ...args: unknown[]) => void>>();
  readonly #sender: IpcEvent['sender'] = {
    send: (channel, ...args) => {
      this.received.push(...args);
      for (const listener of this.#listeners.get(channel) ?? []) listener({}, ...structuredClone(args));
    },
    isDestroyed: () => false,
    once: () => undefined,
    mainFrame: this.#frame(),
  };

  /** The window shows another page; the preload script runs there too. */
  navigate(url: string): void {
    this.#url = url;
    this.#listeners.clear();
  }

  get listenerCount(): number {
    return Array.from(this.#listeners.values()).reduce((sum, { size }) => sum + size, 0);
  }

  #frame(): { readonly url: string } {
    return Object.defineProperty({ url: '' }, 'url', { get: () => this.#url });
  }

  /** What the preload script gives to a frame of the window (by default the main frame). */
  bridge(frameUrl: string | null = this.#url): BackendBridge {
    let exposed: unknown;
    exposeBackends({
      contextBridge: { exposeInMainWorld: (_key, api) => (exposed = api) },
      ipcRenderer: {
        invoke: async (channel, ...args) => {
          this.asked += 1;
          const senderFrame = frameUrl === null ? null : { url: frameUrl };
          const handler = this.handlers.get(channel);
          if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
          return structuredClone(
            await handler({ senderFrame, sender: this.#sender }, ...structuredClone(args)),
          );
        },
        on: (channel, listener) => {
          const found = this.#listeners.get(channel) ?? new Set();
          this.#listeners.set(channel, found.add(listener));
        },
        off: (channel, listener) => this.#listeners.get(channel)?.delete(listener),
      },
    });
    return exposed as BackendBridge;
  }
}

const status: BackendStatus = {
  name: 'engine',
  kind: 'http',
  state: 'ready',
  phase: null,
  generation: 1,
  url: 'http://127.0.0.1:4000',
  socketPath: null,
  pid: 42,
  bootPid: 42,
  since: 0,
  text: null,
  percent: null,
  error: null,
  attached: false,
};

/** A backend behind `serveRenderer`; counts what reaches it. */
function served(options: { readonly control?: boolean } = {}): {
  readonly electron: FakeElectron;
  readonly reached: string[];
  readonly headers: Record<string, string>[];
  readonly announce: (event?: 'state' | 'status', change?: Partial<BackendStatus>) => void;
  readonly end: () => void;
} {
  const electron = new FakeElectron();
  const reached: string[] = [];
  const headers: Record<string, string>[] = [];
  const listeners = new Set<{ readonly event: string; readonly call: () => void }>();
  let current = status;
  const note = (what: string) => () => Promise.resolve(void reached.push(what));
  const backend: ServedBackend = {
    name: 'engine',
    status: () => current,
    fetch: (path, init) => {
      reached.push(`${init?.method ?? 'GET'} ${path}`);
      headers.push(Object.fromEntries(new Headers(init?.headers)));
      return Promise.resolve(new Response('the secret', { status: 201, headers: { 'x-one': '1' } }));
    },
    start: note('start'),
    stop: note('stop'),
    restart: note('restart'),
    on: (event, listener) => {
      const entry = { event, call: (): void => (listener as (payload: unknown) => void)({}) };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
  };
  const announce = (event: 'state' | 'status' = 'state', change: Partial<BackendStatus> = {}): void => {
    current = { ...current, ...change };
    for (const one of listeners) if (one.event === event) one.call();
  };
  const isAllowed = (url: string): boolean => url.startsWith('app://main/');
  const end = serveRenderer({ ipcMain: electron.ipcMain, backends: [backend], isAllowed, ...options });
  return { electron, reached, headers, announce, end };
}

test('a page that may ask gets the status, whole answers and every change', async () => {
  const { electron, reached, announce } = served();
  const bridge = electron.bridge();
  expect(await bridge.status('engine')).toEqual(status);
  const answer = await bridge.fetch('engine', '/api', { method: 'POST', body: 'x' });
  expect([answer.status, Buffer.from(answer.body).toString(), answer.headers]).toEqual([
    201,
    'the secret',
    expect.arrayContaining([['x-one', '1']]),
  ]);
  expect(reached).toEqual(['POST /api']);
  const heard: BackendStatus[] = [];
  const off = bridge.onStatus('engine', (next) => heard.push(next));
  await vi.waitFor(() => expect(heard).toEqual([status]));
  announce();
  expect(heard.length).toBeGreaterThan(1);
  off();
  const before = heard.length;
  announce();
  expect(heard).toHaveLength(before);
});

test.each([
  ['a page of another site', 'https://evil.example/app://main/'],
  ['a look-alike host', 'app://main.evil.example/'],
  ['a file', 'file:///tmp/index.html'],
  ['a data URL', 'data:text/html,app://main/'],
  ['an empty frame', 'about:blank'],
  ['a frame that is gone', null],
])('%s gets nothing through the preload helper', async (_, url) => {
  const { electron, reached } = served({ control: true });
  const bridge = electron.bridge(url);
  const forbidden = expect.objectContaining({ code: 'E_FORBIDDEN' }) as unknown;
  await expect(bridge.status('engine')).rejects.toEqual(forbidden);
  await expect(bridge.fetch('engine', '/api')).rejects.toEqual(forbidden);
  for (const verb of ['start', 'stop', 'restart'] as const)
    await expect(bridge[verb]('engine')).rejects.toEqual(forbidden);
  bridge.onStatus('engine', () => reached.push('status'));
  await new Promise(setImmediate);
  expect([reached, electron.received]).toEqual([[], []]);
});

test('a hostile page in a window whose earlier page listened hears nothing any more', async () => {
  const { electron, announce } = served();
  electron.bridge().onStatus('engine', () => undefined);
  await vi.waitFor(() => expect(electron.received).toHaveLength(1));
  electron.navigate('https://evil.example/');
  const stolen: BackendStatus[] = [];
  electron.bridge().onStatus('engine', (next) => stolen.push(next));
  await new Promise(setImmediate);
  announce();
  expect([stolen, electron.received]).toEqual([[], [status]]);
});

test('pages may not control a backend unless that was asked for, nor reach others', async () => {
  const { electron, reached } = served();
  const bridge = electron.bridge();
  await expect(bridge.stop('engine')).rejects.toMatchObject({ code: 'E_FORBIDDEN' });
  await expect(bridge.status('other')).rejects.toMatchObject({ code: 'E_FORBIDDEN' });
  await expect(bridge.status('__proto__')).rejects.toMatchObject({ code: 'E_FORBIDDEN' });
  expect(reached).toEqual([]);
  const controlled = served({ control: true });
  await controlled.electron.bridge().restart('engine');
  expect(controlled.reached).toEqual(['restart']);
});

test('after its end no handler is left', async () => {
  const { electron, end } = served();
  end();
  expect(electron.handlers.size).toBe(0);
  await expect(electron.bridge().status('engine')).rejects.toThrow('No handler registered');
});

/** A request as Electron's `protocol.handle` gives it: no `Origin`, the page's origin as a property. */
function asElectron(initiatorOrigin: string | undefined, init: RequestInit = {}): Request {
  const request = new Request('backend://engine/api', init);
  return initiatorOrigin === undefined ? request : Object.assign(request, { initiatorOrigin });
}

test.each([
  ['a foreign page', asElectron('https://evil.example')],
  ['a sandboxed frame', asElectron('null')],
  ['another page of the app', asElectron('app://other')],
  [
    'a foreign page that claims another origin',
    asElectron('https://evil.example', { headers: { origin: 'app://main' } }),
  ],
  ['a foreign page, by its header', asElectron(undefined, { headers: { origin: 'https://evil.example' } })],
  ["an image in another site's page", asElectron(undefined, { headers: { 'sec-fetch-site': 'cross-site' } })],
])('the proxy forwards nothing for %s', async (_, request) => {
  const fetch = vi.fn<(path: string) => Promise<Response>>();
  const response = await createProxyHandler({ fetch }, { allowOrigins: ['app://main'] })(request);
  expect([response.status, fetch.mock.calls]).toEqual([403, []]);
  expect(Array.from(response.headers.keys())).not.toContain('access-control-allow-origin');
});

test.each([
  ['an allowed page', asElectron('app://main')],
  ['a page of the same origin', asElectron('backend://engine')],
  ['the browser itself', asElectron(undefined)],
  ['the browser itself, by its header', asElectron(undefined, { headers: { 'sec-fetch-site': 'none' } })],
])(
  'the proxy forwards for %s, with its own login, without what only the browser should know',
  async (_, request) => {
    request.headers.set('cookie', 'c=1');
    request.headers.set('authorization', 'Bearer of-the-page');
    request.headers.set('x-mine', 'yes');
    const fetch = vi.fn<(path: string, init?: RequestInit) => Promise<Response>>(() =>
      Promise.resolve(new Response('ok', { headers: { 'access-control-allow-origin': '*' } })),
    );
    const response = await createProxyHandler({ fetch }, { allowOrigins: ['app://main'] })(request);
    expect([response.status, await response.text()]).toEqual([200, 'ok']);
    const sent = new Headers(fetch.mock.calls[0]?.[1]?.headers);
    expect(Object.fromEntries(sent)).toEqual({
      'accept-encoding': 'identity',
      authorization: 'Bearer of-the-page',
      cookie: 'c=1',
      'x-mine': 'yes',
    });
    expect(response.headers.get('access-control-allow-origin')).not.toBe('*');
  },
);

test.each([
  ['cannot be asked', '/api/x', 502],
  ['does not run', '/api/stopped', 503],
  ['has no such path', '/other', 404],
])('an allowed page can read why the backend %s', async (_, path, status) => {
  const proxy = createProxyHandler(
    {
      fetch: (asked) =>
        Promise.reject(asked === '/stopped' ? new BackendError('E_STOPPED', 'no') : new Error('no')),
    },
    { allowOrigins: ['app://main'], stripPrefix: '/api' },
  );
  const ask = (initiatorOrigin: string): Promise<Response> =>
    proxy(Object.assign(new Request(`backend://engine${path}`), { initiatorOrigin }));
  const answer = await ask('app://main');
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, 'app://main']);
  expect((await ask('backend://engine')).headers.has('access-control-allow-origin')).toBe(false);
});

test('the token goes to requests of allowed pages to exactly this backend, and to no others', () => {
  const backend = { url: 'http://127.0.0.1:4000', token: () => 't'.repeat(43) };
  const listener = createTokenListener<RequestDetails>(
    [backend],
    (details) => details.initiatorOrigin === 'app://main',
  );
  const sent = (url: string, initiatorOrigin: string): unknown => {
    let headers: Record<string, unknown> | undefined;
    listener(
      {
        url,
        requestHeaders: { authorization: 'mine', [tokenHeader.toUpperCase()]: 'guess' },
        initiatorOrigin,
      },
      (answer) => {
        headers = answer.requestHeaders;
      },
    );
    return headers;
  };
  const withToken = { authorization: 'mine', [tokenHeader]: backend.token() };
  expect(sent('http://127.0.0.1:4000/a', 'app://main')).toEqual(withToken);
  expect(sent('ws://127.0.0.1:4000/ws', 'app://main')).toEqual(withToken);
  for (const [url, origin] of [
    ['http://127.0.0.1:4000/a', 'https://evil.example'],
    ['http://127.0.0.1:4001/a', 'app://main'],
    ['http://127.0.0.1:4000@evil.example/', 'app://main'],
    ['http://localhost:4000/a', 'app://main'],
    ['https://127.0.0.1:4000/a', 'app://main'],
    ['not a url', 'app://main'],
  ] as const)
    expect(sent(url, origin)).not.toHaveProperty(tokenHeader);
});

/** What a page would say to be taken for somebody else. */
const forged = [
  'X-Forwarded-For',
  'x-forwarded-proto',
  'x-forwarded-prefix',
  'x_forwarded_for',
  'X-Forwarded',
  'Forwarded',
  'Via',
  'X-Real-IP',
  'X-Client-IP',
  'CF-Connecting-IP',
  'X-Original-URL',
];
const forgedHeaders = Object.fromEntries(forged.map((name) => [name, '1.2.3.4']));
const ownHeaders = { 'x-original-filename': 'a.txt', authorization: 'Basic x', 'x-mine': 'yes' };

test('what only a proxy may say of its client reaches no backend from a page, by whichever way', async () => {
  const sent: Headers[] = [];
  const fetch = (_path: string, init?: RequestInit): Promise<Response> => {
    sent.push(new Headers(init?.headers));
    return Promise.resolve(new Response('ok'));
  };
  const headers = { ...forgedHeaders, ...ownHeaders };
  await createProxyHandler({ fetch })(new Request('backend://engine/api', { headers }));
  const { electron, headers: bridged } = served();
  await electron.bridge().fetch('engine', '/api', { headers });
  const token = 't'.repeat(43);
  createTokenListener([{ url: 'http://127.0.0.1:4000', token: () => token }], () => true)(
    { url: 'http://127.0.0.1:4000/api', requestHeaders: headers },
    (answer) => sent.push(new Headers(answer.requestHeaders as Record<string, string>)),
  );
  expect(Object.fromEntries(sent[0] ?? [])).toEqual({ ...ownHeaders, 'accept-encoding': 'identity' });
  expect(bridged).toEqual([ownHeaders]);
  expect(Object.fromEntries(sent[1] ?? [])).toEqual({ ...ownHeaders, [tokenHeader]: token });
});

test('an allowed page may ask with credentials, and read every header by its name', async () => {
  const answer = new Response('ok', { headers: { 'x-total': '1', etag: 'e', 'set-cookie': 'a=1' } });
  const proxy = createProxyHandler(
    { fetch: () => Promise.resolve(answer) },
    { allowOrigins: ['app://main'] },
  );
  const { headers } = await proxy(asElectron('app://main'));
  expect(headers.get('access-control-allow-credentials')).toBe('true');
  expect(headers.get('access-control-expose-headers')?.split(', ')).toEqual(
    expect.arrayContaining(['x-total', 'etag']),
  );
  expect(headers.getSetCookie()).toEqual(['a=1']);
  const asked = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' };
  const preflight = await proxy(asElectron('app://main', { method: 'OPTIONS', headers: asked }));
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    'access-control-allow-credentials': 'true',
    'access-control-allow-headers': 'authorization',
    'access-control-allow-origin': 'app://main',
  });
  expect(
    (await proxy(asElectron('https://evil.example'))).headers.has('access-control-allow-credentials'),
  ).toBe(false);
});

test('joined listeners see each other’s headers, and one that cancels has the last word', () => {
  const answers: unknown[] = [];
  const details = { url: 'http://127.0.0.1:4000/', requestHeaders: { a: '1' } };
  const add =
    (name: string) =>
    (seen: RequestDetails, done: (answer: { requestHeaders: Record<string, string> }) => void): void =>
      done({ requestHeaders: { ...seen.requestHeaders, [name]: '2' } });
  composeBeforeSend(add('b'), add('c'))(details, (answer) => answers.push(answer));
  composeBeforeSend((_seen, done) => done({ cancel: true }), add('c'))(details, (answer) =>
    answers.push(answer),
  );
  expect(answers).toEqual([{ requestHeaders: { a: '1', b: '2', c: '2' } }, { cancel: true }]);
});

test('thirty subscribers cost thirty calls, one question and one listener', async () => {
  const { electron, announce } = served();
  const bridge = electron.bridge();
  const calls: number[] = [];
  const subscribe = (index: number) => bridge.onStatus('engine', () => void calls.push(index));
  const ends = Array.from({ length: 15 }, (_, index) => subscribe(index));
  await vi.waitFor(() => expect(calls.length).toBeGreaterThanOrEqual(15));
  // Later ones get the status that the page knows.
  for (let index = 15; index < 30; index++) ends.push(subscribe(index));
  await vi.waitFor(() => expect(calls.length).toBeGreaterThanOrEqual(30));
  const each = Array.from({ length: 30 }, (_, index) => index);
  expect(calls.toSorted((left, right) => left - right)).toEqual(each);
  expect(electron.received).toHaveLength(1);
  expect(electron.listenerCount).toBe(1);
  announce();
  expect(calls.slice(30)).toEqual(each);
  for (const end of ends) end();
  expect(electron.listenerCount).toBe(0);
  announce();
  expect(calls).toHaveLength(60);
  // Who comes after all have left asks anew.
  subscribe(0);
  await vi.waitFor(() => expect(calls).toHaveLength(61));
});

test('a subscriber that throws keeps no other from hearing, and one that left hears nothing', async () => {
  const { electron, announce } = served();
  const bridge = electron.bridge();
  const heard: string[] = [];
  const thrown: unknown[] = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error));
  const off = bridge.onStatus('engine', () => {
    heard.push('first');
    if (heard.length === 1) return;
    off();
    throw new Error('the page');
  });
  bridge.onStatus('engine', () => void heard.push('second'));
  await vi.waitFor(() => expect(heard).toEqual(['first', 'second']));
  announce();
  announce();
  await vi.waitFor(() => expect(thrown).toHaveLength(1));
  process.removeAllListeners('uncaughtException');
  for (const listener of before) process.on('uncaughtException', listener);
  expect(heard).toEqual(['first', 'second', 'first', 'second', 'second']);
  expect(String(thrown[0])).toBe('Error: the page');
});

test('a page that was refused is asked for again by its next subscriber', async () => {
  const { electron } = served();
  const bridge = electron.bridge('https://evil.example/');
  const heard: BackendStatus[] = [];
  bridge.onStatus('engine', (next) => heard.push(next));
  await new Promise(setImmediate);
  expect(heard).toEqual([]);
  expect(electron.asked).toBe(1);
  bridge.onStatus('engine', (next) => heard.push(next));
  expect(electron.asked).toBe(2);
});

test('thousands of status lines are a few messages, of which the last is the last; a state is told at once', async () => {
  const { electron, announce, end } = served();
  const heard: BackendStatus[] = [];
  electron.bridge().onStatus('engine', (next) => heard.push(next));
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  for (let index = 1; index <= 5000; index++) announce('status', { text: `step ${index}` });
  expect(heard.map(({ text }) => text)).toEqual([null, 'step 1']);
  announce('state', { state: 'degraded' });
  expect(heard.at(-1)).toMatchObject({ state: 'degraded', text: 'step 5000' });
  announce('status', { text: 'the last' });
  expect(heard).toHaveLength(3);
  await vi.waitFor(() => expect(heard.at(-1)?.text).toBe('the last'));
  expect(heard).toHaveLength(4);
  announce('status', { text: 'after the end' });
  announce('status', { text: 'nobody' });
  end();
  await new Promise((resolve) => {
    setTimeout(resolve, 30);
  });
  expect(heard.map(({ text }) => text)).not.toContain('nobody');
});
