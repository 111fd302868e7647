import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

/**
 * End a process and everything it started, at once. It must have been started with
 * `detached: process.platform !== 'win32'`, so that elsewhere than on Windows it leads a process group. Also after its own
 * end: what it left behind in the group is ended.
 */
export function killTree(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    // Its number may have been given away since.
    if (child.exitCode !== null) return;
    const taskkill = path.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe');
    spawn(taskkill, ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).once(
      'error',
      () => child.kill('SIGKILL'),
    );
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already, or the child has not become its leader yet.
    child.kill('SIGKILL');
  }
}
