/** Serves example-app's page with a backend made for tests, and stands in for the preload script's objects. */
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import { repositoryDir } from '../support/paths.ts';

const pageDir = path.join(repositoryDir, 'example-app/src/page');
const signals = [
  { name: 'tide', title: 'Tide', unit: 'm' },
  { name: 'heartbeat', title: 'Heartbeat', unit: 'mV' },
];

/** A running page server. */
export interface PageServer {
  readonly url: string;
  /** Requests other than for files, as `METHOD /path`. */
  readonly requests: readonly string[];
  /** Open streams. */
  streams(): number;
  close(): void;
}

/** The page's files as the app has them: content type and text by path. */
export async function pageFiles(): Promise<ReadonlyMap<string, readonly [type: string, text: string]>> {
  const bundled = await build({
    entryPoints: [path.join(pageDir, 'page.ts'), path.join(pageDir, 'page.css')],
    outdir: '/page',
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    // Not installed there.
    alias: { 'electron-pyinstaller/client': path.join(repositoryDir, 'src/runtime/client/index.ts') },
    logLevel: 'error',
  });
  const files = new Map<string, readonly [type: string, text: string]>([
    ['/index.html', ['text/html', await readFile(path.join(pageDir, 'index.html'), 'utf8')]],
  ]);
  for (const { path: name, text } of bundled.outputFiles) {
    files.set(`/${path.basename(name)}`, [name.endsWith('.css') ? 'text/css' : 'text/javascript', text]);
  }
  return files;
}

/** Bundle the page and serve it. */
export async function servePage(): Promise<PageServer> {
  const files = await pageFiles();
  const requests: string[] = [];
  const streams = new Set<ServerResponse>();
  let chosen = 'tide';
  const timer = setInterval(() => {
    const value = Math.sin(Date.now() / 500);
    for (const stream of streams)
      stream.write(`data: ${JSON.stringify({ time: Date.now() / 1000, value })}\n\n`);
  }, 40);

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    const file = files.get(pathname);
    if (file !== undefined) {
      response.setHeader('content-type', file[0]).end(file[1]);
      return;
    }
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const json = (value: unknown): void => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    };
    if (pathname === '/api/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      streams.add(response);
      response.on('close', () => streams.delete(response));
    } else if (pathname === '/api/signals') json({ chosen, signals });
    else if (pathname.startsWith('/api/signals/')) {
      chosen = path.basename(pathname);
      json({ chosen });
    } else if (pathname === '/api/health') json({ pid: 4711, python: '3.12.1', frozen: true });
    else if (pathname === '/api/services/statistics')
      json({ minimum: -1, mean: 0.25, maximum: 1, deviation: 0.5 });
    else if (pathname === '/api/services/trend') json({ direction: 'rising' });
    else if (pathname === '/api/services/report')
      response.setHeader('content-type', 'text/html').end('<h1>Report</h1>');
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`,
    requests,
    streams: () => streams.size,
    close() {
      clearInterval(timer);
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Runs in the page before its own script: `window.backends` and `window.backendLog`, driven by the test through `window.test`. */
export function installBridge(): void {
  const calls: string[] = [];
  const answers: (() => Promise<string>)[] = [];
  let onStatus: (status: unknown) => void = () => {};
  let onLine: (line: unknown) => void = () => {};
  const status = (state: string, more: object = {}): object => ({
    name: 'engine',
    state,
    phase: null,
    generation: 1,
    url: state === 'ready' ? 'http://127.0.0.1:40123' : null,
    text: null,
    error: null,
    since: 1_000_000,
    ...more,
  });
  const control = (action: string) => (name: string) => {
    calls.push(`${action} ${name}`);
    return Promise.resolve();
  };
  Object.assign(globalThis, {
    backends: {
      start: control('start'),
      stop: control('stop'),
      restart: control('restart'),
      onStatus(_name: string, listener: (status: unknown) => void) {
        onStatus = listener;
        onStatus(status('starting', { phase: 'spawning' }));
      },
    },
    backendLog: {
      recent: () => Promise.resolve([{ stream: 'stderr', line: 'INFO:     Started' }]),
      onLine(listener: (line: unknown) => void) {
        onLine = listener;
      },
    },
    diagnostics: {
      save() {
        calls.push('save diagnostics');
        return answers.shift()?.() ?? Promise.resolve(null);
      },
    },
    test: {
      calls,
      answer: (file: string) => answers.push(() => Promise.resolve(file)),
      refuse: (reason: string) => answers.push(() => Promise.reject(new Error(reason))),
      state: (state: string, more?: object) => onStatus(status(state, more)),
      log: (line: string) => onLine({ stream: 'stderr', line }),
    },
  });
}
