import net from 'node:net';
import type { BackendAddress } from '../events.js';
import { tokenHeader } from './token-header.js';

/** Path the companion answers itself. */
export const pingPath = '/.electron-pyinstaller/ping';

/** One request that asks whether a backend answers. */
export interface Probe {
  readonly address: BackendAddress;
  readonly path: string;
  /** @defaultValue `GET` */
  readonly method?: 'GET' | 'POST';
  readonly token: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Bytes of an answer that are read; an endless one (a stream) is an answer too. */
const maxAnswerBytes = 64 * 1024;

/** What {@link parseAnswer} found. `complete`: nothing more needs to come. */
export interface ProbeAnswer {
  readonly status: number;
  readonly body: string;
  readonly complete: boolean;
}

/** Read as much of an HTTP answer as there is. Null: not even the headers. Pure. */
export function parseAnswer(text: string): ProbeAnswer | null {
  const end = text.indexOf('\r\n\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (end < 0 || status === undefined) return null;
  const body = text.slice(end + 4);
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1];
  return {
    status: Number(status),
    body,
    complete:
      status === '204' ||
      (length !== undefined && body.length >= Number(length)) ||
      text.length >= maxAnswerBytes,
  };
}

/**
 * Send a request and read the answer.
 *
 * By hand on a socket: a probe needs one status and one body, and the first request through `http` costs a starting app several
 * milliseconds more. A connection of its own each time, since a kept one may be a remnant of the generation before.
 *
 * @returns The answer's body, at most 64 KiB of it.
 * @throws Error when there is none in time, or its status is 400 or more.
 */
export async function probeHttp(probe: Probe): Promise<string> {
  const { address, path, method = 'GET', token } = probe;
  const base = address.type === 'tcp' ? address.url : 'http://localhost';
  const host = new URL(base).host;
  const what = `${method} ${base}${path}`;
  const request =
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${token === '' ? '' : `${tokenHeader}: ${token}\r\n`}` +
    `Accept: */*\r\nConnection: close\r\n${method === 'POST' ? 'Content-Length: 0\r\n' : ''}\r\n`;
  const text = await exchange(probe, what, request);
  const answer = parseAnswer(text);
  if (answer === null) throw new Error(`${what} was not answered in HTTP`);
  if (answer.status >= 400) throw new Error(`${what} answered ${answer.status}`);
  return answer.body;
}

/** Connect and disconnect. @throws Error when nobody accepts in time. */
export async function probeConnect(
  address: BackendAddress,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  await exchange({ address, timeoutMs, signal }, 'a connection', null);
}

/** Connect, send, and collect what comes back until it is complete. */
function exchange(
  { address, timeoutMs, signal }: Pick<Probe, 'address' | 'timeoutMs' | 'signal'>,
  what: string,
  request: string | null,
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (address.type === 'none') {
      reject(new Error('it has no address'));
      return;
    }
    const target =
      address.type === 'tcp' ? { host: address.host, port: address.port } : { path: address.path };
    const socket = net.connect({ ...target, signal });
    let text = '';
    const finish = (error?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error === undefined) resolve(text);
      else reject(error);
    };
    // The whole exchange, not only its silences: a backend may send a byte now and then.
    const timer = setTimeout(
      () => finish(new Error(`no answer to ${what} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    socket.setNoDelay(true);
    // Bytes, not characters: lengths are compared.
    socket.setEncoding('latin1');
    socket.on('error', finish);
    socket.on('connect', () => {
      if (request === null) finish();
      else socket.write(request);
    });
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (parseAnswer(text)?.complete === true) finish();
    });
    socket.on('close', () => finish());
  });
}
