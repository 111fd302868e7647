import { BackendError } from '../errors.js';
import type { BackendAddress } from '../events.js';
import { exchange } from './http-exchange.js';
import type { HttpRequest } from './http-request.js';
import { afterRedirect } from './http-redirect.js';
import { tokenHeader } from './token-header.js';

/** Where and how a backend is asked. */
export interface FetchTarget {
  readonly name: string;
  readonly address: BackendAddress;
  /** Empty: it wants none. */
  readonly token: string;
  /** The backend can prove that it has the token. */
  readonly proves: boolean;
  /** Aborted when the generation ends. */
  readonly signal: AbortSignal;
}

/**
 * `fetch` against a backend: adds the token, refuses other origins, ends with the generation.
 *
 * @throws BackendError `E_KIND` without an address, `E_FORBIDDEN` for a URL of another origin.
 */
export async function fetchBackend(
  target: FetchTarget,
  path: string | URL | Request,
  init: RequestInit = {},
): Promise<Response> {
  const { address, name } = target;
  if (address.type === 'none') {
    throw new BackendError('E_KIND', `fetch: the backend "${name}" has no address`, {
      hint: 'Use request() for a `stdio` backend, run() for a job.',
    });
  }
  const base = address.type === 'tcp' ? address.url : 'http://localhost';
  // Neither strings nor URLs have any of these.
  const given = path as Partial<Request>;
  const url = new URL(given.url ?? path, base);
  if (url.origin !== new URL(base).origin) {
    throw new BackendError('E_FORBIDDEN', `fetch: ${url.origin} is not the backend "${name}"`, {
      hint: 'Give a path: the token must not be sent to anybody else.',
    });
  }
  const headers = new Headers(init.headers ?? given.headers);
  if (target.token === '') headers.delete(tokenHeader);
  else headers.set(tokenHeader, target.token);
  const signal = init.signal ?? given.signal ?? null;
  // Checks everything, and knows the type of the body.
  const request = new Request(given.url === undefined ? url : path, {
    ...init,
    headers,
    signal: null,
    duplex: 'half',
  });
  const first: HttpRequest = {
    address,
    url,
    method: request.method,
    headers: request.headers,
    body: await bodyOf(request, init.body),
    key: target.proves && address.type === 'tcp' ? target.token : null,
    ended: target.signal,
    signal,
  };
  return follow(first, request.redirect);
}

/** Blobs up to this are written at once. */
const wholeBlobBytes = 1024 * 1024;

/** A stream or a large blob (a file) is never held in memory; everything else is there already, or in a `Request` that does not tell. */
async function bodyOf(request: Request, given: unknown): Promise<HttpRequest['body']> {
  if (request.body === null || given instanceof ReadableStream) return request.body;
  return given instanceof Blob && given.size > wholeBlobBytes
    ? given
    : new Uint8Array(await request.arrayBuffer());
}

async function follow(first: HttpRequest, mode: Request['redirect']): Promise<Response> {
  let request = first;
  for (let followed = 0; ; followed++) {
    const response = await exchange(request);
    const next = afterRedirect(request, response, mode, followed);
    if (next === null) {
      const url = request.url.href.replace(/#.*/s, '');
      return Object.defineProperties(response, { url: { value: url }, redirected: { value: followed > 0 } });
    }
    await response.body?.cancel();
    if (next instanceof TypeError) throw next;
    request = next;
  }
}
