import type { BackendAddress } from '../events.js';
import type { BackendManifest } from '../manifest.js';
import { node } from '../node.js';
import { protocolVersion } from './protocol-lines.js';
import type { AnnouncedAddress } from './protocol-lines.js';

/** Secrets of one generation. The token never leaves the main process but through the backend's stdin. */
export interface Credentials {
  readonly token: string;
  readonly nonce: string;
  /** Public name of this generation; marks its processes. */
  readonly instance: string;
}

/** New secrets; for each spawn others. */
export function createCredentials(): Credentials {
  return {
    token: node.crypto.randomBytes(32).toString('base64url'),
    nonce: node.crypto.randomBytes(16).toString('base64url'),
    instance: node.crypto.randomBytes(8).toString('hex'),
  };
}

/** The address as the first line on stdin tells it. */
export type RequestedAddress =
  | { readonly type: 'announce' }
  | {
      readonly type: 'port';
      readonly host: string;
      readonly port: number;
      /** The last one that will do; absent: no other one will, also not in another attempt. */
      readonly to?: number;
    }
  | { readonly type: 'unix'; readonly path: string }
  | { readonly type: 'none' };

/** The line written to the backend's stdin; see docs/protocol.md. */
export function openingLine(
  backend: BackendManifest,
  credentials: Credentials,
  address: RequestedAddress,
  folders: { readonly userData: string; readonly resources: string },
): string {
  const { settings } = backend;
  const line = {
    v: protocolVersion,
    name: backend.name,
    kind: backend.kind,
    instance: credentials.instance,
    token: credentials.token,
    nonce: credentials.nonce,
    address,
    requireToken: settings.token,
    lifeline: settings.lifeline,
    graceMs: settings.stop.graceMs,
    parentPid: process.pid,
    userData: folders.userData,
    resources: folders.resources,
    stdio: settings.stdio,
    healthPath: settings.ready.http ?? settings.health?.http ?? null,
  };
  return `${JSON.stringify(line)}\n`;
}

/** The proof of having read our line on stdin: only with its token can it be computed. */
export function proofOf(token: string, message: string): string {
  return node.crypto.createHmac('sha256', token).update(message).digest('hex');
}

/** Compare in constant time. */
export function isProof(given: string, token: string, message: string): boolean {
  const expected = Buffer.from(proofOf(token, message));
  const actual = Buffer.from(given);
  return actual.length === expected.length && node.crypto.timingSafeEqual(actual, expected);
}

/** Hosts that mean this computer only. */
const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Check an announced address against the one asked for.
 *
 * @returns The address, or a sentence saying what is wrong with it.
 */
export function acceptAddress(
  announced: AnnouncedAddress,
  requested: RequestedAddress,
): BackendAddress | string {
  switch (announced.type) {
    case 'tcp': {
      const isAsked =
        requested.type === 'port'
          ? announced.port >= requested.port && announced.port <= (requested.to ?? requested.port)
          : requested.type === 'announce';
      if (!isAsked)
        return `it announced the port ${announced.port}, asked for was ${requested.type === 'port' ? requested.port : requested.type}`;
      if (!loopback.has(announced.host) && !(requested.type === 'port' && requested.host === announced.host))
        return `it announced the host ${announced.host}, which is not this computer only`;
      return tcpAddress(announced.host, announced.port);
    }
    case 'unix':
      if (requested.type !== 'unix' || requested.path !== announced.path)
        return `it announced the socket ${announced.path}, asked for was ${requested.type === 'unix' ? requested.path : requested.type}`;
      return announced;
    case 'none':
    default:
      return requested.type === 'none'
        ? announced
        : `it announced no address, asked for was ${requested.type}`;
  }
}

/** A TCP address with its URL. `localhost` and wildcards are asked at 127.0.0.1, where nobody else can listen for them. */
export function tcpAddress(host: string, port: number): BackendAddress {
  const literal = host === 'localhost' || host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return {
    type: 'tcp',
    host: literal,
    port,
    url: `http://${literal.includes(':') ? `[${literal}]` : literal}:${port}`,
  };
}
