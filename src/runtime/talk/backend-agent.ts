import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpRequest } from './http-request.js';
import { prove } from './prove.js';

/** So long a connection is kept. No server closes one so soon for its silence; on one computer a new one costs next to nothing. */
const keptIdleMs = 500;

/** Connections of one generation, kept for further requests. Where it can be proved that they lead to the backend, each is before its use. */
export class BackendAgent extends http.Agent {
  readonly #request: HttpRequest;

  /** @param request - the first one; the others differ in what is asked */
  constructor(request: HttpRequest, keepAlive: boolean) {
    // Its connections end with the generation.
    const connecting = { keepAlive, timeout: keptIdleMs, signal: request.ended };
    // Of connections that have ended, Node passes over those at the front only.
    super({ ...connecting, scheduling: 'fifo' });
    this.#request = request;
  }

  override createConnection(
    options: http.ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | undefined {
    const socket = net.connect(options as net.NetConnectOpts);
    const { key, url } = this.#request;
    if (key === null) return socket;
    // Between the proof and the request nobody else listens to it.
    socket.on('error', () => undefined);
    prove(socket, url.host, key).then(
      () => callback?.(null, socket),
      (error: Error) => callback?.(error, socket.destroy()),
    );
    return undefined;
  }
}
