import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { systemTool } from './process-table-windows.js';

/** Who listens on a port. */
export interface PortOwner {
  readonly pid: number;
  /** Name or path of the program; null when unknown. */
  readonly program: string | null;
}

/** Inodes of the sockets that listen on a port, from the text of `/proc/net/tcp` or `tcp6`. */
export function parseListeners(text: string, port: number): readonly string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return text
    .split('\n')
    .slice(1)
    .flatMap((row) => {
      const fields = row.trim().split(/\s+/);
      const [, local, , state] = fields;
      const inode = fields[9];
      // 0A: LISTEN
      return state === '0A' && local?.endsWith(`:${hex}`) === true && inode !== undefined ? [inode] : [];
    });
}

/** Owner from `lsof -nP -iTCP:<port> -sTCP:LISTEN -Fpc` (macOS). */
export function parseLsof(text: string): PortOwner | null {
  const pid = /^p(\d+)$/m.exec(text)?.[1];
  return pid === undefined ? null : { pid: Number(pid), program: /^c(.+)$/m.exec(text)?.[1] ?? null };
}

/** Owner from `netstat -ano -p TCP` (Windows). The word for the state is translated; a listener's foreign port is 0. */
export function parseNetstat(text: string, port: number): PortOwner | null {
  for (const row of text.split(/\r?\n/)) {
    const fields = row.trim().split(/\s+/);
    if (fields.length < 5 || fields[0] !== 'TCP') continue;
    if (fields[1]?.endsWith(`:${port}`) === true && fields[2]?.endsWith(':0') === true)
      return { pid: Number(fields.at(-1)), program: null };
  }
  return null;
}

/** Who listens on a TCP port; null when nobody, or when this user may not know. */
export function portOwner(port: number): Promise<PortOwner | null> {
  if (process.platform === 'linux') return Promise.resolve(linuxOwner(port));
  if (process.platform === 'win32')
    return run(systemTool(process.env, 'netstat.exe'), ['-ano', '-p', 'TCP'], (text) =>
      parseNetstat(text, port),
    );
  return run('/usr/sbin/lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], parseLsof);
}

function run(
  tool: string,
  args: readonly string[],
  parse: (text: string) => PortOwner | null,
): Promise<PortOwner | null> {
  return new Promise((resolve) => {
    execFile(tool, args, { timeout: 3000, windowsHide: true }, (_error, stdout) => resolve(parse(stdout)));
  });
}

function linuxOwner(port: number): PortOwner | null {
  const inodes = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => parseListeners(readText(file), port)),
  );
  if (inodes.size === 0) return null;
  for (const name of list('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    for (const descriptor of list(`/proc/${name}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${name}/fd/${descriptor}`))?.[1];
      if (inode !== undefined && inodes.has(inode))
        return { pid: Number(name), program: readText(`/proc/${name}/comm`).trim() || null };
    }
  }
  return null;
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
