import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { awaitNoLeftovers, endLeftovers, findLeftovers } from '../../src/verify/leftovers.js';
import { verifyMarkerVariable } from '../../src/verify/scrubbed-environment.js';
import { onlyOnLinux } from '../support/windows.js';

describe('findLeftovers', onlyOnLinux('what a check left is looked for on Linux alone'), () => {
  it('finds marked processes, also those that left their group, and ends them', async () => {
    const marker = `test-${process.pid}-${Date.now()}`;
    // The shell ends at once; `sleep` lives on in a session of its own.
    const shell = execa('sh', ['-c', 'setsid sleep 60 & sleep 0.1'], {
      env: { [verifyMarkerVariable]: marker },
      stdio: 'ignore',
    });
    onTestFinished(() => void shell.kill('SIGKILL'));
    await shell;
    const found = await findLeftovers(marker, '/nowhere');
    expect(found).toEqual([{ pid: expect.any(Number), command: 'sleep 60' }]);
    endLeftovers(found);
    expect(await awaitNoLeftovers(marker, '/nowhere', 5000)).toEqual([]);
  });

  it('waits for processes that are just ending', async () => {
    const marker = `test2-${process.pid}-${Date.now()}`;
    const child = execa('sleep', ['0.3'], { env: { [verifyMarkerVariable]: marker } });
    expect(await findLeftovers(marker, '/nowhere')).toHaveLength(1);
    expect(await awaitNoLeftovers(marker, '/nowhere', 5000)).toEqual([]);
    await child;
  });

  it('finds nothing of others', async () => {
    expect(await findLeftovers('no such mark', '/nowhere')).toEqual([]);
  });
});
