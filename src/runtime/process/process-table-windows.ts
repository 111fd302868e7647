import { attempt } from '../attempt.js';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { isObject } from '../is-object.js';
import { noAnswers } from './process-table.js';
import type { ProcessEntry, ProcessTable } from './process-table.js';

/** Windows' own tools, by absolute path: the search path may be anybody's. */
export function systemTool(env: Readonly<Record<string, string | undefined>>, ...parts: string[]): string {
  const root = env['SystemRoot'] ?? env['SYSTEMROOT'] ?? String.raw`C:\Windows`;
  return path.win32.join(root, 'System32', ...parts);
}

/** Arguments that end a process and all its descendants at once. */
export function taskkillArguments(pid: number): readonly string[] {
  return ['/PID', String(pid), '/T', '/F'];
}

/** PowerShell text that prints all processes as JSON. Slow (about a second): used by the reaper only. */
const listScript =
  'Get-CimInstance Win32_Process | Select-Object ProcessId,ParentProcessId,ExecutablePath,' +
  "@{n='Started';e={if($_.CreationDate){$_.CreationDate.ToUniversalTime().Ticks.ToString()}}} | ConvertTo-Json -Compress";

/** Parse what {@link listScript} prints: an array, or one object when there is one process. */
export function parseProcesses(text: string): readonly ProcessEntry[] {
  const value = attempt(() => JSON.parse(text) as unknown);
  return (Array.isArray(value) ? value : [value]).flatMap((item: unknown) => {
    if (!isObject(item)) return [];
    const { ProcessId, ParentProcessId, ExecutablePath, Started } = item;
    if (typeof ProcessId !== 'number') return [];
    return [
      {
        pid: ProcessId,
        ppid: typeof ParentProcessId === 'number' ? ParentProcessId : 0,
        group: 0,
        session: 0,
        started: typeof Started === 'string' ? Started : '',
        zombie: false,
        executable: typeof ExecutablePath === 'string' ? ExecutablePath : null,
      },
    ];
  });
}

/** Processes of Windows. */
export const windowsProcessTable: ProcessTable = {
  list() {
    return new Promise((resolve, reject) => {
      execFile(
        systemTool(process.env, 'WindowsPowerShell', 'v1.0', 'powershell.exe'),
        ['-NoProfile', '-NonInteractive', '-Command', listScript],
        { windowsHide: true, timeout: 15_000, maxBuffer: 32 * 1024 * 1024 },
        (error, stdout) => (error === null ? resolve(parseProcesses(stdout)) : reject(error)),
      );
    });
  },
  ...noAnswers,
};

/** End a process tree; resolves when the tool is done, whatever it says. */
export function taskkill(pid: number): Promise<void> {
  return new Promise((resolve) => {
    execFile(
      systemTool(process.env, 'taskkill.exe'),
      taskkillArguments(pid),
      { windowsHide: true, timeout: 5000 },
      () => resolve(),
    );
  });
}
