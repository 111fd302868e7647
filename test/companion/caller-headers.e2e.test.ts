import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { createProxyHandler, createTokenListener } from '../../src/runtime/index.js';
import type { Backend } from '../../src/runtime/index.js';
import { environment, serverPackages } from './support/environment.js';
import { defaultInterpreter } from './support/interpreters.js';
import { runtimeBackend } from './support/runtime-backend.js';

/** Applications with a login of their own, under every server: they tell what they were asked with. */
let python = '';

beforeAll(async () => {
  python = await environment(defaultInterpreter(), serverPackages);
});

const asgi = `
import json
from electron_pyinstaller import serve

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown": return
    headers = {k.decode().lower(): v.decode() for k, v in scope["headers"]}
    said = json.dumps({**headers, "client": scope["client"][0], "scheme": scope["scheme"]})
    await receive()
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": said})
        return await send({"type": "websocket.close"})
    start = [(b"set-cookie", b"session=1; Path=/"), (b"content-length", str(len(said)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": start})
    await send({"type": "http.response.body", "body": said.encode()})
`;

const wsgi = `
import json
from electron_pyinstaller import serve

def app(environ, start_response):
    said = {k[5:].lower().replace("_", "-"): v for k, v in environ.items() if k.startswith("HTTP_")}
    body = json.dumps({**said, "client": environ["REMOTE_ADDR"], "scheme": environ["wsgi.url_scheme"]}).encode()
    start_response("200 OK", [("Set-Cookie", "session=1; Path=/"), ("Content-Length", str(len(body)))])
    return [body]
`;

const run = (server: string): string => `
def main():
    return serve(app, server=${JSON.stringify(server)})
`;

async function started(server: string, token: boolean): Promise<Backend> {
  const source = (server === 'waitress' || server === 'wsgiref' ? wsgi : asgi) + run(server);
  const entry = { type: 'call', module: 'main', attribute: 'main' };
  const backend = await runtimeBackend({ python, entry, files: { 'main.py': source } }, 'http', { token });
  await backend.start();
  onTestFinished(() => backend[Symbol.asyncDispose]());
  return backend;
}

const own = { authorization: 'Bearer user-jwt-1', cookie: 'session=2' };
const isAsgi = (server: string): boolean => server === 'uvicorn' || server === 'hypercorn';

/** The first text that a WebSocket gives to a client without extensions. */
async function webSocketText(url: string, headers: Record<string, string>): Promise<string> {
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  };
  const asked = request(url.replace('ws:', 'http:'), { headers: { ...headers, ...upgrade } }).end();
  const [, socket, head] = (await once(asked, 'upgrade')) as [unknown, Socket, Buffer];
  let text = head.toString();
  while (!text.includes('}')) text += String((await once(socket, 'data'))[0]);
  socket.destroy(); // uvicorn would wait for the end of the connection.
  return text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
}

test.each(
  ['uvicorn', 'hypercorn', 'waitress', 'wsgiref'].flatMap((server) => [
    { server, token: true },
    { server, token: false },
  ]),
)('$server (token: $token) passes on what the caller said, and not the token', async ({ server, token }) => {
  const backend = await started(server, token);
  const secret = backend.token() ?? '';
  const seen: Record<string, unknown>[] = [];
  const read = async (response: Response): Promise<void> => {
    expect([response.status, response.headers.getSetCookie()]).toEqual([200, ['session=1; Path=/']]);
    seen.push((await response.json()) as Record<string, unknown>);
  };
  await read(await backend.fetch('/me', { headers: own }));
  const proxy = createProxyHandler(backend);
  const forged = { 'x-forwarded-for': '9.9.9.9', 'x-forwarded-proto': 'https', x_forwarded_for: '9.9.9.9' };
  await read(await proxy(new Request('backend://engine/me', { headers: { ...own, ...forged } })));
  const add = createTokenListener([backend], () => true);
  const url = `${backend.url?.replace('http:', 'ws:')}/ws`;
  const headers = await new Promise<Record<string, string>>((resolve) => {
    add({ url, requestHeaders: own }, (answer) => resolve(answer.requestHeaders as Record<string, string>));
  });
  if (isAsgi(server)) seen.push(JSON.parse(await webSocketText(url, headers)) as Record<string, unknown>);
  expect(seen).toHaveLength(isAsgi(server) ? 3 : 2);
  for (const one of seen) {
    expect(one).toMatchObject({ ...own, client: '127.0.0.1' });
    expect(JSON.stringify(one)).not.toContain(secret);
    expect(Object.keys(one).join(' ')).not.toMatch(/forwarded|pyinstaller/u);
  }
});

test('a caller that is not a page of the app is not believed about its address either', async () => {
  const backend = await started('uvicorn', true);
  const headers = { 'x-forwarded-for': '9.9.9.9', 'x-forwarded-proto': 'https' };
  expect(await (await backend.fetch('/', { headers })).json()).toMatchObject({
    client: '127.0.0.1',
    scheme: 'http',
  });
});
