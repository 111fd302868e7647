import type { HttpRequest } from './http-request.js';

/** As many as `fetch` follows. */
const maxRedirects = 20;

/**
 * What comes after an answer, as the Fetch Standard has it, but for redirects to another origin, which are not followed. Pure.
 *
 * https://fetch.spec.whatwg.org/#http-redirect-fetch
 *
 * @param followed How many redirects were followed before.
 * @returns The next request; null: the answer is the one to be returned; an error: it is none.
 */
export function afterRedirect(
  request: HttpRequest,
  { status, headers }: Response,
  mode: Request['redirect'],
  followed: number,
): HttpRequest | TypeError | null {
  const location = headers.get('location');
  if (mode === 'manual' || location === null || ![301, 302, 303, 307, 308].includes(status)) return null;
  if (mode === 'error') return failed(`redirected to ${location}`);
  const url = URL.canParse(location, request.url.href) ? new URL(location, request.url) : null;
  if (url?.origin !== request.url.origin) return null;
  if (followed >= maxRedirects) return failed('too many redirects');
  const { method, body } = request;
  if (status === 303 ? method !== 'GET' && method !== 'HEAD' : status < 303 && method === 'POST') {
    const kept = new Headers(request.headers);
    for (const name of request.headers.keys()) if (name.startsWith('content-')) kept.delete(name);
    return { ...request, url, method: 'GET', headers: kept, body: null };
  }
  if (status !== 303 && body instanceof ReadableStream) return failed('a stream cannot be sent again');
  return { ...request, url };
}

/** What `fetch` rejects with. */
export function failed(why: string, cause?: Error): TypeError {
  return new TypeError(`fetch failed: ${why}`, { cause });
}
