import type { HealthSettings } from '../manifest.js';

/** Milliseconds after waking up before the first probe: the network stack and the backend need a moment. */
export const afterResumeMs = 5000;

/** What the health policy remembers about the running generation. */
export interface HealthHistory {
  /** Bad probes in a row. */
  readonly failures: number;
  /** The limit was reached; one more probe decides (the second window). */
  readonly confirming: boolean;
  /** Monotonic time at which the timer of the next probe is due. */
  readonly dueMs: number;
}

/** Verdict on one probe. */
export type HealthVerdict = 'good' | 'bad' | 'degraded' | 'recovered';

/**
 * Judge one probe.
 *
 * Two windows, as VS Code does for its terminal host: after `failures` bad probes one more is made before anybody is told,
 * because a computer that just woke up, or Python holding the interpreter lock, looks like a hang for a while.
 */
export function judgeProbe(
  history: HealthHistory,
  good: boolean,
  settings: HealthSettings,
  degraded: boolean,
): { readonly verdict: HealthVerdict; readonly failures: number; readonly confirming: boolean } {
  if (good) return { verdict: degraded ? 'recovered' : 'good', failures: 0, confirming: false };
  const failures = history.failures + 1;
  if (degraded) return { verdict: 'bad', failures, confirming: false };
  if (history.confirming) return { verdict: 'degraded', failures, confirming: false };
  return { verdict: 'bad', failures, confirming: failures >= settings.failures };
}

/** Milliseconds until the next probe, given how long the last one took. */
export function nextProbeDelay(settings: HealthSettings, confirming: boolean, tookMs: number): number {
  return Math.max(0, (confirming ? settings.timeoutMs : settings.intervalMs) - tookMs);
}

/** True when a timer fired so late that the computer must have slept in between. */
export function sleptThrough(settings: HealthSettings, dueMs: number, nowMs: number): boolean {
  return nowMs - dueMs > Math.max(afterResumeMs, settings.intervalMs);
}
