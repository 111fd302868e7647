import { spawn } from 'node:child_process';
import { readFileSync, utimesSync } from 'node:fs';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { removeDeadLocks, withFileLock } from '../../src/lib/file-lock.js';
import { isAlive, startTimeOf, thisProcess } from '../../src/lib/process-identity.js';
import { temporaryFolder } from '../support/files.js';
import { onlyOnLinux } from '../support/windows.js';

const quick = { pollMs: 20 };

/** Give whoever looks at a lock another time: by how often it was looked at. */
function timeByLooks(msAt: (look: number) => number): void {
  let look = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => msAt(look++));
  onTestFinished(() => clock.mockRestore());
}

test('only one at a time, however many ask, and each gets its turn', async () => {
  const file = path.join(await temporaryFolder(), 'deep', 'x.lock');
  let inside = 0;
  let most = 0;
  const turns = await Promise.all(
    Array.from({ length: 12 }, (_, turn) =>
      withFileLock(file, quick, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await sleep(5);
        inside -= 1;
        return turn;
      }),
    ),
  );
  expect(most).toBe(1);
  expect(turns).toEqual(Array.from({ length: 12 }, (_, turn) => turn));
});

test('it is released when the work fails', async () => {
  const file = path.join(await temporaryFolder(), 'x.lock');
  await expect(withFileLock(file, quick, () => Promise.reject(new Error('failed')))).rejects.toThrow(
    'failed',
  );
  expect(await withFileLock(file, quick, () => Promise.resolve('next'))).toBe('next');
});

test('the lock of a process that was killed is broken at once, by exactly one of those who wait', async () => {
  const file = path.join(await temporaryFolder(), 'x.lock');
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
  await writeFile(
    file,
    JSON.stringify({
      token: 't',
      ...thisProcess(),
      pid: child.pid,
      startTime: startTimeOf(child.pid ?? 0),
    }),
  );
  let waited = '';
  let count = 0;
  let inside = 0;
  const waiting = Promise.all(
    [1, 2, 3, 4].map(() =>
      withFileLock(file, { ...quick, onWait: (holder) => (waited = holder) }, async () => {
        inside += 1;
        expect(inside).toBe(1);
        count += 1;
        await sleep(30);
        inside -= 1;
      }),
    ),
  );
  await vi.waitFor(() => expect(waited).toBe(`process ${child.pid} on ${hostname()}`));
  expect(count).toBe(0);
  child.kill('SIGKILL');
  await waiting;
  expect(count).toBe(4);
});

test(
  'a process that got the number of a dead one is not mistaken for it',
  onlyOnLinux('only Linux tells when a process started'),
  async () => {
    const file = path.join(await temporaryFolder(), 'x.lock');
    await writeFile(file, JSON.stringify({ token: 't', ...thisProcess(), startTime: 'another boot 1' }));
    expect(await withFileLock(file, quick, () => Promise.resolve(1))).toBe(1);
  },
);

test.each([
  ['on another machine', { host: 'elsewhere' }],
  // Nobody has this number here; it says nothing about there.
  ['in another container of this machine', { pidNamespace: 'pid:[1]', pid: 4_194_999 }],
])('a holder %s is respected while it gives signs of life', async (_where, holder) => {
  const file = path.join(await temporaryFolder(), 'x.lock');
  await writeFile(file, JSON.stringify({ token: 't', ...thisProcess(), ...holder }));
  let looks = 0;
  timeByLooks((look) => {
    looks = look;
    if (look < 20) utimesSync(file, look + 1, look + 1);
    return look * 200;
  });
  await withFileLock(file, { pollMs: 1, silentMs: 300 }, () => Promise.resolve());
  expect(looks).toBeGreaterThanOrEqual(20);
});

test('a lock that was never written to is broken after the silence', async () => {
  const file = path.join(await temporaryFolder(), 'x.lock');
  await writeFile(file, '');
  expect(await withFileLock(file, { ...quick, silentMs: 200 }, () => Promise.resolve('ours'))).toBe('ours');
});

