import { expect, test } from 'vitest';
import { judgeProbe, nextProbeDelay, sleptThrough } from '../../../src/runtime/life/health-policy.js';

const settings = {
  http: '/',
  intervalMs: 10_000,
  timeoutMs: 5000,
  failures: 3,
  onUnhealthy: 'report',
} as const;

/** Let probes happen that take this long and end so; returns verdicts with the time of each. */
function play(results: readonly (readonly [good: boolean, tookMs: number])[]): string[] {
  let history = { failures: 0, confirming: false, dueMs: 0 };
  let degraded = false;
  let nowMs = 10_000;
  return results.map(([good, tookMs]) => {
    nowMs += tookMs;
    const { verdict, failures, confirming } = judgeProbe(history, good, settings, degraded);
    history = { failures, confirming, dueMs: 0 };
    if (verdict === 'degraded') degraded = true;
    if (verdict === 'recovered') degraded = false;
    const text = `${verdict} at ${nowMs / 1000}`;
    nowMs += nextProbeDelay(settings, confirming, tookMs);
    return text;
  });
}

test('calls a backend degraded after three bad probes and one more that confirms', () => {
  const hang = [false, 5000] as const;
  expect(play([hang, hang, hang, hang, hang])).toEqual([
    'bad at 15',
    'bad at 25',
    'bad at 35',
    'degraded at 40',
    'bad at 50',
  ]);
});

test('one good probe is enough, before and after', () => {
  const bad = [false, 10] as const;
  const good = [true, 10] as const;
  expect(play([bad, bad, bad, good, bad, bad, bad, bad, good]).map((text) => text.split(' ')[0])).toEqual([
    'bad',
    'bad',
    'bad',
    'good',
    'bad',
    'bad',
    'bad',
    'degraded',
    'recovered',
  ]);
});

test('a timer that fires much too late means that the computer slept', () => {
  expect(sleptThrough(settings, 1000, 1200)).toBe(false);
  expect(sleptThrough(settings, 1000, 12_000)).toBe(true);
});
