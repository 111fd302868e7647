import http from 'node:http';
import net from 'node:net';
import type { BackendAddress } from './events.js';

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

/** Largest answer of a probe that is read; more is ignored. */
const maxBodyBytes = 64 * 1024;

/**
 * Send a request and read the answer.
 *
 * @returns The answer's body, at most 64 KiB of it.
 * @throws Error when there is none in time, or its status is 400 or more.
 */
export function probeHttp(probe: Probe): Promise<string> {
  return new Promise((resolve, reject) => {
    const { address, method = 'GET' } = probe;
    if (address.type === 'none') {
      reject(new Error('it has no address'));
      return;
    }
    const request = http.request({
      ...(address.type === 'tcp'
        ? { host: address.host, port: address.port }
        : { socketPath: address.path, headers: { host: 'localhost' } }),
      path: probe.path,
      method,
      // A connection of its own: a pooled one may be a remnant of the generation before.
      agent: false,
      signal: probe.signal,
    });
    request.setHeader('authorization', `Bearer ${probe.token}`);
    request.setHeader('connection', 'close');
    const timer = setTimeout(() => {
      request.destroy(new Error(`no answer to ${method} ${probe.path} within ${probe.timeoutMs} ms`));
    }, probe.timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    request.on('error', fail);
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      const parts: Buffer[] = [];
      let length = 0;
      response.on('data', (part: Buffer) => {
        if (length < maxBodyBytes) parts.push(part);
        length += part.length;
        // An endless answer (a stream) is an answer.
        if (length >= maxBodyBytes) finish();
      });
      response.on('end', finish);
      response.on('error', fail);
      function finish(): void {
        clearTimeout(timer);
        request.destroy();
        if (status < 400) resolve(Buffer.concat(parts).toString('utf8'));
        else reject(new Error(`${method} ${probe.path} answered ${status}`));
      }
    });
    request.end();
  });
}

/** Connect and disconnect. @throws Error when nobody accepts in time. */
export function probeConnect(address: BackendAddress, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (address.type === 'none') {
      reject(new Error('it has no address'));
      return;
    }
    const socket =
      address.type === 'tcp'
        ? net.connect({ host: address.host, port: address.port, signal })
        : net.connect({ path: address.path, signal });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)));
    socket.on('error', reject);
    socket.on('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
