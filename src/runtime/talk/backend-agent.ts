import type http from 'node:http';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import { node } from '../node.js';
import type { HttpRequest } from './http-request.js';
import { createLanes } from './lanes.js';
import type { Lanes } from './lanes.js';
import { NotTheBackend, prove } from './prove.js';

/** So long a connection is kept. No server closes one so soon for its silence; on one computer a new one costs next to nothing. */
const keptIdleMs = 500;

/** So long after an answer a server that closes without having said so has done it. */
export const restMs = 10;

/** Connections of one generation, kept for further requests. */
export interface BackendAgent extends Lanes {
  /** Make a request, on a connection that has been silent for at least so long or on a new one. */
  request(options: http.RequestOptions, leastSilentMs: number): http.ClientRequest;
}

/**
 * Where it can be proved that connections lead to the backend, each is before its use.
 *
 * @param first - the first request; the others differ in what is asked
 */
export function backendAgent({ ended, key, url }: HttpRequest): BackendAgent {
  const { http, net } = node;
  const silentSince = new WeakMap<Duplex, number>();
  // Its connections end with the generation.
  const connecting = { keepAlive: true, timeout: keptIdleMs, signal: ended };
  // The oldest first, and of those that have ended meanwhile Node passes over the first ones only.
  const agent = new http.Agent({ ...connecting, scheduling: 'fifo' });
  const keep = agent.keepSocketAlive.bind(agent);

  const createConnection = (
    options: http.ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
    isLast = false,
  ): Duplex | undefined => {
    const socket = net.connect(options as net.NetConnectOpts);
    if (key === null) return socket;
    // Between the proof and the request nobody else listens to it.
    socket.on('error', () => undefined);
    const again = (): void => {
      socket.destroy();
      createConnection(options, callback, true);
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
  };

  const keepSocketAlive = (socket: Duplex): void => {
    silentSince.set(socket, performance.now());
    return keep(socket);
  };

  Object.assign(agent, { createConnection, keepSocketAlive });
  return {
    ...createLanes(),
    request(options, leastSilentMs) {
      const kept = agent.freeSockets;
      const nowMs = performance.now();
      let oldestMs = Infinity;
      for (const socket of Object.values(kept).flatMap((sockets) => sockets ?? [])) {
        const silentMs = nowMs - (silentSince.get(socket) ?? 0);
        // The timer and the events that should end it may be late.
        if (socket.readableEnded || silentMs > keptIdleMs) socket.destroy();
        else if (oldestMs === Infinity && !socket.destroyed) oldestMs = silentMs;
      }
      // Node takes the oldest, if it sees any.
      if (oldestMs < leastSilentMs) Object.assign(agent, { freeSockets: {} });
      const made = http.request({ ...options, agent });
      Object.assign(agent, { freeSockets: kept });
      return made;
    },
  };
}
