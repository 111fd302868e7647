import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { SystemAnswer } from '../../src/runtime/process/ask-system.js';
import { parsePs } from '../../src/runtime/process/process-table-darwin.js';
import { linuxProcessTable, markingLimit, parseStat } from '../../src/runtime/process/process-table-linux.js';
import {
  listProcesses,
  parseProcesses,
  systemTool,
  taskkill,
  taskkillArguments,
} from '../../src/runtime/process/process-table-windows.js';
import { treeMembers } from '../../src/runtime/process/process-table.js';
import type { ProcessEntry } from '../../src/runtime/process/process-table.js';
import { sendSignal } from '../../src/runtime/process/send-signal.js';
import { isAlive } from '../../src/runtime/process/process-tree.js';
import { temporaryFolder } from '../support/files.js';
import { isSame } from '../../src/runtime/process/reaper.js';
import { notOnWindows, onlyOnLinux } from '../support/windows.js';

test('Linux: a name with spaces and parentheses does not shift the fields', () => {
  const stat =
    '4711 (a (b) c) S 12 4711 4700 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 3 0 987654 1000 200 18446744073709551615';
  expect(parseStat(stat)).toEqual({
    pid: 4711,
    ppid: 12,
    group: 4711,
    session: 4700,
    started: '987654',
    zombie: false,
  });
  expect(parseStat(stat.replace(') S', ') Z'))?.zombie).toBe(true);
  expect(parseStat('')).toBe(null);
});

test('macOS: ps', () => {
  const text = [
    '    1     0     1 Ss   Mon Nov  4 08:01:02 2024     /sbin/launchd',
    ' 4711  4700  4711 S    Fri Nov 22 11:14:02 2024     /Applications/My App.app/Contents/Resources/engine/engine',
    ' 4712  4711  4711 Z    Fri Nov 22 11:14:03 2024     (engine)',
    'garbage',
  ].join('\n');
  expect(parsePs(text)).toEqual([
    {
      pid: 1,
      ppid: 0,
      group: 1,
      session: 0,
      started: 'Mon Nov 4 08:01:02 2024',
      zombie: false,
      executable: '/sbin/launchd',
    },
    {
      pid: 4711,
      ppid: 4700,
      group: 4711,
      session: 0,
      started: 'Fri Nov 22 11:14:02 2024',
      zombie: false,
      executable: '/Applications/My App.app/Contents/Resources/engine/engine',
    },
    {
      pid: 4712,
      ppid: 4711,
      group: 4711,
      session: 0,
      started: 'Fri Nov 22 11:14:03 2024',
      zombie: true,
      executable: '(engine)',
    },
  ]);
});

test('Windows: Get-CimInstance, taskkill and where the tools are', () => {
  const one =
    '{"ProcessId":4711,"ParentProcessId":12,"ExecutablePath":"C:\\\\App\\\\engine.exe","Started":"638679212420000000"}';
  const entry = {
    pid: 4711,
    ppid: 12,
    group: 0,
    session: 0,
    started: '638679212420000000',
    zombie: false,
    executable: 'C:\\App\\engine.exe',
  };
  expect(parseProcesses(one)).toEqual([entry]);
  expect(
    parseProcesses(`[${one},{"ProcessId":4,"ParentProcessId":0,"ExecutablePath":null,"Started":null},7]`),
  ).toHaveLength(2);
  expect(parseProcesses('not JSON')).toEqual([]);
  expect(taskkillArguments(4711)).toEqual(['/PID', '4711', '/T', '/F']);
  expect(systemTool({ SystemRoot: 'D:\\Win' }, 'taskkill.exe')).toBe('D:\\Win\\System32\\taskkill.exe');
  expect(systemTool({}, 'netstat.exe')).toBe('C:\\Windows\\System32\\netstat.exe');
});

const entry = (pid: number, ppid: number, rest: Partial<ProcessEntry> = {}): ProcessEntry => ({
  pid,
  ppid,
  group: pid,
  session: pid,
  started: String(pid),
  zombie: false,
  executable: null,
  ...rest,
});

