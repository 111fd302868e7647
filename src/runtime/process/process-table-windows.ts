import { attempt } from '../attempt.js';
import { messageOf } from '../errors.js';
import { askSystem } from './ask-system.js';
import { isObject } from '../is-object.js';
import { node } from '../node.js';
import { sendSignal } from './send-signal.js';
import { entryOf, noAnswers } from './process-table.js';
import type { ProcessEntry, ProcessTable } from './process-table.js';

/** Windows' own tools, by absolute path: the search path may be anybody's. */
export function systemTool(env: Readonly<Record<string, string | undefined>>, ...parts: string[]): string {
  const root = env['SystemRoot'] ?? env['SYSTEMROOT'] ?? String.raw`C:\Windows`;
  return node.path.win32.join(root, 'System32', ...parts);
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
      entryOf(ProcessId, {
        ppid: typeof ParentProcessId === 'number' ? ParentProcessId : 0,
        started: typeof Started === 'string' ? Started : '',
        executable: typeof ExecutablePath === 'string' ? ExecutablePath : null,
      }),
    ];
  });
}

/** Parse what `tasklist /FO CSV /NH` prints. Which process a number means it does not tell. */
export function parseTasks(text: string): readonly ProcessEntry[] {
  return [...text.matchAll(/^"[^"]*","(\d+)"/gm)].map(([, pid]) => entryOf(Number(pid)));
}

/**
 * All processes, by PowerShell; where that does not answer (a policy, security software) their numbers alone, by `tasklist`.
 *
 * @throws Error when neither tells any: not even the one who asks.
 */
export async function listProcesses(ask = askSystem): Promise<readonly ProcessEntry[]> {
  const told = await ask(
    systemTool(process.env, 'WindowsPowerShell', 'v1.0', 'powershell.exe'),
    ['-NoProfile', '-NonInteractive', '-Command', listScript],
    15_000,
  );
  const list = parseProcesses(told.stdout);
  if (list.length > 0) return list;
  const tasks = await ask(systemTool(process.env, 'tasklist.exe'), ['/FO', 'CSV', '/NH'], 15_000);
  const numbers = parseTasks(tasks.stdout);
  if (numbers.length === 0) throw new Error('neither PowerShell nor tasklist lists any');
  return numbers;
}

/** Processes of Windows. */
export const windowsProcessTable: ProcessTable = { list: () => listProcesses(), ...noAnswers };

/**
 * End a process tree by the system's tool; where that refuses or hangs (a policy, security software), the process itself by
 * TerminateProcess.
 *
 * @returns What refused, in its own words; null when nothing did, or when there is no such process.
 */
export async function taskkill(pid: number): Promise<string | null> {
  const { error, stderr } = await askSystem(
    systemTool(process.env, 'taskkill.exe'),
    taskkillArguments(pid),
    5000,
  );
  const result = error === null ? 'gone' : sendSignal(pid, 'SIGKILL');
  return result === 'gone' ? null : `${stderr.trim() || messageOf(error)} (TerminateProcess: ${result})`;
}
