import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/files.js';
import { startFreeze } from './support/child.js';
import { processesIn } from './support/program.js';
import { ownProject, quickProject } from './support/quick-build.js';

/** Bundles in the cache; each must be whole. */
async function bundles(cacheDir: string): Promise<string[]> {
  const keys = await readdir(path.join(cacheDir, 'bundles')).catch(() => []);
  for (const key of keys) {
    const names = await readdir(path.join(cacheDir, 'bundles', key));
    // A program that was frozen as a whole also has the record by which later data is laid in.
    const others = names.filter((name) => name !== 'program.json').sort();
    expect(others).toEqual(['bundle', 'result.json']);
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
    const { projectDir, cacheDir } = await ownProject();
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

// A hundred with ELECTRON_PYINSTALLER_KILLS=100 (some minutes). Two go through PyInstaller's analysis, which takes most of a
// build; the others leave it out, so that the steps around it are hit often.
const kills = Number(process.env['ELECTRON_PYINSTALLER_KILLS'] ?? 20);
const wholeKills = Math.min(kills, 2);

test.skipIf(process.platform === 'win32').each([
  ['whole builds', wholeKills, ownProject],
  ['builds without analysis', kills - wholeKills, quickProject],
])(
  'kill -9 at random moments of %s, %i times, leaves no process and no half bundle, and the next build works',
  { timeout: 30 * 60_000 },
  async (_, count, project) => {
    const { projectDir, cacheDir } = await project();
    const removeBundles = async (): Promise<void> => {
      for (const key of await bundles(cacheDir)) {
        await rm(path.join(cacheDir, 'bundles', key), { recursive: true });
      }
    };
    // Until a build has loaded its code there is nothing to break: few of the kills come so early.
    const warm = await startFreeze(projectDir, cacheDir);
    await warm.stage('start');
    const started = performance.now();
    expect(await warm.end()).toMatchObject({ cached: false });
    const busyMs = performance.now() - started;
    await removeBundles();
    const stages = new Map<string, number>();
    for (let round = 0; round < count; round += 1) {
      const child = await startFreeze(projectDir, cacheDir);
      if (round % 5 !== 0) await Promise.race([child.stage('start'), child.end()]);
      await Promise.race([delay(Math.random() * busyMs), child.end()]);
      child.process.kill('SIGKILL');
      await child.end();
      const last = child.lines.at(-1) ?? 'before the first stage';
      const stage = last.startsWith('{') ? 'after the end' : last;
      stages.set(stage, (stages.get(stage) ?? 0) + 1);
      await untilNobodyWorksIn(cacheDir);
      // Whatever is there must be whole; removed, so that the next round has something to do.
      await removeBundles();
    }
    console.log(`${count} kills in ${Math.round((performance.now() - started) / 1000)} s`, stages);
    expect(await (await startFreeze(projectDir, cacheDir)).end()).toMatchObject({ cached: false });
    expect(await bundles(cacheDir)).toHaveLength(1);
    expect(await readdir(path.join(cacheDir, 'work'))).toEqual([]);
    expect(await readdir(path.join(cacheDir, 'locks'))).toEqual([]);
  },
);

test('of two builds at once one freezes and the other waits and takes its bundle', async () => {
  const { projectDir, cacheDir } = await ownProject();
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
  const { projectDir } = await ownProject();
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
