import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { processesWith, testSettings } from '../support.js';
import { programs } from './programs.js';
import { factsOf, faulty, next, report, unpackedFolders, zombieChildren } from './support.js';

/** Everything once in a while: `ELECTRON_PYINSTALLER_SOAK=1` makes it 200 starts and 50 crashes for each program. */
const full = process.env['ELECTRON_PYINSTALLER_SOAK'] === '1';
const [starts, crashes] = full ? [200, 50] : [8, 4];

const descriptors = (): number => readdirSync('/proc/self/fd').length;

describe.each(await programs())('$label', { timeout: 3_600_000 }, (program) => {
  test(`26: ${starts} starts and ${crashes} crashes leave nothing`, async () => {
    const mark = `FAULT_MARK=soak-${program.label}-${process.pid}`;
    const [name = '', value = ''] = mark.split('=');
    const restart = { ...testSettings.restart, max: crashes + 10, delayMs: 5, factor: 1 };
    const backend = await faulty(program, { [name]: value }, { restart });
    const unpacked = unpackedFolders().length;
    // The first round opens what stays open: the log, thread pools.
    await backend.start();
    await backend.stop();
    const before = { descriptors: descriptors(), rss: process.memoryUsage().rss };
    for (let count = 0; count < starts; count++) {
      await backend.start();
      await backend.stop();
    }
    await backend.start();
    for (let count = 0; count < crashes; count++) {
      const { pid } = await factsOf(backend);
      const ready = next(backend, 'ready');
      process.kill(pid, 'SIGKILL');
      await ready;
    }
    await backend.stop();
    const growth = (process.memoryUsage().rss - before.rss) / 2 ** 20;
    const after = descriptors();
    report({
      number: 26,
      fault: 'soak',
      injected: `${starts} start/stop, ${crashes} kill -9`,
      expected: 'descriptors and memory flat, 0 zombies, 0 orphans, 0 unpacked folders',
      program: program.label,
      measured: `descriptors ${before.descriptors} -> ${after}; memory ${growth >= 0 ? '+' : ''}${growth.toFixed(0)} MiB; nothing left`,
    });
    expect(zombieChildren()).toEqual([]);
    expect(processesWith(mark)).toEqual([]);
    expect(unpackedFolders().length).toBeLessThanOrEqual(unpacked);
    expect(after).toBeLessThanOrEqual(before.descriptors + 3);
    expect(growth).toBeLessThan(64);
  });
});
