import net from 'node:net';
import { BackendError } from '../errors.js';
import { portOwners } from './port-owner.js';

let lastTest: Promise<unknown> = Promise.resolve();

/** True when the port can be listened on at this moment. One test at a time: what a test listens on is taken for another. */
export function isPortFree(host: string, port: number): Promise<boolean> {
  const test = lastTest.then(() => canListen(host, port));
  lastTest = test.catch(() => undefined);
  return test;
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Pick the first free port of a range. A moment later it may be taken: only `announce` has no such gap.
 *
 * @throws BackendError `E_PORT_BUSY`, naming who holds the first one where the system says it.
 */
export async function pickPort(name: string, host: string, from: number, to: number): Promise<number> {
  for (let port = from; port <= to; port++) if (await isPortFree(host, port)) return port;
  const [owner = null] = await portOwners(host, from);
  const range = from === to ? `the port ${from}` : `every port from ${from} to ${to}`;
  const held =
    owner === null
      ? ''
      : ` (${from === to ? '' : `${from} `}by process ${owner.pid}${owner.program === null ? '' : `, ${owner.program}`})`;
  throw new BackendError(
    'E_PORT_BUSY',
    `Starting the backend "${name}": ${range} on ${host} is taken${held}`,
    {
      phase: 'preflight',
      hint: 'End that program, or set `address` to another port, a range, or `announce`.',
      detail: owner,
    },
  );
}
