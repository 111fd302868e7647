import type http from 'node:http';
import type { Readable } from 'node:stream';
import { onAbort } from '../aborted.js';
import { node } from '../node.js';
import { backendAgent, restMs } from './backend-agent.js';
import type { BackendAgent } from './backend-agent.js';
import { decodersOf, knownEncodings } from './content-encoding.js';
import { failed } from './http-redirect.js';
import type { HttpRequest } from './http-request.js';

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

const withoutBody: readonly number[] = [204, 205, 304];

/** Methods of requests that may be made twice. */
const idempotent = /^(?:GET|HEAD|OPTIONS|PUT|DELETE)$/;

/** Connections by generation, so that none of an ended backend is used again. */
const agents = new WeakMap<AbortSignal, BackendAgent>();

function agentOf(request: HttpRequest): BackendAgent {
  const agent = agents.get(request.ended) ?? backendAgent(request);
  agents.set(request.ended, agent);
  return agent;
}

/**
 * Send a request and wait for the head of its answer; the body is read as it comes. No limit of time: what a backend computes may take
 * hours. Not the built-in `fetch`, which gives up after five minutes of silence and reaches no Unix socket.
 *
 * A server may close a kept connection at any time. What may be made twice is, when a kept connection broke before a byte of the answer
 * came (RFC 9110, 9.2.2); anything else is sent only where that cannot be expected. A body that is read while it is sent would leave time
 * for it, and has a connection of its own.
 *
 * @throws TypeError as `fetch` does, or the reason of the signal that was aborted.
 */
export async function exchange(request: HttpRequest): Promise<Response> {
  const { address, url, method, body, ended, signal } = request;
  ended.throwIfAborted();
  const options: http.RequestOptions = {
    ...(address.type === 'tcp' ? { host: address.host, port: address.port } : { socketPath: address.path }),
    path: url.pathname + url.search,
    method,
    headers: headersOf(request),
    ...(signal === null ? {} : { signal }),
  };
  const agent = agentOf(request);
  await agent.enter(signal);
  const isKept = body === null || body instanceof Uint8Array;
  const isSafe = isKept && idempotent.test(method);
  let outgoing: http.ClientRequest;
  try {
    // What ended while the app was busy is known when the event loop has looked at the connections; the first turn may end before it does.
    for (let turns = isKept && !isSafe ? 2 : 0; turns > 0; turns--) await node.timers.setImmediate();
    ended.throwIfAborted();
    outgoing = agent.request(options, isSafe ? 0 : isKept ? restMs : Infinity);
  } catch (error) {
    agent.leave();
    throw error;
  }
  // Its connection is free a moment later.
  outgoing.on('close', () => queueMicrotask(() => agent.leave()));
  const again = (): Promise<Response> => answerTo(request, agent.request(options, Infinity));
  return answerTo(request, outgoing, isSafe ? again : undefined);
}

/** @param again Makes it once more, on a connection of its own. */
function answerTo(
  { method, body, ended, signal }: HttpRequest,
  outgoing: http.ClientRequest,
  again?: () => Promise<Response>,
): Promise<Response> {
  const errorOf = (error: Error): Error =>
    ([signal, ended].find((one) => one?.aborted)?.reason as Error | undefined) ?? error;
  return new Promise((resolve, reject) => {
    let isSettled = false;
    let bytesBefore = 0;
    const fail = (error: Error): void => {
      if (isSettled) return;
      isSettled = true;
      const isUnanswered = outgoing.reusedSocket && outgoing.socket?.bytesRead === bytesBefore;
      if (isUnanswered && again !== undefined && signal?.aborted !== true && !ended.aborted) resolve(again());
      else reject(errorOf(failed(error.message, error)));
    };
    outgoing.on('error', fail);
    // One that has no connection yet tells later that it was ended.
    const forget = onAbort(signal, () => fail(signal?.reason as Error));
    outgoing.on('close', () => {
      forget();
      fail(new Error('closed without an answer'));
    });
    outgoing.on('socket', ({ bytesRead }) => (bytesBefore = bytesRead));
    const refuseUpgrade = (): void => {
      fail(new Error('the backend switched protocols (101)'));
      outgoing.destroy();
    };
    outgoing.on('upgrade', refuseUpgrade).on('information', ({ statusCode }) => {
      if (statusCode === 101) refuseUpgrade();
    });
    outgoing.on('response', (incoming) => {
      // Servers close the connection under which an application failed, and do not say so.
      if ((incoming.statusCode ?? 500) >= 500) outgoing.shouldKeepAlive = false;
      respond(incoming);
    });
    const respond = (incoming: http.IncomingMessage): void => {
      if (isSettled) return;
      const headers = new Headers();
      let content: Readable = incoming;
      try {
        for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2)
          headers.append(incoming.rawHeaders[index] as string, incoming.rawHeaders[index + 1] as string);
        const { statusCode: status = 502, statusMessage: statusText = '' } = incoming;
        const hasBody = method !== 'HEAD' && !withoutBody.includes(status);
        const encodings = knownEncodings(incoming.headers['content-encoding'] ?? null);
        if (hasBody)
          for (const decoder of decodersOf(encodings))
            content = node.stream.pipeline(content, decoder, () => undefined);
        // Errors as `fetch` gives them.
        const destroy = content._destroy.bind(content);
        content._destroy = (error, done): void =>
          destroy(error, (cause) => done(cause && errorOf(new TypeError('terminated', { cause }))));
        node.stream.finished(content, () => {
          // Nobody asks for the rest of an upload that was answered before its end.
          if (!outgoing.writableFinished) outgoing.destroy();
        });
        if (!hasBody) incoming.resume();
        const response = new Response(
          hasBody ? (node.stream.Readable.toWeb(content) as ReadableStream) : null,
          {
            status,
            statusText,
            headers,
          },
        );
        isSettled = true;
        resolve(response);
      } catch (error) {
        // A status or a header that a `Response` cannot have.
        fail(error as Error);
        outgoing.destroy();
      }
    };
    if (body === null) outgoing.end();
    else if (body instanceof Uint8Array) outgoing.end(body);
    else {
      const stream = body instanceof Blob ? body.stream() : body;
      node.stream.pipeline(node.stream.Readable.fromWeb(stream), outgoing, (error) => {
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
  if (body instanceof ReadableStream) result['transfer-encoding'] = 'chunked';
  else if (body !== null) result['content-length'] = String(body instanceof Blob ? body.size : body.length);
  return result;
}
