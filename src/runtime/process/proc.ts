import { isWindows } from '../is-windows.js';
import { attempt } from '../attempt.js';
import { node } from '../node.js';

/** The text of a file of `/proc`; empty when it cannot be read, or on Windows, where anybody may have made such a folder. */
export function readProc(file: string): string {
  return isWindows ? '' : (attempt(() => node.fs.readFileSync(`/proc/${file}`, 'utf8')) ?? '');
}

/** Numbers of all processes of Linux, as text. */
export function processNames(): readonly string[] {
  return node.fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

/** How often the out-of-memory killer of Linux has acted, also for the limit of a container. */
export function oomKills(): number {
  return Number(/oom_kill (\d+)/.exec(readProc('vmstat'))?.[1] ?? 0);
}
