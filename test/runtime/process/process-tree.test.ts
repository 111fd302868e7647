import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/runtime/clock.js';
import type { ProcessEntry, ProcessTable } from '../../../src/runtime/process/process-table.js';
import { ProcessTree } from '../../../src/runtime/process/process-tree.js';
import { isRunning, signal, sleeper, until } from '../support.js';
import { isWindows, noSignals, onlyOnLinux } from '../../support/windows.js';

const instance = '0123456789abcdef';

/** A table as that of macOS, which tells nothing at once. */
function table(list: () => Promise<readonly ProcessEntry[]>): ProcessTable {
  return { list, startedNow: () => undefined, hasMark: () => null, executable: () => null };
}

const entry = (pid: number): ProcessEntry => ({
  pid,
  ppid: 1,
  group: pid,
  session: pid,
  started: 'Fri Nov 22 11:14:02 2024',
  zombie: false,
  executable: '/usr/bin/somebody-else',
});

const unreadable = (): Promise<never> => Promise.reject(new Error('EMFILE'));

test('while the list of processes cannot be read, what is known is killed', async () => {
  const pid = await sleeper();
  const tree = new ProcessTree(systemClock, instance, table(unreadable), 'darwin');
  tree.spawned(pid);
  await tree.kill(true);
  await until(() => !isRunning(pid));
});

test('a list that cannot be read is not taken for an empty one', async () => {
  const pid = await sleeper();
  const tree = new ProcessTree(systemClock, instance, table(unreadable), 'darwin');
  tree.spawned(pid);
  const kill = vi.spyOn(tree, 'kill').mockResolvedValue();
  expect(await tree.sweep(0, 100)).toEqual([pid]);
  // The group of an exited program still has members. Windows knows no groups.
  tree.exited();
  if (!isWindows) expect(await tree.sweep(0, 100)).toEqual([pid]);
  kill.mockRestore();
  signal(pid, 'SIGKILL');
  await until(() => !isRunning(pid));
  expect(await tree.sweep(0, 100)).toEqual([]);
});

test('an empty list is none: nothing is taken for ended', async () => {
  const pid = await sleeper();
  const tree = new ProcessTree(
    systemClock,
    instance,
    table(() => Promise.resolve([])),
    'darwin',
  );
  tree.spawned(pid);
  await expect(tree.members()).rejects.toThrow('no list');
});

test('a list that cannot be read for a moment does not end the handshake', async () => {
  let asked = 0;
  const child = { ...entry(4711), ppid: 4700 };
  const list = (): Promise<readonly ProcessEntry[]> =>
    (asked += 1) < 3 ? unreadable() : Promise.resolve([entry(4700), child]);
  const tree = new ProcessTree(systemClock, instance, table(list), 'darwin');
  tree.spawned(4700);
  expect(await tree.greeted(4711)).toBe(true);
  expect(tree.pythonStarted).toBe(child.started);
});

test.each(['darwin', 'win32'])(
  '%s: a number that somebody else got after the exit is not ours',
  async (platform) => {
    const pid = await sleeper();
    const tree = new ProcessTree(
      systemClock,
      instance,
      table(() => Promise.resolve([entry(pid)])),
      platform,
    );
    tree.spawned(pid);
    await tree.greeted(pid);
    expect((await tree.members()).map((one) => one.pid)).toEqual([pid]);
    tree.exited();
    expect(await tree.members()).toEqual([]);
    expect(await tree.sweep(0, 100)).toEqual([]);
    expect(isRunning(pid)).toBe(true);
  },
);

/** A table that shows these processes, and the runtime itself, as long as they live; marks as Linux tells them. */
function living(pids: readonly number[], unkillable: readonly number[] = []): ProcessTable {
  const shown = [...pids, ...unkillable];
  return {
    list: () =>
      Promise.resolve(
        [process.pid, ...shown].filter((pid) => unkillable.includes(pid) || isRunning(pid)).map(entry),
      ),
    startedNow: (pid) => (unkillable.includes(pid) || isRunning(pid) ? entry(pid).started : null),
    hasMark: (pid) => shown.includes(pid),
    executable: () => null,
  };
}

