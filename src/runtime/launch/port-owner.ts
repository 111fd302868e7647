import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { SocketAddress } from 'node:net';
import { systemTool } from '../process/process-table-windows.js';

/** Who listens on a port. */
export interface PortOwner {
  readonly pid: number;
  /** Name or path of the program; null when unknown. */
  readonly program: string | null;
}

const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::', '*']);

/** True when what listens on this local address (`127.0.0.1:80`, `[::1]:80`, `*:80`) is asked at the host and port. */
function answers(local: string, host: string, port: number): boolean {
  const colon = local.lastIndexOf(':');
  const address = local.slice(0, colon).replaceAll(/[[\]]/g, '').replace('::ffff:', '');
  if (local.slice(colon + 1) !== String(port)) return false;
  if (wildcards.has(address) || wildcards.has(host)) return true;
  return address === host || (host === 'localhost' && (address === '127.0.0.1' || address === '::1'));
}

/** `0100007F:1F40` as `127.0.0.1:8000`. The kernel writes 32-bit words in the processor's order, which Electron knows as little-endian only. */
function decodeLocal(local: string): string {
  const [, hex = '', port = ''] = /^((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4})$/.exec(local) ?? [];
  const bytes = Buffer.from(hex, 'hex').swap32();
  const where = Number.parseInt(port, 16);
  if (bytes.length === 4) return `${bytes.join('.')}:${where}`;
  if (bytes.length !== 16) return '';
  const address = bytes.toString('hex').replaceAll(/.{4}(?=.)/g, '$&:');
  return `[${new SocketAddress({ address, family: 'ipv6' }).address}]:${where}`;
}

/** Inodes of the sockets that answer at a host and port, from the text of `/proc/net/tcp` or `tcp6`. */
export function parseListeners(text: string, host: string, port: number): readonly string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((row) => {
      const fields = row.trim().split(/\s+/);
      const [, local = '', , state] = fields;
      const inode = fields[9];
      // 0A: LISTEN
      return state === '0A' && inode !== undefined && answers(decodeLocal(local), host, port) ? [inode] : [];
    });
}

/** Owners from `lsof -nP -iTCP:<port> -sTCP:LISTEN -Fpcn` (macOS): a line per fact, the process before its sockets. */
export function parseLsof(text: string, host: string, port: number): readonly PortOwner[] {
  const owners: PortOwner[] = [];
  let pid = 0;
  let program: string | null = null;
  for (const line of text.split('\n')) {
    const value = line.slice(1);
    if (line.startsWith('p')) [pid, program] = [Number(value), null];
    else if (line.startsWith('c')) program = value;
    else if (line.startsWith('n') && answers(value, host, port)) owners.push({ pid, program });
  }
  return owners;
}

/** Owners from `netstat -ano` (Windows). The word for the state is translated; a listener's foreign port is 0. */
export function parseNetstat(text: string, host: string, port: number): readonly PortOwner[] {
  return text.split(/\r?\n/).flatMap((row) => {
    const fields = row.trim().split(/\s+/);
    const [protocol, local = '', foreign] = fields;
    return protocol === 'TCP' && foreign?.endsWith(':0') === true && answers(local, host, port)
      ? [{ pid: Number(fields.at(-1)), program: null }]
      : [];
  });
}

/** Who may have answered at a host and port; empty when nobody, or when this user may not know. */
export function portOwners(host: string, port: number): Promise<readonly PortOwner[]> {
  if (process.platform === 'linux') return Promise.resolve(linuxOwners(host, port));
  if (process.platform === 'win32')
    return run(systemTool(process.env, 'netstat.exe'), ['-ano'], (text) => parseNetstat(text, host, port));
  return run('/usr/sbin/lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpcn'], (text) =>
    parseLsof(text, host, port),
  );
}

function run(
  tool: string,
  args: readonly string[],
  parse: (text: string) => readonly PortOwner[],
): Promise<readonly PortOwner[]> {
  return new Promise((resolve) => {
    execFile(tool, args, { timeout: 3000, windowsHide: true }, (_error, stdout) => resolve(parse(stdout)));
  });
}

function linuxOwners(host: string, port: number): readonly PortOwner[] {
  const sockets = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6']
      .flatMap((file) => parseListeners(readText(file), host, port))
      .map((inode) => `socket:[${inode}]`),
  );
  if (sockets.size === 0) return [];
  return list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => list(`/proc/${name}/fd`).some((fd) => sockets.has(link(`/proc/${name}/fd/${fd}`))))
    .map((name) => ({ pid: Number(name), program: readText(`/proc/${name}/comm`).trim() || null }));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
