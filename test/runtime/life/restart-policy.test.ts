import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultSettings } from '../../../src/runtime/default-settings.js';
import {
  backoffDelay,
  decideRestart,
  emptyHistory,
  recordRestart,
} from '../../../src/runtime/life/restart-policy.js';
import type { RestartHistory, RestartRequest } from '../../../src/runtime/life/restart-policy.js';

const settings = defaultSettings.restart;

function request(changes: Partial<RestartRequest> = {}): RestartRequest {
  return {
    history: emptyHistory,
    settings,
    nowMs: 0,
    random: 0.5,
    exitCode: 1,
    retryable: true,
    wasReady: true,
    ...changes,
  };
}

test('never allows more restarts in any sliding window than the settings say', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 60 }), (gaps) => {
      let history: RestartHistory = emptyHistory;
      let nowMs = 0;
      const restarts: number[] = [];
      for (const gap of gaps) {
        nowMs += gap;
        const decision = decideRestart(request({ history, nowMs }));
        history = decision.history;
        if (decision.type === 'give-up') continue;
        nowMs += decision.delayMs;
        history = recordRestart(history, nowMs);
        restarts.push(nowMs);
      }
      for (const time of restarts) {
        const inWindow = restarts.filter((other) => other > time - settings.windowMs && other <= time);
        expect(inWindow.length).toBeLessThanOrEqual(settings.max);
      }
    }),
  );
});

test('spreads the delay by a fifth around the doubled one, up to the cap', () => {
  fc.assert(
    fc.property(
      fc.nat(20),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (count, random) => {
        const base = Math.min(30_000, 500 * 2 ** count);
        const delay = backoffDelay(settings, count, random);
        expect(delay).toBeGreaterThanOrEqual(0.8 * base - 0.5);
        expect(delay).toBeLessThanOrEqual(1.2 * base + 0.5);
        expect(Number.isInteger(delay)).toBe(true);
      },
    ),
  );
});

test.each([
  ['a final error', { retryable: false }, 'not-retryable'],
  ['a vetoed exit code', { exitCode: 78 }, 'exit-code'],
  ['restarting switched off', { settings: { ...settings, max: 0 } }, 'off'],
  [
    'a third failed start',
    { wasReady: false, history: { ...emptyHistory, startFailures: 2 } },
    'start-failures',
  ],
  ['a full window', { nowMs: 1000, history: { ...emptyHistory, restarts: [1, 2, 3, 4] } }, 'crash-loop'],
] as const)('gives up after %s', (_title, changes, reason) => {
  expect(decideRestart(request(changes))).toMatchObject({ type: 'give-up', reason });
});

test('failed starts are forgotten once the backend was ready', () => {
  const history = { ...emptyHistory, startFailures: 2 };
  expect(decideRestart(request({ history, wasReady: true })).history.startFailures).toBe(0);
});

test('restarts without delay, but counted, after an exit code that asks for it', () => {
  expect(
    decideRestart(request({ exitCode: 75, history: { restarts: [], consecutive: 3, startFailures: 0 } })),
  ).toEqual({
    type: 'restart',
    delayMs: 0,
    attempt: 1,
    history: { restarts: [], consecutive: 3, startFailures: 0 },
  });
});

test('forgets restarts that left the window', () => {
  const history = { ...emptyHistory, restarts: [0, 1, 2, 3] };
  expect(decideRestart(request({ nowMs: settings.windowMs + 2, history }))).toMatchObject({
    type: 'restart',
    attempt: 2,
  });
});
