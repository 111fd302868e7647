import type net from 'node:net';
import type { BackendAddress } from '../events.js';
import { node } from '../node.js';
import { ask } from './ask.js';
import { prove } from './prove.js';
import { tokenHeader } from './token-header.js';

/** Whom a probe asks, and how. */
export interface ProbeTarget {
  readonly address: BackendAddress;
  readonly token: string;
  /** Who answers can prove that they have the token, and must before anything else is said. */
  readonly proves: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** An answer with a status that does not count. */
export class BadStatus extends Error {
  readonly status: number;

  constructor(what: string, status: number) {
    super(`${what} answered ${status}`);
    this.status = status;
  }
}

/** One request that asks whether a backend answers. */
export interface Probe extends ProbeTarget {
  readonly path: string;
  /** Statuses that count; left out: any below 400. */
  readonly status?: readonly number[] | undefined;
  /** @defaultValue `GET` */
  readonly method?: 'GET' | 'POST';
}

/**
 * Send a request and read the answer.
 *
 * By hand on a socket: a probe needs one status and one body, and the first request through `http` costs a starting app several
 * milliseconds more. A connection of its own each time, since a kept one may be a remnant of the generation before.
 *
 * @returns The answer's body, at most 64 KiB of it.
 * @throws Error when there is none in time, or its status does not count ({@link BadStatus}); {@link NotTheBackend} when somebody else is there.
 */
export async function probeHttp(probe: Probe): Promise<string> {
  const { address, path, method = 'GET', token } = probe;
  const what = `${method} ${baseOf(address)}${path}`;
  const request =
    `${method} ${path} HTTP/1.1\r\nHost: ${hostOf(address)}\r\n${token === '' ? '' : `${tokenHeader}: ${token}\r\n`}` +
    `Accept: */*\r\nConnection: close\r\n${method === 'POST' ? 'Content-Length: 0\r\n' : ''}\r\n`;
  const { status, body } = await connected(probe, what, (socket) => ask(socket, what, request));
  if (probe.status ? !probe.status.includes(status) : status >= 400) throw new BadStatus(what, status);
  return body;
}

/** Connect, see who is there where that can be proved, and disconnect. @throws Error when nobody accepts, or answers, in time. */
export async function probeConnect(target: ProbeTarget): Promise<void> {
  await connected(target, 'a connection', () => undefined);
}

function baseOf(address: BackendAddress): string {
  return address.type === 'tcp' ? address.url : 'http://localhost';
}

/** What a request to an address says in `Host`. */
function hostOf(address: BackendAddress): string {
  return new URL(baseOf(address)).host;
}

/** Do something with a connection, within the time for the whole of it: a backend may send a byte now and then. */
async function connected<Result>(
  { address, token, proves, timeoutMs, signal }: ProbeTarget,
  what: string,
  use: (socket: net.Socket) => Result | Promise<Result>,
): Promise<Result> {
  if (address.type === 'none') throw new Error('it has no address');
  const socket = node.net.connect({
    ...(address.type === 'tcp' ? { host: address.host, port: address.port } : { path: address.path }),
    noDelay: true,
    signal,
  });
  const timer = setTimeout(
    () => socket.destroy(new Error(`no answer to ${what} within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    await node.events.once(socket, 'connect');
    socket.on('error', () => undefined);
    if (proves) await prove(socket, hostOf(address), token);
    return await use(socket);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
