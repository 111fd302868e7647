import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/runtime/clock.js';
import { bootId } from '../../../src/runtime/process/process-record.js';
import type { ProcessRecord } from '../../../src/runtime/process/process-record.js';
import type { ProcessEntry } from '../../../src/runtime/process/process-table.js';
import { reap } from '../../../src/runtime/process/reaper.js';
import { temporaryFolder } from '../../support/files.js';
import { isRunning, sleeper } from '../support.js';
import { onlyOnLinux } from '../../support/windows.js';

const started = 'Fri Nov 22 11:14:02 2024';

/** Reap on a system like macOS, whose list shows these processes; tells whether the recorded backend and the record are left. */
async function reapOn(
  record: (pid: number) => Partial<ProcessRecord>,
  list: (pid: number) => readonly Partial<ProcessEntry>[],
  lists?: (pid: number) => Promise<readonly ProcessEntry[]>,
  platform = 'darwin',
): Promise<{ readonly alive: boolean; readonly recorded: boolean; readonly told: readonly string[] }> {
  const folder = path.join(await temporaryFolder(), 'processes');
  const pid = await sleeper();
  await mkdir(folder);
  const written: ProcessRecord = {
    v: 1,
    name: 'engine',
    app: { pid: 500, started, executable: '/Applications/App.app/Contents/MacOS/App' },
    processes: [{ pid, started, executable: '/engine' }],
    instance: '0123456789abcdef',
    meipass: null,
    boot: null,
    at: Date.parse(`${started} UTC`) + 60_000,
    ...record(pid),
  };
  await writeFile(path.join(folder, 'engine-0123456789abcdef.json'), JSON.stringify(written));
  const own = { pid: 0, ppid: 1, group: 0, session: 0, started, zombie: false, executable: null };
  const entries: ProcessEntry[] = list(pid).map((entry) => ({ ...own, ...entry }));
  // A list always has the one who asks.
  entries.push({ ...own, pid: process.pid });
  const isListed = (entry: ProcessEntry): boolean => entry.pid !== pid || isRunning(pid);
  const told: string[] = [];
  await reap({
    folder,
    name: 'engine',
    clock: systemClock,
    platform,
    onReaped: (text) => told.push(text),
    table: {
      list: () => lists?.(pid) ?? Promise.resolve(entries.filter(isListed)),
      startedNow: () => undefined,
      hasMark: () => null,
      executable: () => null,
    },
  });
  return { alive: isRunning(pid), recorded: (await readdir(folder)).length > 0, told };
}

test('what a crashed run left is ended', async () => {
  const result = await reapOn(
    () => ({}),
    (pid) => [{ pid, group: pid, executable: '/engine' }],
  );
  expect(result).toMatchObject({ alive: false, recorded: false });
});

test('an orphan whose start is not known is ended when it is the recorded program and ran already then', async () => {
  const result = await reapOn(
    (pid) => ({ processes: [{ pid, started: null, executable: '/engine' }] }),
    (pid) => [{ pid, group: pid, executable: '/engine' }],
  );
  expect(result).toMatchObject({ alive: false, recorded: false });
});

test.each([
  ['is the recorded one', { started }],
  ['goes by another name', { started, executable: '/opt/electron' }],
  ['could not be dated', { started: null }],
])('the backend of a running app is left alone when the app %s', async (_title, app) => {
  const result = await reapOn(
    () => ({ app: { pid: 500, executable: '/Applications/App.app/Contents/MacOS/App', ...app } }),
    (pid) => [
      { pid: 500, executable: '/Applications/App.app/Contents/MacOS/App' },
      { pid, group: pid, executable: '/engine' },
    ],
  );
  expect(result).toMatchObject({ alive: true, recorded: true });
});

test.each([
  ['is empty', () => Promise.resolve([])],
  ['cannot be read', () => Promise.reject(new Error('EMFILE'))],
])('nothing is ended and no record dropped while the list of processes %s', async (_title, lists) => {
  expect(
    await reapOn(
      () => ({}),
      () => [],
      lists,
    ),
  ).toMatchObject({ alive: true, recorded: true });
});

test(
  'a record from another PID namespace of this run of the system is left alone, its numbers mean others',
  onlyOnLinux('it is about namespaces'),
  async () => {
    const elsewhere = await reapOn(
      () => ({ boot: bootId(), pidNamespace: 'pid:[1]' }),
      (pid) => [{ pid, group: pid, executable: '/engine' }],
    );
    expect(elsewhere).toMatchObject({ alive: true, recorded: true });
    // After a restart of the system nothing of it can be alive, and the record goes.
    const before = await reapOn(
      () => ({ boot: 'another run', pidNamespace: 'pid:[1]' }),
      (pid) => [{ pid, group: pid, executable: '/engine' }],
    );
    expect(before).toMatchObject({ alive: true, recorded: false });
  },
);

test('a record stays while what it names could not be ended', async () => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  const result = await reapOn(
    () => ({}),
    (pid) => [{ pid, group: pid, executable: '/engine' }],
  );
  kill.mockRestore();
  expect(result).toMatchObject({ alive: true, recorded: true });
});

test('Windows: who may be another is left alone and said, while only numbers of processes can be read', async () => {
  const numbers = (...pids: readonly number[]): Promise<readonly ProcessEntry[]> =>
    Promise.resolve(
      pids.map((pid) => ({
        pid,
        ppid: 0,
        group: 0,
        session: 0,
        started: '',
        zombie: false,
        executable: null,
      })),
    );
  const unknown = (pid: number): Partial<ProcessRecord> => ({
    app: { pid: 500, started: null, executable: String.raw`C:\App.exe` },
    processes: [{ pid, started: null, executable: String.raw`C:\engine.exe` }],
  });
  const left = await reapOn(
    unknown,
    () => [],
    (pid) => numbers(4, pid),
    'win32',
  );
  expect(left).toEqual({
    alive: true,
    recorded: true,
    told: [expect.stringMatching(/process 500 left: .*PowerShell does not say which program process \d+ is/)],
  });
  const gone = await reapOn(
    unknown,
    () => [],
    () => numbers(4, 8),
    'win32',
  );
  expect(gone).toMatchObject({ recorded: false, told: [] });
  // The number of the app that wrote it: perhaps another instance, which runs.
  const owned = await reapOn(
    unknown,
    () => [],
    (pid) => numbers(4, 500, pid),
    'win32',
  );
  expect(owned).toEqual({ alive: true, recorded: true, told: [] });
});
