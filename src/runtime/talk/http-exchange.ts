import http from 'node:http';
import { finished, pipeline, Readable } from 'node:stream';
import type { Transform } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BackendAgent } from './backend-agent.js';
import { decodersOf, knownEncodings } from './content-encoding.js';
import type { HttpRequest } from './http-request.js';
import { failed } from './http-redirect.js';

/** Headers that say how a message is sent, which is decided here. */
const ofConnection = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Methods of requests that may be made twice. */
const idempotent = /^(?:GET|HEAD|OPTIONS|PUT|DELETE)$/;

const withoutBody: readonly number[] = [204, 205, 304];

/** Connections by generation, so that none of an ended backend is used again. */
const agents = new WeakMap<AbortSignal, BackendAgent>();

function agentOf(request: HttpRequest): BackendAgent {
  const agent = agents.get(request.ended) ?? new BackendAgent(request, true);
  agents.set(request.ended, agent);
  return agent;
}

/**
 * Send a request and wait for the head of its answer; the body is read as it comes. No limit of time: what a backend computes may take
 * hours. Not the built-in `fetch`, which gives up after five minutes of silence and reaches no Unix socket.
 *
 * A server may close a kept connection at any time. What may be made twice is, when that is noticed too late; anything else waits until
 * the event loop has looked at the connections, however busy the app was before, and takes one that is still open.
 *
 * @throws TypeError as `fetch` does, or the reason of the signal that was aborted.
 */
export async function exchange(request: HttpRequest): Promise<Response> {
  if (!idempotent.test(request.method)) {
    // The first turn may end before it looks; what has ended or was silent for too long is gone after the third.
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    for (const sockets of Object.values(agentOf(request).freeSockets))
      for (const socket of sockets ?? []) if (socket.readableEnded) socket.destroy();
  }
  return send(request);
}

function send(request: HttpRequest, isRepeated = false): Promise<Response> {
  const { address, url, method, body, ended, signal } = request;
  const signals = signal === null ? [ended] : [signal, ended];
  return new Promise((resolve, reject) => {
    for (const one of signals) one.throwIfAborted();
    const outgoing = http.request({
      ...(address.type === 'tcp' ? { host: address.host, port: address.port } : { socketPath: address.path }),
      path: url.pathname + url.search,
      method,
      headers: headersOf(request),
      agent: isRepeated ? new BackendAgent(request, false) : agentOf(request),
    });
    let answer: Readable | null = null;
    let hasFailed = false;
    const abort = (event: Event): void => {
      (answer ?? outgoing).destroy((event.target as AbortSignal).reason as Error);
    };
    const release = (): void => {
      for (const one of signals) one.removeEventListener('abort', abort);
    };
    const fail = (error: NodeJS.ErrnoException): void => {
      // An upload that breaks after the answer began does not end the answer.
      if (answer === null) release();
      if (hasFailed) return;
      hasFailed = true;
      const aborted = signals.find((one) => one.aborted);
      if (aborted !== undefined) reject(aborted.reason as Error);
      else if (answer === null && !isRepeated && outgoing.reusedSocket && mayRepeat(request, error))
        resolve(send(request, true));
      else reject(failed(error.message, error));
    };
    for (const one of signals) one.addEventListener('abort', abort);
    outgoing.on('error', fail);
    outgoing.on('close', () => {
      if (answer === null) fail(new Error('closed without an answer'));
    });
    outgoing.on('response', (incoming) => {
      answer = incoming;
      // Servers close the connection under which an application failed, and do not say so.
      if ((incoming.statusCode ?? 500) >= 500) outgoing.shouldKeepAlive = false;
      const encodings = knownEncodings(incoming.headers['content-encoding'] ?? null);
      if (encodings.length === 0) respond(incoming, []);
      else decodersOf(encodings).then((decoders) => respond(incoming, decoders), fail);
    });
    const respond = (incoming: http.IncomingMessage, decoders: readonly Transform[]): void => {
      const headers = new Headers();
      let content: Readable = incoming;
      try {
        for (const one of signals) one.throwIfAborted();
        for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2)
          headers.append(incoming.rawHeaders[index] as string, incoming.rawHeaders[index + 1] as string);
        const { statusCode: status = 502, statusMessage: statusText = '' } = incoming;
        const hasBody = method !== 'HEAD' && !withoutBody.includes(status);
        if (hasBody) for (const decoder of decoders) content = pipeline(content, decoder, () => undefined);
        answer = content;
        finished(content, () => {
          release();
          // Nobody asks for the rest of an upload that was answered before its end.
          if (!outgoing.writableFinished) outgoing.destroy();
        });
        if (!hasBody) incoming.resume();
        resolve(
          new Response(hasBody ? (Readable.toWeb(content) as ReadableStream) : null, {
            status,
            statusText,
            headers,
          }),
        );
      } catch (error) {
        // A status or a header that a `Response` cannot have.
        outgoing.destroy();
        answer = null;
        fail(error as Error);
      }
    };
    if (body === null) outgoing.end();
    else {
      const stream = body instanceof Blob ? body.stream() : body;
      pipeline(Readable.fromWeb(stream), outgoing, (error) => {
        if (error) fail(error);
      });
    }
  });
}

function headersOf({ headers, body }: HttpRequest): Record<string, string> {
  const result: Record<string, string> = {
    accept: '*/*',
    'accept-encoding': 'gzip, deflate',
    ...Object.fromEntries(headers),
  };
  for (const name of ofConnection) delete result[name];
  if (body instanceof Blob) result['content-length'] = String(body.size);
  else if (body !== null) result['transfer-encoding'] = 'chunked';
  return result;
}

/** The backend closed a kept connection at the moment it was used: it has not seen the request. */
function mayRepeat({ method, body }: HttpRequest, { code = '' }: NodeJS.ErrnoException): boolean {
  return body === null && idempotent.test(method) && ['ECONNRESET', 'EPIPE'].includes(code);
}
