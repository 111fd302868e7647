import { randomUUID } from 'node:crypto';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { processTree, waitForLeftovers } from '../../scripts/demo/processes.ts';
import { onlyOnLinux } from '../support/windows.js';

/** A shell with a child, both waiting; ended when the test ends by itself. */
function startTree(marker: string) {
  return execa('sh', ['-c', 'sleep 20 & wait'], {
    env: { DEMO_TEST: marker },
    reject: false,
    detached: true,
    // The child would hold the pipes open after its parent's death.
    stdio: 'ignore',
  });
}

function killTree(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

describe('who is left', onlyOnLinux('the demo looks for processes on Linux'), () => {
  it('lists a process with everything below it', async () => {
    const shell = startTree('tree');
    const pid = shell.pid ?? 0;
    try {
      await expect.poll(async () => (await processTree(pid)).length).toBe(2);
      expect((await processTree(pid))[0]?.pid).toBe(pid);
    } finally {
      killTree(pid);
    }
  });

  it('finds a child that outlived its parent, by its environment and by the tree', async () => {
    const marker = randomUUID();
    const shell = startTree(marker);
    const pid = shell.pid ?? 0;
    try {
      await expect.poll(async () => (await processTree(pid)).length).toBe(2);
      const tree = await processTree(pid);
      shell.kill('SIGKILL');
      await shell;
      const [, child] = tree;
      const byEnvironment = await waitForLeftovers([], `DEMO_TEST=${marker}`, 100);
      const byTree = await waitForLeftovers(tree, 'DEMO_TEST=another', 100);
      expect(byEnvironment.pids).toEqual([child?.pid]);
      expect(byTree.pids).toEqual([child?.pid]);
    } finally {
      killTree(pid);
    }
  });

  it('is content as soon as the last one is gone', async () => {
    const marker = randomUUID();
    const shell = startTree(marker);
    const pid = shell.pid ?? 0;
    setTimeout(() => killTree(pid), 50);
    const left = await waitForLeftovers([], `DEMO_TEST=${marker}`, 10_000);
    expect(left.pids).toEqual([]);
    expect(left.tookMs).toBeLessThan(5000);
  });

  it('does not take a later process with the same number for an earlier one', async () => {
    const mine = (await processTree(process.pid))[0];
    expect(mine?.pid).toBe(process.pid);
    const parent = { pid: process.ppid, startTime: '1' };
    expect((await waitForLeftovers([parent], 'DEMO_TEST=nobody', 50)).pids).toEqual([]);
  });
});
