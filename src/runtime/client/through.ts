import type { BackendBridge } from '../page/preload.js';

/** Where a client sends its requests; options of openapi-fetch's `createClient`. */
export interface ClientTarget {
  readonly baseUrl: string;
  readonly fetch: (request: Request) => Promise<Response>;
}

/** Where the backend is in this run is known when a request is made, not when the client is. */
const baseUrl = 'http://localhost';

/**
 * Send the requests of a client through `engine.fetch`, in the main process.
 *
 * @example
 * ```ts
 * const client = createClient<paths>(throughBackend(engine));
 * ```
 */
export function throughBackend(backend: {
  fetch(path: string, init: RequestInit): Promise<Response>;
}): ClientTarget {
  return {
    baseUrl,
    fetch: async (request) => {
      const { method, headers, signal, redirect } = request;
      const body = await bodyOf(request);
      return backend.fetch(pathOf(request), {
        method,
        headers,
        signal,
        redirect,
        ...(body === null ? {} : { body }),
      });
    },
  };
}

/**
 * Send the requests of a client through `window.backends`, in a page. One request and its whole answer: for streams give the
 * client the address of the proxy instead, `{ baseUrl: 'backend://engine' }`.
 *
 * @example
 * ```ts
 * const client = createClient<paths>(throughBridge(window.backends, 'engine'));
 * ```
 */
export function throughBridge(bridge: Pick<BackendBridge, 'fetch'>, name: string): ClientTarget {
  return {
    baseUrl,
    fetch: async (request) => {
      request.signal.throwIfAborted();
      const { status, headers, body } = await bridge.fetch(name, pathOf(request), {
        method: request.method,
        headers: Object.fromEntries(request.headers),
        body: await bodyOf(request),
      });
      request.signal.throwIfAborted();
      const hasBody = ![101, 204, 205, 304].includes(status);
      return new Response(hasBody ? body : null, {
        status,
        headers: headers.map(([key, value]): [string, string] => [key, value]),
      });
    },
  };
}

function pathOf(request: Request): string {
  return request.url.slice(new URL(request.url).origin.length);
}

async function bodyOf(request: Request): Promise<ArrayBuffer | null> {
  return request.body === null ? null : request.arrayBuffer();
}
