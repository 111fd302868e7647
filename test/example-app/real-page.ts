/** example-app's page on a backend that runs: what the app's main process and preload script do for it, without Electron. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { Page } from 'playwright-core';
import type { Backend } from '../../src/runtime/index.js';
import { pageFiles } from './page-server.ts';

/** A page that is served. */
export interface ServedPage {
  readonly url: string;
  close(): void;
}

/** The page's files, and its `/api/…` requests passed on to the backend, as example-app's main process does. */
export async function serveRealPage(backend: Pick<Backend, 'fetch'>): Promise<ServedPage> {
  const files = await pageFiles();
  const server = createServer((request, response) => {
    void (async () => {
      const url = request.url ?? '/';
      const file = files.get(url);
      if (file !== undefined) return response.setHeader('content-type', file[0]).end(file[1]);
      if (!url.startsWith('/api/')) return response.writeHead(404).end();
      const closed = new AbortController();
      response.on('close', () => closed.abort());
      const answer = await backend.fetch(url, { method: request.method ?? 'GET', signal: closed.signal });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      if (answer.body === null) return response.end();
      for await (const part of Readable.fromWeb(answer.body)) response.write(part);
      return response.end();
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Runs in the page before its script, in the place of the preload script. As text: it belongs to the page. */
const bridge = `(() => {
  let tell = () => {};
  let say = () => {};
  globalThis.shown = { status: (status) => tell(status), line: (line) => say(line) };
  const control = (action) => () => globalThis.controlBackend(action);
  globalThis.backends = {
    onStatus: (_name, listener) => { tell = listener; void globalThis.tellAll(); },
    start: control('start'), stop: control('stop'), restart: control('restart'),
  };
  globalThis.backendLog = { recent: () => Promise.resolve([]), onLine: (listener) => { say = listener; } };
  globalThis.diagnostics = { save: () => globalThis.saveDiagnostics() };
})()`;

/** Give the page what the preload script gives it: state, control, log, diagnostics. */
export async function giveBridge(
  page: Page,
  backend: Pick<Backend, 'status' | 'start' | 'stop' | 'restart' | 'on'>,
  save: () => Promise<string | null>,
): Promise<void> {
  const call = (name: 'status' | 'line', value: unknown): void => {
    void page.evaluate(`globalThis.shown.${name}(${JSON.stringify(value)})`).catch(() => null);
  };
  const lines: unknown[] = [];
  let hasPage = false;
  backend.on('log', ({ stream, line }) => {
    lines.push({ stream, line });
    if (hasPage) call('line', { stream, line });
  });
  backend.on('state', () => {
    if (hasPage) call('status', backend.status());
  });
  await page.exposeFunction('tellAll', () => {
    hasPage = true;
    call('status', backend.status());
    for (const line of lines) call('line', line);
  });
  await page.exposeFunction('controlBackend', (action: 'start' | 'stop' | 'restart') => backend[action]());
  await page.exposeFunction('saveDiagnostics', save);
  await page.addInitScript(bridge);
}