test('the tree is the session, the groups and the marked descendants; never a stranger, never a zombie', () => {
  const list = [
    entry(1, 0),
    entry(100, 1),
    entry(101, 100, { group: 101, session: 100 }),
    entry(102, 101, { group: 101, session: 100 }),
    entry(103, 102, { group: 101, session: 100, zombie: true }),
    entry(104, 102),
    entry(105, 102),
    entry(106, 1),
    entry(107, 1),
  ];
  const marks: Record<number, boolean | null> = { 104: true, 105: false, 106: true };
  const pids = treeMembers(list, { child: 100, python: 101 }, ({ pid }) => marks[pid] ?? null).map(
    ({ pid }) => pid,
  );
  // 105 took its mark off to outlive the backend; 107 cannot be read and is no descendant.
  expect(pids).toEqual([100, 101, 102, 104, 106]);
});

test('nothing but real process ids is ever signalled', () => {
  for (const pid of [0, 1, -1, -4711, 1.5, Number.NaN]) expect(sendSignal(pid, 'SIGKILL')).toBe('gone');
});

test(
  'Linux: the mark is in the environment or the limits, and not where it was taken away',
  onlyOnLinux('it is about how Linux tells marks'),
  async () => {
    const mark = '00112233445566aa';
    const started = async (environment: Record<string, string>, limit?: string): Promise<boolean | null> => {
      const [command, ...args] = [...(limit === undefined ? [] : ['prlimit', `--rttime=${limit}:`]), 'cat'];
      const child = spawn(command ?? '', args, { env: { PATH: process.env['PATH'], ...environment } });
      onTestFinished(() => {
        child.kill('SIGKILL');
      });
      child.stdin.write('ready');
      await once(child.stdout, 'data');
      return linuxProcessTable.hasMark(child.pid ?? 0, mark);
    };
    const name = 'ELECTRON_PYINSTALLER_INSTANCE';
    expect(await started({})).toBe(false);
    expect(await started({ [name]: mark })).toBe(true);
    expect(await started({ [name]: '00112233445566ab' })).toBe(false);
    // Without its environment: cleared, or overwritten.
    expect(await started({}, markingLimit(mark))).toBe(true);
    expect(await started({}, markingLimit('00112233445566ab'))).toBe(false);
    expect(await started({ ELECTRON_PYINSTALLER_DETACHED: mark }, markingLimit(mark))).toBe(false);
    // Detached from another launch.
    expect(await started({ ELECTRON_PYINSTALLER_DETACHED: 'other', [name]: mark })).toBe(true);
  },
);

test('a zombie is not alive', notOnWindows('Windows has no zombies'), async () => {
  // The shell becomes a program that never collects the child it got.
  const shell = spawn('sh', ['-c', 'sleep 0.05 & exec sleep 60']);
  onTestFinished(() => {
    shell.kill('SIGKILL');
  });
  const { pid = 0 } = shell;
  let child: ProcessEntry | undefined;
  while (child?.zombie !== true)
    child = (await linuxProcessTable.list()).find(({ ppid }) => ppid === pid) ?? child;
  expect(isAlive(child.pid)).toBe(false);
  expect(isAlive(pid)).toBe(true);
});

