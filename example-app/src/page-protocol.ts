/** The page's origin, `app://desk`: its files come from the app, its `/api/…` requests are forwarded to the backend. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol } from 'electron';
import type { engine } from './backends.gen';

type Backend = typeof engine;

/** Where the window begins. */
export const pageUrl = 'app://desk/index.html';

const pageDir = path.join(import.meta.dirname, 'page');
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Must be called before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

/** Answer the page. The token is added by `fetch` of the backend, here in the main process; the page never sees it. */
export function forwardToBackend(backend: Backend): void {
  protocol.handle('app', async (request) => {
    const { host, pathname, search } = new URL(request.url);
    if (host !== 'desk') return new Response('Unknown host', { status: 404 });
    if (!pathname.startsWith('/api/')) return await pageFile(pathname);
    try {
      return await backend.fetch(pathname + search, {
        method: request.method,
        headers: request.headers,
        body: request.body,
        signal: request.signal,
        ...(request.body === null ? {} : { duplex: 'half' as const }),
      });
    } catch (error) {
      return new Response(error instanceof Error ? error.message : String(error), { status: 503 });
    }
  });
}

async function pageFile(pathname: string): Promise<Response> {
  // Resolving against the root keeps `..` inside.
  const file = path.join(pageDir, path.resolve('/', decodeURIComponent(pathname)));
  const type = types[path.extname(file)];
  if (type === undefined) return new Response('Not found', { status: 404 });
  try {
    return new Response(await readFile(file), { headers: { 'content-type': type } });
  } catch {
    return new Response('Not found', { status: 404 });
  }
}
