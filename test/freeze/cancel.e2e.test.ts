import { execFileSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { provisionEnvironment } from '../../src/python/index.js';
import { temporaryFolder } from '../support/files.js';
import { testCacheDir } from '../support/paths.js';
import { startFreeze } from './support/child.js';
import { makeBackend } from './support/project.js';
import { processesIn } from './support/program.js';

const hello = { 'backend/hello.py': 'print("hello")\n' };
const job = { kind: 'job', entry: 'backend/hello.py' };

/** A project that uses an environment that is there already, and a cache of its own. */
async function project(): Promise<{ readonly projectDir: string; readonly cacheDir: string }> {
  const { interpreter } = await provisionEnvironment(await makeBackend(hello, job), {
    cacheDir: testCacheDir,
  });
  const env = path.dirname(path.dirname(interpreter));
  const { projectDir } = await makeBackend(hello, { ...job, python: { env } });
  return { projectDir, cacheDir: await temporaryFolder() };
}

/** Bundles in the cache; each must be whole. */
async function bundles(cacheDir: string): Promise<string[]> {
  const keys = await readdir(path.join(cacheDir, 'bundles')).catch(() => []);
  for (const key of keys) {
    const names = await readdir(path.join(cacheDir, 'bundles', key));
    expect(names.sort()).toEqual(['bundle', 'result.json']);
  }
  return keys;
}

async function untilNobodyWorksIn(folder: string): Promise<void> {
  const until = performance.now() + 5_000;
  while (performance.now() < until && (await processesIn(folder)).length > 0) await delay(50);
  expect(await processesIn(folder)).toEqual([]);
}

test.skipIf(process.platform === 'win32')(
  'cancelling ends every process, leaves nothing, and says so',
  async () => {
    const { projectDir, cacheDir } = await project();
    const child = await startFreeze(projectDir, cacheDir);
    await child.stage('graph');
    const asked = performance.now();
    child.process.kill('SIGTERM');
    expect(await child.end()).toMatchObject({ code: 'ERR_CANCELLED' });
    expect(performance.now() - asked).toBeLessThan(5_000);
    await untilNobodyWorksIn(cacheDir);
    expect(await readdir(path.join(cacheDir, 'work'))).toEqual([]);
    expect(await readdir(path.join(cacheDir, 'locks'))).toEqual([]);
    expect(await bundles(cacheDir)).toEqual([]);
  },
);

// A hundred times by ELECTRON_PYINSTALLER_KILLS=100; the few of every run hit other moments each time.
const kills = Number(process.env['ELECTRON_PYINSTALLER_KILLS'] ?? 6);

test.skipIf(process.platform === 'win32')(
  `kill -9 at ${kills} random moments leaves no process and no half bundle, and the next build works`,
  async () => {
    const { projectDir, cacheDir } = await project();
    for (let round = 0; round < kills; round += 1) {
      const child = await startFreeze(projectDir, cacheDir);
      const moment = Math.random() * 12_000;
      await Promise.race([delay(moment), child.end()]);
      child.process.kill('SIGKILL');
      await child.end();
      await untilNobodyWorksIn(cacheDir);
      for (const key of await bundles(cacheDir)) {
        // Whatever is there must be usable; remove it so that the next round has something to do.
        execFileSync('rm', ['-rf', path.join(cacheDir, 'bundles', key)]);
      }
    }
    const last = await startFreeze(projectDir, cacheDir);
    expect(await last.end()).toMatchObject({ cached: false });
    expect(await bundles(cacheDir)).toHaveLength(1);
    expect(await readdir(path.join(cacheDir, 'work'))).toEqual([]);
  },
);

test('of two builds at once one freezes and the other waits and takes its bundle', async () => {
  const { projectDir, cacheDir } = await project();
  const both = await Promise.all([startFreeze(projectDir, cacheDir), startFreeze(projectDir, cacheDir)]);
  const results = await Promise.all(both.map((child) => child.end()));
  expect(results.filter((result) => result?.['cached'] === true)).toHaveLength(1);
  expect(results.filter((result) => result?.['cached'] === false)).toHaveLength(1);
  expect(results[0]?.['bundleDir']).toBe(results[1]?.['bundleDir']);
  const waited = both.filter((child) => child.lines.includes('stage wait'));
  expect(waited).toHaveLength(1);
  expect(both.filter((child) => child.lines.includes('stage graph'))).toHaveLength(1);
});

/** Mount a small memory disk; false where that is not allowed. */
function mount(folder: string, options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return false;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
  });
  return true;
}

test.each([
  ['a full disk', 'size=6m', /disk|full|space/i],
  ['a read-only cache', 'ro', /read-only/i],
])('%s gives a clear error and leaves no process', async (_, options, expected) => {
  const { projectDir } = await project();
  const cacheDir = path.join(await temporaryFolder(), 'cache');
  await mkdir(cacheDir);
  // Mounting needs the rights of root: without them there is nothing to test here.
  if (process.platform !== 'linux' || !mount(cacheDir, options)) return;
  const child = await startFreeze(projectDir, cacheDir);
  const result = await child.end();
  expect(result?.['message']).toMatch(expected);
  expect(String(result?.['message'])).not.toMatch(/\n\s+at /);
  await untilNobodyWorksIn(cacheDir);
  expect(await bundles(cacheDir)).toEqual([]);
});
