import { expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/runtime/clock.js';
import type { ProcessEntry, ProcessTable } from '../../../src/runtime/process/process-table.js';
import { ProcessTree } from '../../../src/runtime/process/process-tree.js';
import { isRunning, signal, sleeper, until } from '../support.js';

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
  // The group of an exited program still has members.
  tree.exited();
  expect(await tree.sweep(0, 100)).toEqual([pid]);
  kill.mockRestore();
  signal(pid, 'SIGKILL');
  await until(() => !isRunning(pid));
  expect(await tree.sweep(0, 100)).toEqual([]);
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
