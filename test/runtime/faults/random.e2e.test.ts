import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stopBoundMs } from '../../../src/runtime/life/time-limits.js';
import { temporaryFolder } from '../../support/files.js';
import { edges } from '../model/edges.js';
import { processesWith, testSettings, waitMs } from '../support.js';
import { programs } from './programs.js';
import { faulty, isFullRun, report, unpackedFolders, within, zombieChildren } from './support.js';

type Command =
  | 'start'
  | 'stop'
  | 'restart'
  | 'kill'
  | 'aborted start'
  | 'three stops'
  | 'a moment'
  | 'a while';

const command: fc.Arbitrary<Command> = fc.constantFrom(
  'start',
  'start',
  'stop',
  'restart',
  'kill',
  'kill',
  'aborted start',
  'three stops',
  'a moment',
  'a while',
  'a while',
);

const sequences = isFullRun ? 25 : 4;

/** The model test (test/runtime/model) in small, with processes instead of scripts. */
describe.each(await programs())('$label', { timeout: 1_200_000 }, (program) => {
  test(`25: ${sequences} random sequences of commands break no invariant`, async () => {
    const settings = {
      restart: { ...testSettings.restart, delayMs: 30, windowMs: 60_000 },
    };
    const boundMs = testSettings.ready.timeoutMs + stopBoundMs(testSettings.stop) + 2000;
    const temporary = await temporaryFolder();
    let commands = 0;
    let generations = 0;
    const run = async (sequence: readonly Command[]): Promise<readonly string[]> => {
      const mark = randomUUID();
      const backend = await faulty(program, { FAULT_MARK: mark, TMPDIR: temporary }, settings);
      const violations: string[] = [];
      const alive = (): number[] => processesWith(`FAULT_MARK=${mark}`);
      let last = 'idle';
      const ready = new Set<number>();
      backend.on('state', ({ prev, next }) => {
        if (prev !== last || !edges.has(`${prev}>${next}`)) violations.push(`I7: ${last}, ${prev}>${next}`);
        last = next;
        if (next === 'starting' && alive().length > 0) violations.push('I1: a process of before lives');
        if (next === 'stopped' && alive().length > 0) violations.push('I2: stopped with a living process');
      });
      backend.on('ready', ({ generation }) => {
        if (ready.has(generation)) violations.push(`I6: ready twice in ${generation}`);
        ready.add(generation);
      });
      const open: Promise<void>[] = [];
      const ask = (what: string, promise: Promise<void>): void => {
        const began = performance.now();
        const settled = (): void => {
          const tookMs = performance.now() - began;
          if (tookMs > within(boundMs)) violations.push(`I3: ${what} took ${tookMs} ms`);
        };
        open.push(promise.then(settled, settled));
      };
      for (const item of sequence) {
        commands += 1;
        switch (item) {
          case 'start':
          case 'stop':
          case 'restart':
            ask(item, backend[item]());
            break;
          case 'kill': {
            const [victim] = alive();
            if (victim !== undefined) process.kill(victim, 'SIGKILL');
            break;
          }
          case 'aborted start': {
            const controller = new AbortController();
            ask(item, backend.start({ signal: controller.signal }));
            controller.abort();
            break;
          }
          case 'three stops':
            for (let count = 0; count < 3; count++) ask(item, backend.stop());
            break;
          case 'a moment':
            await waitMs(20);
            break;
          case 'a while':
            await waitMs(400);
        }
      }
      // Whatever happened, it can be started and stopped.
      await Promise.all(open);
      await backend.start();
      if (backend.status().state !== 'ready') violations.push(`started, but ${backend.status().state}`);
      await backend.stop();
      generations += backend.status().generation;
      await backend[Symbol.asyncDispose]();
      if (alive().length > 0) violations.push('I2: alive after stop');
      const unpacked = unpackedFolders(temporary);
      if (unpacked.length > 0) violations.push(`${sequence.join()} left ${unpacked.join()}`);
      return violations;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 3, maxLength: 8 }), async (sequence) => {
        expect(await run(sequence)).toEqual([]);
      }),
      // Finding the shortest sequence would take too long with processes.
      { numRuns: sequences, endOnFailure: true },
    );
    const zombies = zombieChildren().length;
    const unpacked = unpackedFolders(temporary).length;
    report({
      number: 25,
      fault: 'random commands',
      injected: `${sequences} sequences of start, stop, restart, kill -9, aborted start, three stops at once, pauses`,
      expected: 'I1, I2, I3, I6, I7 hold; no zombie, no unpacked folder',
      program: program.label,
      measured: `0 violations after ${commands} commands in ${generations} generations; ${zombies} zombies; ${unpacked} unpacked folders`,
    });
    expect([zombies, unpacked]).toEqual([0, 0]);
  });
});
