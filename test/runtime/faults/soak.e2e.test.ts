import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../support/files.js';
import { processesWith, testSettings } from '../support.js';
import { runDriver } from './driver.js';
import { programManifest, programs } from './programs.js';
import { isFullRun, report, unpackedFolders } from './support.js';

const [starts, crashes] = isFullRun ? [200, 50] : [8, 4];

/** What a process of the app holds. */
interface Measure {
  readonly descriptors: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  readonly zombies: number;
}

/** A whole process plays the app: the test runner's own memory and descriptors say nothing. */
const cycles = `
import { readdirSync, readFileSync } from 'node:fs';
const measure = async () => {
  for (let count = 0; count < 3; count++) { await new Promise((resolve) => setTimeout(resolve, 50)); gc(); }
  const zombies = readdirSync('/proc').filter((name) => {
    try {
      const stat = readFileSync('/proc/' + name + '/stat', 'latin1');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state === 'Z' && Number(parent) === process.pid;
    } catch { return false; }
  }).length;
  const { rss, heapUsed } = process.memoryUsage();
  return { descriptors: readdirSync('/proc/self/fd').length, rssMiB: rss / 2 ** 20, heapMiB: heapUsed / 2 ** 20, zombies };
};
const startAndStop = async () => { await backend.start(); await backend.stop(); };
const crash = async () => {
  const ready = new Promise((resolve) => { const off = backend.on('ready', () => { off(); resolve(); }); });
  process.kill(backend.status().pid, 'SIGKILL');
  await ready;
};
// The first rounds open what stays open: the log, thread pools, compiled code.
for (let count = 0; count < WARM; count++) await startAndStop();
await backend.start();
await crash();
await backend.stop();
say(await measure());
for (let count = 0; count < STARTS; count++) await startAndStop();
say(await measure());
await backend.start();
for (let count = 0; count < CRASHES; count++) await crash();
await backend.stop();
say(await measure());
say(backend.status().generation);
await backend[Symbol.asyncDispose]();
process.exit(0);
`;

describe.each(await programs())('$label', { timeout: 3_600_000 }, (program) => {
  test(`26: ${starts} starts and ${crashes} crashes leave nothing`, async () => {
    const mark = randomUUID();
    const temporary = path.join(await temporaryFolder(), 'tmp');
    await mkdir(temporary);
    const warm = isFullRun ? 20 : 2;
    const restart = { ...testSettings.restart, max: crashes + 10, delayMs: 5, factor: 1 };
    const driver = await runDriver(
      programManifest(program, { FAULT_MARK: mark, TMPDIR: temporary }, { restart }),
      program.resources,
      cycles
        .replace('WARM', String(warm))
        .replace('STARTS', String(starts))
        .replace('CRASHES', String(crashes)),
      { wrap: [process.execPath, '--expose-gc'] },
    );
    const before = (await driver.next()) as Measure;
    const middle = (await driver.next()) as Measure;
    const after = (await driver.next()) as Measure;
    // Warming up: as many starts, one more, and its restart.
    expect(await driver.next()).toBe(warm + 2 + starts + 1 + crashes);
    expect(await driver.exited).toBe('0');
    const orphans = processesWith(mark).length;
    const unpacked = unpackedFolders(temporary).length;
    const row = (measure: Measure): string =>
      `descriptors ${measure.descriptors}, RSS ${measure.rssMiB.toFixed(0)} MiB, heap ${measure.heapMiB.toFixed(1)} MiB`;
    report({
      number: 26,
      fault: 'soak',
      injected: `${starts} start/stop, then ${crashes} kill -9 (after ${warm} rounds to warm up)`,
      expected: 'descriptors the same, memory flat, 0 zombies, 0 orphans, 0 unpacked folders',
      program: program.label,
      measured: `before: ${row(before)}; after the starts: ${row(middle)}; after the crashes: ${row(after)}; ${after.zombies} zombies; ${orphans} orphans; ${unpacked} unpacked folders`,
    });
    expect(middle.descriptors).toBe(before.descriptors);
    expect(after.descriptors).toBe(before.descriptors);
    expect([middle.zombies, after.zombies, orphans, unpacked]).toEqual([0, 0, 0, 0]);
    // A generation that was kept would show: its ring of lines alone may be 64 KiB.
    expect(after.heapMiB - before.heapMiB).toBeLessThan(2);
    // V8 enlarges its heap once, by up to 25 MiB, somewhere in the second hundred of starts, and keeps it.
    expect(after.rssMiB - before.rssMiB).toBeLessThan(40);
  });
});
