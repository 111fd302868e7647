import http from 'node:http';
import { Readable } from 'node:stream';
import { BackendError } from './errors.js';
import type { BackendAddress } from './events.js';

/** Where and how a backend is asked. */
export interface FetchTarget {
  readonly name: string;
  readonly address: BackendAddress;
  readonly token: string;
  /** Aborted when the generation ends. */
  readonly signal: AbortSignal;
}

/** Redirects that are followed over a Unix socket. */
const maxRedirects = 5;

/**
 * `fetch` against a backend: adds the token, refuses other origins, ends with the generation.
 *
 * @throws BackendError `E_KIND` without an address, `E_FORBIDDEN` for a URL of another origin.
 */
export function fetchBackend(
  target: FetchTarget,
  path: string | URL,
  init: RequestInit = {},
): Promise<Response> {
  const { address, name } = target;
  if (address.type === 'none') {
    return Promise.reject(
      new BackendError('E_KIND', `fetch: the backend "${name}" has no address`, {
        hint: 'Use request() for a `stdio` backend, run() for a job.',
      }),
    );
  }
  const base = address.type === 'tcp' ? address.url : 'http://localhost';
  const url = new URL(path, base);
  if (url.origin !== new URL(base).origin) {
    return Promise.reject(
      new BackendError('E_FORBIDDEN', `fetch: ${url.origin} is not the backend "${name}"`, {
        hint: 'Give a path: the token must not be sent to anybody else.',
      }),
    );
  }
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${target.token}`);
  const signals =
    init.signal === undefined || init.signal === null ? [target.signal] : [target.signal, init.signal];
  const request = new Request(url, {
    ...init,
    headers,
    signal: AbortSignal.any(signals),
    ...(init.body === undefined || init.body === null ? {} : { duplex: 'half' }),
  });
  return address.type === 'tcp' ? fetch(request) : fetchSocket(address.path, request, maxRedirects);
}

/** The same over a Unix socket, which the built-in `fetch` cannot reach. */
async function fetchSocket(socketPath: string, request: Request, redirects: number): Promise<Response> {
  const again = request.redirect === 'follow' && redirects > 0 ? request.clone() : null;
  const response = await send(socketPath, request);
  const location = response.headers.get('location');
  if (again === null || location === null || ![301, 302, 303, 307, 308].includes(response.status))
    return response;
  const url = new URL(location, request.url);
  if (url.origin !== new URL(request.url).origin) return response;
  await response.body?.cancel();
  const keepsMethod = response.status >= 307;
  const { headers, signal } = again;
  const next = keepsMethod
    ? new Request(url, again)
    : new Request(url, { method: request.method === 'HEAD' ? 'HEAD' : 'GET', headers, signal });
  return fetchSocket(socketPath, next, redirects - 1);
}

function send(socketPath: string, request: Request): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { pathname, search } = new URL(request.url);
    const outgoing = http.request({
      socketPath,
      path: pathname + search,
      method: request.method,
      headers: { host: 'localhost', ...Object.fromEntries(request.headers) },
      signal: request.signal,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const headers = new Headers();
      for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2)
        headers.append(incoming.rawHeaders[index] as string, incoming.rawHeaders[index + 1] as string);
      const status = incoming.statusCode ?? 502;
      const hasBody = request.method !== 'HEAD' && ![101, 204, 205, 304].includes(status);
      if (!hasBody) incoming.resume();
      const body = hasBody ? (Readable.toWeb(incoming) as ReadableStream) : null;
      resolve(new Response(body, { status, statusText: incoming.statusMessage ?? '', headers }));
    });
    if (request.body === null) outgoing.end();
    else Readable.fromWeb(request.body).pipe(outgoing);
  });
}
