/** The page's origin, `app://desk`: its files come from the app, its `/api/…` requests are forwarded to the backend. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol } from 'electron';
import { createProxyHandler } from 'electron-pyinstaller/runtime';
import type { engine } from './backends.gen';

/** Where the window begins. */
export const pageUrl = 'app://desk/index.html';

/** Address at which the page reaches the backend's `/api/<path>`. */
export function apiUrl(apiPath: string): string {
  return new URL(`/api/${apiPath}`, pageUrl).href;
}

const pageDir = path.join(import.meta.dirname, 'page');
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Tell whether an address is one of this app's pages. */
export function isOwnPage(url: string): boolean {
  return url.startsWith('app://desk/');
}

/** Must be called before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

/** Answer the page. The proxy adds the token here, in the main process; the page never holds it. */
export function servePage(backend: typeof engine): void {
  const forward = createProxyHandler(backend);
  protocol.handle('app', async (request) => {
    const { pathname } = new URL(request.url);
    if (!isOwnPage(request.url)) return notFound();
    return pathname.startsWith('/api/') ? await forward(request) : await pageFile(pathname);
  });
}

async function pageFile(pathname: string): Promise<Response> {
  // Resolving against the root keeps `..` inside.
  const file = path.join(pageDir, path.resolve('/', decodeURIComponent(pathname)));
  const type = types[path.extname(file)];
  if (type === undefined) return notFound();
  try {
    return new Response(await readFile(file), { headers: { 'content-type': type } });
  } catch {
    return notFound();
  }
}

function notFound(): Response {
  return new Response('Not found', { status: 404 });
}
