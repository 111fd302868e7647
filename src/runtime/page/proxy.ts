import { knownEncodings } from '../talk/content-encoding.js';
import { isOfProxy } from './page-headers.js';
import { isBackendError, messageOf } from '../errors.js';

/** Options of {@link createProxyHandler}. */
export interface ProxyOptions {
  /**
   * Origins of the pages that may call, e.g. `['app://main']`. Pages of the same origin as the request always may; `null` (a sandboxed
   * frame) never may.
   *
   * @defaultValue none
   */
  readonly allowOrigins?: readonly string[];
  /** Beginning of the path that the backend does not know, e.g. `/api`. @defaultValue none */
  readonly stripPrefix?: string;
}

/** What a proxy forwards to. */
export interface ProxyTarget {
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** Headers that belong to one connection, or tell the backend about a browser it must not care about. */
const notForwarded =
  /^(?:host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|origin|referer|accept-encoding|content-length|sec-.*)$/;

/** Headers of an answer that do not hold any more when it is passed on. */
const notReturned =
  /^(?:connection|keep-alive|proxy-.*|trailer|transfer-encoding|upgrade|access-control-.*)$/;

/** Values of `Sec-Fetch-Site` of a request that another site's page caused. */
const otherSite = /^(?:cross-site|same-site)$/;

/** Bodies up to this are sent as a whole, so that a redirect can be followed. */
const wholeBodyBytes = 1024 * 1024;

/**
 * Make a handler for Electron's `protocol.handle`: forwards a page's requests to the backend and adds the token, so that the page
 * never holds it. Answers are streamed, server-sent events included.
 * `Authorization` and cookies are passed on both ways; Electron itself keeps no cookies of such a scheme.
 *
 * `corsEnabled` lets pages of other origins read what the scheme answers, whatever the answer's headers say. Which of them may is decided
 * here, by the request's `initiatorOrigin`: Electron 45 has it, 43 and 44 since September 2026. Under an older one every page of the session
 * may call, so foreign pages belong into a session of their own (`partition`). A page of the same origin needs no `corsEnabled`.
 *
 * WebSockets do not go through `protocol.handle`: see {@link createTokenListener}.
 *
 * @example
 * ```ts
 * protocol.registerSchemesAsPrivileged([
 *   { scheme: 'backend', privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, stream: true } },
 * ]);
 * // after app is ready
 * protocol.handle('backend', createProxyHandler(engine, { allowOrigins: ['app://main'] }));
 * // in the page: fetch('backend://engine/api/models')
 * ```
 */
export function createProxyHandler(
  target: ProxyTarget,
  options: ProxyOptions = {},
): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url);
    const origin = initiatorOf(request);
    const isForeign = origin !== null && origin !== originOf(url);
    if (isForeign && (origin === 'null' || options.allowOrigins?.includes(origin) !== true))
      return plain(403, 'E_FORBIDDEN', `pages of ${origin} may not use this backend`, null);
    if (isForeign && request.method === 'OPTIONS' && request.headers.has('access-control-request-method'))
      return preflight(origin, request);
    const readBy = isForeign ? origin : null;
    const prefix = options.stripPrefix ?? '';
    if (!isBelow(url.pathname, prefix))
      return plain(404, 'E_FORBIDDEN', `nothing outside ${prefix} is forwarded`, readBy);
    const path = `/${url.pathname.slice(prefix.length).replace(/^\/+/, '')}${url.search}`;
    try {
      const response = await target.fetch(path, await forwarded(request));
      return returned(response, readBy);
    } catch (error) {
      if (request.signal.aborted) throw error;
      const message = messageOf(error);
      return isBackendError(error)
        ? plain(503, error.code, message, readBy)
        : plain(502, 'E_FETCH', message, readBy);
    }
  };
}

/**
 * Origin of the page that caused a request; null when the browser itself did, or nothing is known. Electron sets no `Origin` header for
 * custom schemes. https://github.com/electron/electron/pull/53685
 */
function initiatorOf(request: Request & { readonly initiatorOrigin?: string | undefined }): string | null {
  const named = request.initiatorOrigin ?? request.headers.get('origin');
  if (named !== null) return named;
  // Without a name, but certainly not ours: an image or a script in another site's page.
  return otherSite.test(request.headers.get('sec-fetch-site') ?? '') ? 'null' : null;
}

/** Non-standard schemes have the origin `null` in `URL`, unlike in a browser that was told that they are standard. */
function originOf(url: URL): string {
  return `${url.protocol}//${url.host}`;
}

function isBelow(pathname: string, prefix: string): boolean {
  return `${pathname}/`.startsWith(`${prefix.replace(/\/$/, '')}/`);
}

async function forwarded(request: Request): Promise<RequestInit> {
  const headers = new Headers();
  for (const [name, value] of request.headers)
    if (!notForwarded.test(name) && !isOfProxy(name)) headers.append(name, value);
  // Compressing on the same computer costs more than it saves, and would have to be undone here.
  headers.set('accept-encoding', 'identity');
  const init: RequestInit = { method: request.method, headers, signal: request.signal };
  if (request.body === null) return init;
  const length = Number(request.headers.get('content-length') ?? Number.NaN);
  return { ...init, body: length <= wholeBodyBytes ? await request.arrayBuffer() : request.body };
}

function returned(response: Response, origin: string | null): Response {
  const headers = new Headers();
  // `fetch` has undone an encoding the backend used nevertheless, when it knows it.
  const decoded = knownEncodings(response.headers.get('content-encoding')).length > 0;
  for (const [name, value] of response.headers) {
    if (notReturned.test(name) || (decoded && /^content-(?:encoding|length)$/.test(name))) continue;
    headers.append(name, value);
  }
  // By name: `*` is only a name in answers to requests with credentials, and never means `authorization`.
  if (origin !== null) headers.set('access-control-expose-headers', [...headers.keys()].join(', '));
  allow(headers, origin);
  const { status, statusText, body } = response;
  return new Response(body, { status, statusText, headers });
}

function preflight(origin: string, request: Request): Response {
  const headers = new Headers({ 'access-control-max-age': '600' });
  allow(headers, origin);
  headers.set('access-control-allow-methods', request.headers.get('access-control-request-method') ?? 'GET');
  const wanted = request.headers.get('access-control-request-headers');
  if (wanted !== null) headers.set('access-control-allow-headers', wanted);
  return new Response(null, { status: 204, headers });
}

function allow(headers: Headers, origin: string | null): void {
  if (origin === null) return;
  headers.set('access-control-allow-origin', origin);
  // `fetch` with `credentials: 'include'`, as axios and others ask for.
  headers.set('access-control-allow-credentials', 'true');
  headers.append('vary', 'Origin');
}

function plain(status: number, code: string, message: string, origin: string | null): Response {
  const response = Response.json({ error: { code, message } }, { status });
  allow(response.headers, origin);
  return response;
}
