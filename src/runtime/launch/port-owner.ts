import { node } from '../node.js';
import { askSystem } from '../process/ask-system.js';
import { processNames, readProc } from '../process/proc.js';
import { systemTool } from '../process/process-table-windows.js';

/** Who listens on a port. */
export interface PortOwner {
  /** null: another user's, whose processes do not count. */
  readonly pid: number | null;
  /** Name or path of the program, or what is known instead; null when nothing is. */
  readonly program: string | null;
}

/** Who holds the port, as text. */
export function describeOwner({ pid, program }: PortOwner): string {
  return pid === null ? `${program}` : `process ${pid}${program === null ? '' : ` (${program})`}`;
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

/**
 * `0100007F:1F40` as `127.0.0.1:8000`; other addresses of IPv6 than those a backend can have stay as they are. The kernel writes 32-bit words in
 * the processor's order, which Electron knows as little-endian only.
 */
function decodeLocal(local: string): string {
  const [, hex = '', port = ''] = /^(?:0{16}FFFF0000)?(\w{8}|\w{32}):(\w+)$/.exec(local) ?? [];
  const address =
    hex.length === 8
      ? Buffer.from(hex, 'hex').reverse().join('.')
      : hex.replace(/^0{24}01000000$/, '::1').replace(/^0{32}$/, '::');
  return `${address}:${Number.parseInt(port, 16)}`;
}

/** A socket of Linux. */
export interface LinuxSocket {
  readonly inode: string;
  readonly uid: number;
}

/** Sockets that answer at a host and port, from the text of `/proc/net/tcp` or `tcp6`. */
export function parseListeners(text: string, host: string, port: number): readonly LinuxSocket[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((row) => {
      const { 1: local = '', 3: state, 7: uid, 9: inode } = row.trim().split(/\s+/);
      // 0A: LISTEN
      return state === '0A' && inode !== undefined && answers(decodeLocal(local), host, port)
        ? [{ inode, uid: Number(uid) }]
        : [];
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

/**
 * Who may have answered at a host and port; empty when nobody, or when the system does not say. Linux tells another user's sockets, Windows
 * everybody's processes, macOS nothing of other users.
 */
export async function portOwners(host: string, port: number): Promise<readonly PortOwner[]> {
  if (process.platform === 'linux') return linuxOwners(host, port);
  const [tool, options, parse] =
    process.platform === 'win32'
      ? ([systemTool(process.env, 'netstat.exe'), ['-ano'], parseNetstat] as const)
      : (['/usr/sbin/lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpcn'], parseLsof] as const);
  return parse((await askSystem(tool, options, 3000)).stdout, host, port);
}

function linuxOwners(host: string, port: number): readonly PortOwner[] {
  const sockets = ['net/tcp', 'net/tcp6'].flatMap((file) => parseListeners(readProc(file), host, port));
  if (sockets.length === 0) return [];
  const links = new Set(sockets.map(({ inode }) => `socket:[${inode}]`));
  const others = sockets.filter(({ uid }) => uid !== process.geteuid?.());
  return [
    ...others.map(({ uid }) => ({ pid: null, program: `user ${uid}` })),
    ...processNames()
      .filter((name) => hasOpen(name, links))
      .map((name) => ({ pid: Number(name), program: readProc(`${name}/comm`).trim() || null })),
  ];
}

/** The first one that is none of these processes; null: all are. */
export function strangerOf(owners: readonly PortOwner[], pids: readonly unknown[]): PortOwner | null {
  const isOurs = owners.some(({ pid }) => pids.includes(pid));
  return owners.find(({ pid }) => pid === null || (!isOurs && !pids.includes(pid))) ?? null;
}

/** True when the process has one of these open, as far as it can be seen. */
function hasOpen(name: string, links: ReadonlySet<string>): boolean {
  try {
    return node.fs.readdirSync(`/proc/${name}/fd`).some((fd) => links.has(link(`/proc/${name}/fd/${fd}`)));
  } catch {
    return false;
  }
}

function link(file: string): string {
  try {
    return node.fs.readlinkSync(file);
  } catch {
    return '';
  }
}