test("another user's process is reported at once, not waited for", async () => {
  const child = await sleeper();
  const helper = await sleeper();
  const tree = new ProcessTree(systemClock, instance, living([helper]), 'linux');
  tree.spawned(child);
  tree.exited();
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  const left: string[] = [];
  const began = performance.now();
  const survivors = await tree.sweep(5000, 5000, (text) => left.push(text));
  kill.mockRestore();
  expect(survivors).toEqual([]);
  expect(left).toEqual([expect.stringMatching(new RegExp(`process ${helper} \\(.*\\).*EPERM`))]);
  expect(performance.now() - began).toBeLessThan(1000);
});

test('a child that is stuck inside the system is reported; the program itself is counted', async () => {
  const stuck = 4_000_001;
  const program = 4_000_002;
  const tree = new ProcessTree(systemClock, instance, living([], [stuck, program]), 'linux');
  tree.spawned(program);
  await tree.greeted(program);
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const left: string[] = [];
  const survivors = await tree.sweep(20, 40, (text) => left.push(text));
  kill.mockRestore();
  expect(survivors).toEqual([program]);
  expect(left).toEqual([expect.stringContaining(`process ${stuck} (/usr/bin/somebody-else)`)]);
  expect(left.join()).not.toContain('EPERM');
});

test('what the program left is asked to end, woken for it, and killed later', async () => {
  const stuck = 4_000_001;
  const tree = new ProcessTree(systemClock, instance, living([], [stuck]), 'linux');
  tree.spawned(4_000_002);
  tree.exited();
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  await tree.sweep(50, 50);
  const signals = kill.mock.calls.filter(([pid]) => pid === stuck).map(([, signal]) => signal);
  kill.mockRestore();
  expect(signals.slice(0, 3)).toEqual(['SIGTERM', 'SIGCONT', 'SIGKILL']);
  expect(new Set(signals.slice(2))).toEqual(new Set(['SIGKILL']));
});

test('the guard is no member that is waited for, and ends last', async () => {
  const guard = await sleeper();
  const child = await sleeper();
  const tree = new ProcessTree(systemClock, instance, living([guard]), 'linux');
  tree.spawned(child);
  await tree.greeted(child, guard);
  tree.exited();
  const began = performance.now();
  expect(await tree.sweep(5000, 5000)).toEqual([]);
  expect(performance.now() - began).toBeLessThan(1000);
  expect(isRunning(guard)).toBe(false);
});

test('without marks, a process of a session of its own is ended when it was seen while its parent lived', async () => {
  const child = await sleeper();
  const daemon = await sleeper();
  const shown = (): ProcessEntry[] =>
    [{ ...entry(daemon), ppid: isRunning(child) ? child : 1 }, entry(child)].filter(({ pid }) =>
      isRunning(pid),
    );
  const tree = new ProcessTree(
    systemClock,
    instance,
    table(() => Promise.resolve([entry(process.pid), ...shown()])),
    'darwin',
  );
  tree.spawned(child);
  await tree.look();
  signal(child, 'SIGKILL');
  await until(() => !isRunning(child));
  tree.exited();
  expect(await tree.sweep(1000, 1000)).toEqual([]);
  expect(isRunning(daemon)).toBe(false);
});

test(
  'a bootloader that is stopped is woken when its Python is killed: it has to remove what it unpacked',
  onlyOnLinux(noSignals),
  async () => {
    const bootloader = await sleeper();
    const python = await sleeper();
    const entries = [entry(process.pid), entry(bootloader), { ...entry(python), ppid: bootloader }];
    const tree = new ProcessTree(
      systemClock,
      instance,
      table(() => Promise.resolve(entries)),
      'darwin',
    );
    tree.spawned(bootloader);
    expect(await tree.greeted(python)).toBe(true);
    signal(bootloader, 'SIGSTOP');
    await until(() => stateOf(bootloader) === 'T');
    await tree.kill(false);
    await until(() => !isRunning(python) && stateOf(bootloader) !== 'T');
    expect(isRunning(bootloader)).toBe(true);
  },
);

/** The letter that Linux gives the state of a process: T is stopped. */
function stateOf(pid: number): string | undefined {
  return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];
}
