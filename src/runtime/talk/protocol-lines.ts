import { attempt } from '../attempt.js';
import { isObject } from '../is-object.js';

/** Version of the protocol this runtime speaks. */
export const protocolVersion = 2;

/** Longest message, in one line or in parts; a `stdio` backend's answers travel in them. */
export const maxMessageMiB = 64;

/** What a backend says, checked field by field. See docs/protocol.md. */
export type ProtocolMessage =
  | {
      readonly type: 'hello';
      readonly version: number;
      readonly pid: number;
      readonly ppid: number | null;
      /** Its second process, which ends the rest when the app dies. */
      readonly guard: number | null;
      readonly python: string | null;
      readonly frozen: boolean;
      /** Folder a onefile program unpacked itself into. */
      readonly meipass: string | null;
    }
  | { readonly type: 'status'; readonly text: string; readonly percent: number | null }
  | { readonly type: 'extend'; readonly ms: number }
  | {
      readonly type: 'ready';
      readonly address: AnnouncedAddress;
      readonly proof: string;
      /** What answers there is the companion's server, which can prove it. */
      readonly ping: boolean;
    }
  | { readonly type: 'stopping'; readonly reason: string }
  | {
      readonly type: 'fatal';
      readonly code: string;
      readonly message: string;
      readonly traceback: string | null;
      /** Name of the module that could not be imported. */
      readonly module: string | null;
    }
  | { readonly type: 'progress'; readonly text: string; readonly percent: number | null }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'message'; readonly message: Readonly<Record<string, unknown>> };

/** Address as announced. */
export type AnnouncedAddress =
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }
  | { readonly type: 'unix'; readonly path: string }
  | { readonly type: 'none' };

/** Result of {@link parseProtocolLine}. `unknown` is ignored: a newer companion may say more. */
export type ParsedLine =
  | { readonly type: 'message'; readonly message: ProtocolMessage }
  /** A piece of a long message: other output cannot get into it, since it is written at once. */
  | { readonly type: 'part'; readonly text: string; readonly last: boolean }
  | { readonly type: 'unknown' }
  | { readonly type: 'malformed'; readonly reason: string };

/** Read the JSON text of one frame. Pure. */
export function parseProtocolLine(text: string): ParsedLine {
  const value = attempt(() => JSON.parse(text) as unknown);
  if (!isObject(value) || Array.isArray(value)) return { type: 'malformed', reason: 'not an object of JSON' };
  const fields = value;
  if (typeof fields['type'] !== 'string') return { type: 'malformed', reason: 'no type' };
  if (fields['type'] === 'part') {
    const { text: piece } = fields;
    return typeof piece === 'string'
      ? { type: 'part', text: piece, last: fields['last'] === true }
      : { type: 'malformed', reason: 'part with missing or wrong fields' };
  }
  const read = Object.hasOwn(readers, fields['type']) ? readers[fields['type']] : undefined;
  if (read === undefined) return { type: 'unknown' };
  const message = read(fields);
  return message === null
    ? { type: 'malformed', reason: `${fields['type']} with missing or wrong fields` }
    : { type: 'message', message };
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** A process id worth trusting: never 0 or negative, which would address a whole group. */
const pid = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value > 1 ? value : null;

const percent = (value: unknown): number | null => {
  const read = number(value);
  return read === null ? null : Math.min(100, Math.max(0, read));
};

const work = (fields: Record<string, unknown>): { text: string; percent: number | null } => ({
  text: text(fields['text']) ?? '',
  percent: percent(fields['percent']),
});

const readers: Readonly<Record<string, (fields: Record<string, unknown>) => ProtocolMessage | null>> = {
  hello: (fields) => {
    const processId = pid(fields['pid']);
    const version = number(fields['v']);
    if (processId === null || version === null) return null;
    return {
      type: 'hello',
      version,
      pid: processId,
      ppid: pid(fields['ppid']),
      guard: pid(fields['guard']),
      python: text(fields['python']),
      frozen: fields['frozen'] === true,
      meipass: text(fields['meipass']),
    };
  },
  status: (fields) => ({ type: 'status', ...work(fields) }),
  extend: (fields) => {
    const ms = number(fields['ms']);
    return ms === null || ms <= 0 ? null : { type: 'extend', ms };
  },
  ready: (fields) => {
    const address = readAddress(fields['address']);
    const proof = text(fields['proof']);
    if (address === null || proof === null) return null;
    return { type: 'ready', address, proof, ping: fields['ping'] === true };
  },
  stopping: (fields) => ({ type: 'stopping', reason: text(fields['reason']) ?? 'application' }),
  fatal: (fields) => ({
    type: 'fatal',
    code: text(fields['code']) ?? 'application',
    message: text(fields['message']) ?? '',
    traceback: text(fields['traceback']),
    module: text(fields['module']),
  }),
  progress: (fields) => ({ type: 'progress', ...work(fields) }),
  result: (fields) => ({ type: 'result', value: fields['value'] }),
  message: (fields) => {
    const { message } = fields;
    return isObject(message) && !Array.isArray(message) ? { type: 'message', message } : null;
  },
};

function readAddress(value: unknown): AnnouncedAddress | null {
  if (!isObject(value)) return null;
  const fields = value;
  switch (fields['type']) {
    case 'tcp': {
      const host = text(fields['host']);
      const port = number(fields['port']);
      if (host === null || port === null || !Number.isInteger(port) || port < 1 || port > 65_535) return null;
      return { type: 'tcp', host, port };
    }
    case 'unix': {
      const path = text(fields['path']);
      return path === null ? null : { type: 'unix', path };
    }
    case 'none':
      return { type: 'none' };
    default:
      return null;
  }
}
