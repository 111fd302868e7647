import type { Socket } from 'node:net';
import { node } from '../node.js';
import { ask } from './ask.js';
import { isProof } from './handshake.js';

/** Path the companion answers itself. */
const pingPath = '/.electron-pyinstaller/ping';

/** Asks for a proof instead of showing the token, which would tell it to whoever answers. */
const challengeHeader = 'x-electron-pyinstaller-challenge';

/** Somebody else is at the backend's address; asking again makes no sense. */
export class NotTheBackend extends Error {}

/**
 * Ask a new connection's other end for the proof that it has the token; nothing else is said to it. The connection is good for requests
 * afterwards.
 *
 * @param host - what a request there says in `Host`
 * @throws Error when there is no answer, {@link NotTheBackend} when somebody else answers.
 */
export async function prove(socket: Socket, host: string, token: string): Promise<void> {
  const challenge = node.crypto.randomBytes(16).toString('base64url');
  const what = `GET http://${host}${pingPath}`;
  const { status, body } = await ask(
    socket,
    what,
    `GET ${pingPath} HTTP/1.1\r\nHost: ${host}\r\n${challengeHeader}: ${challenge}\r\n\r\n`,
  );
  // {"proof": "…"}
  if (isProof(body.split('"')[3] ?? '', token, `ping ${challenge} ${host}`)) return;
  const seen = `another program answers: ${what} answered ${status}`;
  // A server that has too much to do says so before it looks at the request.
  throw status < 500 ? new NotTheBackend(seen) : new Error(seen);
}
