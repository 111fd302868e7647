import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpRequest } from './http-request.js';
import { NotTheBackend, prove } from './prove.js';

/** So long a connection is kept. No server closes one so soon for its silence; on one computer a new one costs next to nothing. */
const keptIdleMs = 500;

/** So long after an answer a server that closes without having said so has done it. */
export const restMs = 10;

/** Connections of one generation, kept for further requests. Where it can be proved that they lead to the backend, each is before its use. */
export class BackendAgent extends http.Agent {
  readonly #request: HttpRequest;
  readonly #since = new WeakMap<Duplex, number>();

  /** @param request - the first one; the others differ in what is asked */
  constructor(request: HttpRequest) {
    // Its connections end with the generation.
    const connecting = { keepAlive: true, timeout: keptIdleMs, signal: request.ended };
    // The oldest first, and of those that have ended meanwhile Node passes over the first ones only.
    super({ ...connecting, scheduling: 'fifo' });
    this.#request = request;
  }

  override keepSocketAlive(socket: Duplex): void {
    this.#since.set(socket, performance.now());
    return super.keepSocketAlive(socket);
  }

  /** Make a request, on a connection that has been silent for at least so long or on a new one. */
  request(options: http.RequestOptions, leastSilentMs: number): http.ClientRequest {
    const kept = this.freeSockets;
    const nowMs = performance.now();
    let oldestMs = Infinity;
    for (const socket of Object.values(kept).flatMap((sockets) => sockets ?? [])) {
      const silentMs = nowMs - (this.#since.get(socket) ?? 0);
      // The timer and the events that should end it may be late.
      if (socket.readableEnded || silentMs > keptIdleMs) socket.destroy();
      else if (oldestMs === Infinity && !socket.destroyed) oldestMs = silentMs;
    }
    // Node takes the oldest, if it sees any.
    if (oldestMs < leastSilentMs) Object.assign(this, { freeSockets: {} });
    const made = http.request({ ...options, agent: this });
    Object.assign(this, { freeSockets: kept });
    return made;
  }

  override createConnection(
    options: http.ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
    isLast = false,
  ): Duplex | undefined {
    const socket = net.connect(options as net.NetConnectOpts);
    const { key, url } = this.#request;
    if (key === null) return socket;
    // Between the proof and the request nobody else listens to it.
    socket.on('error', () => undefined);
    const again = (): void => {
      socket.destroy();
      this.createConnection(options, callback, true);
    };
    const beganMs = performance.now();
    prove(socket, url.host, key).then(
      () => {
        // While the app was held up, the server may have ended a connection that was silent.
        if (isLast || performance.now() - beganMs < keptIdleMs) callback?.(null, socket);
        else again();
      },
      (error: Error) => {
        // A server with all its connections in use ends one at times; nothing but the question has been sent.
        if (isLast || error instanceof NotTheBackend) callback?.(error, socket.destroy());
        else again();
      },
    );
    return undefined;
  }
}
