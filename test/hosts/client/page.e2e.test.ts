import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { findBrowser } from '../../../scripts/system-tools.ts';
import { prepareBackend } from '../../../src/hosts/dev/index.js';
import type { BackendManifest } from '../../../src/runtime/manifest.js';
import { createProxyHandler } from '../../../src/runtime/index.js';
import { testBackend } from '../../runtime/support.js';
import { resolvedConfig } from '../../support/backend.js';
import { writeFiles } from '../../support/files.js';
import { repositoryDir, testCacheDir } from '../../support/paths.js';
import { sixtyRoutes, sixtyRoutesRequirements } from './sixty-routes.js';

const executablePath = await findBrowser();

/** A page that asks by the proxy, by the bridge, and reads a stream. */
const page = `
import createClient from 'openapi-fetch';
import { eventReader, throughBridge } from 'electron-pyinstaller/client';
const byProxy = { baseUrl: location.origin };
const form = () => { const data = new FormData(); data.set('file', new Blob(['abc']), 'a.txt'); return data; };
globalThis.use = async () => {
  const told = {};
  for (const [name, target] of [['proxy', byProxy], ['bridge', throughBridge(globalThis.backends, 'engine')]]) {
    const client = createClient(target);
    const model = await client.GET('/api/models/{id}', { params: { path: { id: 7 } } });
    const missing = await client.GET('/api/models/{id}', { params: { path: { id: 404 } } });
    const pet = await client.POST('/api/pets', { body: { kind: 'dog', breed: null } });
    const size = await client.POST('/api/files', { body: {}, bodySerializer: form });
    const file = await client.GET('/api/files/{name}', { params: { path: { name: 'a' } }, parseAs: 'arrayBuffer' });
    told[name] = [model.data.pet, missing.error, missing.response.status, pet.data, size.data, [...new Uint8Array(file.data)]];
  }
  told.events = [];
  for await (const { data } of eventReader(byProxy)('/api/ticks', { params: { query: { count: 2 } } })) told.events.push(data.n);
  return told;
};`;

test.skipIf(executablePath === null)(
  'a page in Chromium asks through the proxy and through the bridge: models, errors, unions, files, events',
  async () => {
    const project = await writeFiles({
      'package.json': '{}',
      'backend/main.py': sixtyRoutes(),
      'page.js': page,
    });
    const [backend] = resolvedConfig(project, {
      engine: { entry: { asgi: 'main:app' }, source: 'backend', requirements: sixtyRoutesRequirements },
    }).backends;
    if (backend === undefined) throw new Error('no backend');
    const prepared: BackendManifest = await prepareBackend(backend, { cacheDir: testCacheDir });
    const running = await testBackend(prepared, { logger: { info: silent, warn: silent, error: silent } });
    await running.start();
    const { outputFiles } = await build({
      entryPoints: [path.join(project, 'page.js')],
      bundle: true,
      write: false,
      format: 'iife',
      nodePaths: [path.join(repositoryDir, 'node_modules')],
      alias: { 'electron-pyinstaller/client': path.join(repositoryDir, 'src/runtime/client/index.ts') },
    });
    // What Electron's protocol does with the handler.
    const forward = createProxyHandler(running);
    const server = createServer((request, response) => {
      void (async () => {
        const url = request.url ?? '/';
        if (url === '/') return response.setHeader('content-type', 'text/html').end('<!doctype html>');
        const method = request.method ?? 'GET';
        const answer = await forward(
          new Request(`http://${request.headers.host ?? ''}${url}`, {
            method,
            headers: request.headers as Record<string, string>,
            ...(method === 'GET' ? {} : { body: Readable.toWeb(request) as ReadableStream, duplex: 'half' }),
          }),
        );
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
        if (answer.body !== null)
          for await (const part of Readable.fromWeb(answer.body)) response.write(part);
        return response.end();
      })().catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
    onTestFinished(async () => {
      await browser.close();
      server.closeAllConnections();
      server.close();
    });
    const tab = await browser.newPage();
    // As serveRenderer answers; the bridge of Electron copies bytes, this one only text.
    await tab.exposeFunction(
      'ask',
      async (url: string, method: string, headers: Record<string, string>, body: string | null) => {
        const init = body === null ? {} : { body: Buffer.from(body, 'base64') };
        const answer = await running.fetch(url, { method, headers, ...init });
        const bytes = Buffer.from(await answer.arrayBuffer());
        return {
          status: answer.status,
          headers: [...answer.headers].map(([key, value]) => [key, value]),
          body: bytes.toString('base64'),
        };
      },
    );
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await tab.evaluate(`(() => {
      const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
      globalThis.backends = {
        async fetch(_name, url, { method, headers, body }) {
          const answer = await globalThis.ask(url, method, headers, body === null ? null : text(body));
          return { ...answer, body: Uint8Array.from(atob(answer.body), (one) => one.charCodeAt(0)) };
        },
      };
    })()`);
    await tab.evaluate(outputFiles[0]?.text ?? '');
    const each = [
      { kind: 'cat', lives: 9 },
      { detail: 'no such model' },
      404,
      { kind: 'dog', breed: null },
      { size: 3 },
      [0, 1, 97],
    ];
    expect(await tab.evaluate('globalThis.use()')).toEqual({ proxy: each, bridge: each, events: [0, 1] });
  },
  120_000,
);

function silent(): void {}
