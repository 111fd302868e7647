import { onAbort } from '../aborted.js';
import { BackendError, starting } from '../errors.js';
import { node } from '../node.js';
import { describeOwner, portOwners } from './port-owner.js';

let lastTest: Promise<unknown> = Promise.resolve();

/** True when the port can be listened on at this moment. One test at a time: what a test listens on is taken for another. */
export function isPortFree(host: string, port: number): Promise<boolean> {
  const test = lastTest.then(() => canListen(host, port));
  lastTest = test.catch(() => undefined);
  return test;
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = node.net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Ports that starting and running backends of this process were given: their programs may not listen there yet. */
const given = new Set<number>();

/**
 * Pick the first free port of a range that no other backend of this process was given; it is this one's until the signal. A moment later
 * another program may take it: the companion then takes the next.
 *
 * @throws BackendError `E_PORT_BUSY`, naming who holds the first one where the system says it.
 */
export async function pickPort(
  name: string,
  host: string,
  [from, to]: readonly [number, number],
  signal: AbortSignal,
): Promise<number> {
  for (let port = from; port <= to; port++) {
    // A single port is looked at in any case: what it was given to may just be ending.
    if (!(await isPortFree(host, port)) || (from !== to && given.has(port))) continue;
    if (!signal.aborted) {
      given.add(port);
      onAbort(signal, () => given.delete(port));
    }
    return port;
  }
  const [owner = null] = await portOwners(host, from);
  const range = from === to ? `the port ${from}` : `every port from ${from} to ${to}`;
  const by = owner === null ? '' : ` (${from} by ${describeOwner(owner)})`;
  throw new BackendError('E_PORT_BUSY', `${starting(name)}: ${range} on ${host} is taken${by}`, {
    phase: 'preflight',
    hint: 'End it, or set `address` to another port, a range, or `announce`.',
    detail: owner,
  });
}
