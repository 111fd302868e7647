import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { startSite, type Site } from './browser.js';

/**
 * Put an HTTP server in front of a handler made for Electron's `protocol.handle`, so that a browser without Electron can use it: requests
 * become `Request`s, answers are streamed back. Electron's own part (the custom scheme, `initiatorOrigin`) is not in it.
 */
export function startFront(handler: (request: Request) => Promise<Response>): Promise<Site> {
  return startSite((incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch(() => outgoing.destroy());
  });
}

async function answer(
  handler: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const left = new AbortController();
  outgoing.once('close', () => left.abort());
  const { method = 'GET', url = '/', headers, rawHeaders } = incoming;
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  const request = new Request(`http://${headers.host ?? ''}${url}`, {
    method,
    headers: pairs,
    signal: left.signal,
    ...(method === 'GET' || method === 'HEAD'
      ? {}
      : { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' }),
  });
  const response = await handler(request);
  outgoing.writeHead(response.status, Array.from(response.headers).flat());
  if (response.body === null) outgoing.end();
  else for await (const chunk of response.body) if (!outgoing.write(chunk)) await drained(outgoing);
  outgoing.end();
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    outgoing.once('drain', resolve);
    outgoing.once('close', () => reject(new Error('the page has left')));
  });
}
