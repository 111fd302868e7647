import { tokenHeader } from '../talk/token-header.js';
import { isOfProxy } from './page-headers.js';

/** What Electron's `webRequest` tells about a request, as far as it matters here. */
export interface RequestDetails {
  readonly url: string;
  readonly requestHeaders: Record<string, string>;
  readonly webContentsId?: number | undefined;
  readonly frame?: { readonly url: string } | null | undefined;
  /** Origin of the page that caused the request, the same after redirects. Electron 45; 43 and 44 since September 2026. */
  readonly initiatorOrigin?: string | undefined;
}

/** Answer of an `onBeforeSendHeaders` listener. */
export interface BeforeSendAnswer {
  cancel?: boolean;
  requestHeaders?: Record<string, string | string[]>;
}

/** A listener for `session.webRequest.onBeforeSendHeaders`. */
export type BeforeSendListener<Details extends RequestDetails = RequestDetails> = (
  details: Details,
  callback: (answer: BeforeSendAnswer) => void,
) => void;

/** A backend whose requests get a token. */
export interface TokenSource {
  readonly url: string | null;
  token(): string | null;
}

/** URL patterns for the filter of `onBeforeSendHeaders`: the port changes with each start, so it is compared in the listener. */
export const backendUrlPatterns: readonly string[] = ['http://127.0.0.1:*/*', 'ws://127.0.0.1:*/*'];

/**
 * Make a listener that adds the token (`x-electron-pyinstaller-token`) to requests of pages you allow, WebSockets included. The page
 * never holds it; its own `Authorization` and cookies are left alone.
 *
 * Electron calls only the last listener attached to an event: join yours with {@link composeBeforeSend}.
 *
 * @param isAllowed Decide by the origin (with an older Electron: the frame) who asked; requests of others pass without token and get 401 from the backend.
 * @example
 * ```ts
 * session.defaultSession.webRequest.onBeforeSendHeaders(
 *   { urls: [...backendUrlPatterns] },
 *   createTokenListener([engine], (details) => details.initiatorOrigin === 'app://main'),
 * );
 * ```
 */
export function createTokenListener<Details extends RequestDetails>(
  backends: readonly TokenSource[],
  isAllowed: (details: Details) => boolean,
): BeforeSendListener<Details> {
  return (details, callback) => {
    const backend = backends.find((candidate) => isRequestTo(candidate.url, details.url));
    if (backend === undefined) return callback({ requestHeaders: details.requestHeaders });
    const requestHeaders = Object.fromEntries(
      Object.entries(details.requestHeaders).filter(
        ([name]) => name.toLowerCase() !== tokenHeader && !isOfProxy(name),
      ),
    );
    const token = backend.token();
    if (token !== null && isAllowed(details)) requestHeaders[tokenHeader] = token;
    callback({ requestHeaders });
  };
}

/** Join listeners into one: each sees the headers the one before left; the first that cancels wins. */
export function composeBeforeSend<Details extends RequestDetails>(
  ...listeners: readonly BeforeSendListener<Details>[]
): BeforeSendListener<Details> {
  return (details, callback) => {
    const call = (index: number, requestHeaders: Record<string, string | string[]>): void => {
      const listener = listeners[index];
      if (listener === undefined) return callback({ requestHeaders });
      listener({ ...details, requestHeaders }, (answer) => {
        if (answer.cancel === true) callback(answer);
        else call(index + 1, answer.requestHeaders ?? requestHeaders);
      });
    };
    call(0, details.requestHeaders);
  };
}

/** True when a request goes to exactly this backend, over HTTP or as a WebSocket. */
function isRequestTo(base: string | null, url: string): boolean {
  if (base === null || !URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return (protocol === 'http:' || protocol === 'ws:') && host === new URL(base).host;
}