test.each([
  ['the same', {}, {}, 'linux', true],
  ['another start', {}, { started: '2' }, 'linux', false],
  ['another program', {}, { executable: '/bin/other' }, 'linux', false],
  ['a zombie', {}, { zombie: true }, 'linux', false],
  ['another number', {}, { pid: 43 }, 'linux', false],
  [
    'Windows, same program, started before the record',
    { started: null },
    { started: ticks(900_000) },
    'win32',
    true,
  ],
  ['Windows, started after the record', { started: null }, { started: ticks(1_003_000) }, 'win32', false],
  [
    'Windows, program in other case',
    { started: null },
    { started: ticks(900_000), executable: '/APP/ENGINE' },
    'win32',
    true,
  ],
  ['macOS, unknown start', { started: null }, { started: 'Thu Jan 1 00:16:30 1970' }, 'darwin', true],
  [
    'macOS, started after the record',
    { started: null },
    { started: 'Thu Jan 1 00:16:50 1970' },
    'darwin',
    false,
  ],
  ['unknown start elsewhere', { started: null }, {}, 'linux', false],
] as const)('the reaper recognises a process: %s', (_title, recorded, running, platform, same) => {
  const table = { ...linuxProcessTable, executable: () => null };
  const now = entry(42, 1, { started: '1', executable: '/app/engine', ...running });
  const then = { pid: 42, started: '1', executable: '/app/engine', ...recorded };
  expect(isSame(then, now, { at: 1_000_000 }, { table, platform })).toBe(same);
});

function ticks(unixMs: number): string {
  return String(621_355_968_000_000_000 + unixMs * 10_000);
}

test('reads any process table without throwing', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseStat(text);
      parsePs(text);
      parseProcesses(text);
    }),
  );
});

test(
  'Windows: where taskkill refuses, the process is ended directly and the refusal is quoted',
  notOnWindows('a shell script stands in for taskkill'),
  async () => {
    const folder = await temporaryFolder();
    // A program under the tool's Windows path: on this system a mere name.
    const tool = path.join(folder, String.raw`R\System32\taskkill.exe`);
    vi.stubEnv('SystemRoot', 'R');
    vi.stubEnv('PATH', `${folder}:${process.env['PATH'] ?? ''}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const start = async (): Promise<ChildProcess> => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      await once(child, 'spawn');
      return child;
    };
    await writeFile(tool, '#!/bin/sh\necho "ERROR: Access is denied." >&2\nexit 1\n', { mode: 0o755 });
    const refused = await start();
    const ended = once(refused, 'exit');
    expect(await taskkill(refused.pid ?? 0)).toBe('ERROR: Access is denied. (TerminateProcess: sent)');
    expect((await ended)[1]).toBe('SIGKILL');
    expect(await taskkill(refused.pid ?? 0)).toBe(null);
    await writeFile(tool, '#!/bin/sh\nkill -9 "$2"\n', { mode: 0o755 });
    const other = await start();
    expect(await taskkill(other.pid ?? 0)).toBe(null);
    // A policy that forbids the tool: Node throws what it does not expect of a start, as it does here for a name that is too long.
    vi.stubEnv('SystemRoot', 'R'.repeat(5000));
    const forbidden = await start();
    const over = once(forbidden, 'exit');
    expect(await taskkill(forbidden.pid ?? 0)).toMatch(/^spawn \w+ \(TerminateProcess: sent\)$/);
    await over;
  },
);

test('Windows: where PowerShell tells nothing, tasklist tells the numbers; a list without anybody is an error', async () => {
  const tasks =
    '"System Idle Process","0","Services","0","8 K"\r\n"a b, c.exe","4711","Console","1","12.345 K"\r\n';
  const answers =
    (powershell: string, tasklist: string) =>
    (tool: string): Promise<SystemAnswer> =>
      Promise.resolve({
        error: null,
        stderr: '',
        stdout: tool.endsWith('powershell.exe') ? powershell : tasklist,
      });
  const one = { ppid: 0, group: 0, session: 0, started: '', zombie: false, executable: null };
  const numbers = [
    { ...one, pid: 0 },
    { ...one, pid: 4711 },
  ];
  expect(await listProcesses(answers('', tasks))).toEqual(numbers);
  const full = '{"ProcessId":7,"ParentProcessId":4,"ExecutablePath":"C:\\\\a.exe","Started":"1"}';
  expect(await listProcesses(answers(full, ''))).toEqual([
    { ...one, pid: 7, ppid: 4, started: '1', executable: String.raw`C:\a.exe` },
  ]);
  await expect(listProcesses(answers('[]', 'ERROR: no'))).rejects.toThrow('neither');
});