test('waiting can be cancelled, and the lock of the other stays', async () => {
  const file = path.join(await temporaryFolder(), 'x.lock');
  await withFileLock(file, quick, async () => {
    const waiting = withFileLock(file, { ...quick, signal: AbortSignal.timeout(60) }, () =>
      Promise.resolve(),
    );
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
  });
});

test('a folder that cannot be written is the error of the system', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'file'), '');
  await expect(
    withFileLock(path.join(folder, 'file', 'x.lock'), quick, () => Promise.resolve()),
  ).rejects.toMatchObject({ code: 'EEXIST' });
});

test(
  'a process that only waits to be reaped is not alive',
  onlyOnLinux('Windows has no zombies'),
  async () => {
    const child = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 2'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const pid = await new Promise<number>((resolve) =>
      child.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk))),
    );
    expect(isAlive(process.pid)).toBe(true);
    const stat = (): string => readFileSync(`/proc/${pid}/stat`, 'utf8');
    await vi.waitFor(() => expect(stat()).toContain(') Z '), 5_000);
    expect(isAlive(pid)).toBe(false);
  },
);

test('a running holder keeps its lock although it was never touched and a minute seems to have passed', async () => {
  const file = path.join(await temporaryFolder(), 'x.lock');
  await writeFile(file, JSON.stringify({ token: 't', ...thisProcess() }));
  // As after hours of sleep, or in a freeze that blocks its event loop.
  const longAgo = new Date(Date.now() - 24 * 60 * 60 * 1000);
  await utimes(file, longAgo, longAgo);
  const signal = AbortSignal.timeout(50);
  const waiting = withFileLock(
    file,
    { pollMs: 2, silentMs: process.platform === 'linux' ? 10 : 5_000, signal },
    () => Promise.resolve(),
  );
  await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('a holder that cannot be judged is not given up for the time in which this machine slept', async () => {
  const file = path.join(await temporaryFolder(), 'x.lock');
  await writeFile(file, JSON.stringify({ token: 't', pid: 1, host: 'elsewhere', startTime: null }));
  // One look, then a day of sleep, then a few looks.
  const ended = new AbortController();
  timeByLooks((look) => {
    if (look === 10) ended.abort(new Error('looked ten times'));
    return look === 0 ? 0 : 24 * 60 * 60 * 1000 + look * 100;
  });
  const waiting = withFileLock(file, { pollMs: 1, silentMs: 4_000, signal: ended.signal }, () =>
    Promise.resolve(),
  );
  await expect(waiting).rejects.toThrow('looked ten times');
});

test('locks and drafts of dead processes are removed, those of running ones stay', async () => {
  const folder = await temporaryFolder();
  const dead = { token: 't', ...thisProcess(), pid: 2 ** 22 + 1 };
  const draft = 'b.lock.0f8fad5b-d9cb-469f-a165-70867728950e';
  await writeFile(path.join(folder, 'a.lock'), JSON.stringify(dead));
  await writeFile(path.join(folder, draft), JSON.stringify(dead));
  await writeFile(path.join(folder, 'c.lock'), JSON.stringify({ ...thisProcess(), token: 't' }));
  await writeFile(path.join(folder, 'd.lock'), JSON.stringify({ ...dead, host: 'elsewhere' }));
  await writeFile(path.join(folder, 'other.json'), JSON.stringify(dead));
  await removeDeadLocks(folder);
  expect((await readdir(folder)).sort()).toEqual(['c.lock', 'd.lock', 'other.json']);
});

test('a lock that somebody broke and took meanwhile is not released', async () => {
  const file = path.join(await temporaryFolder(), 'x.lock');
  const other = JSON.stringify({ token: 'another', ...thisProcess() });
  await withFileLock(file, quick, () => writeFile(file, other));
  expect(await readFile(file, 'utf8')).toBe(other);
});
