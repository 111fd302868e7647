import type { RestartSettings } from '../manifest.js';

/** What the restart policy remembers. */
export interface RestartHistory {
  /** Monotonic times of the automatic restarts, oldest first. */
  readonly restarts: readonly number[];
  /** Exponent of the next delay; back to 0 after a stable time. */
  readonly consecutive: number;
  /** Failed starts in a row without a `ready` in between. */
  readonly startFailures: number;
}

/** Nothing happened yet; also what a person's start or restart resets to. */
export const emptyHistory: RestartHistory = { restarts: [], consecutive: 0, startFailures: 0 };

/** What just ended. */
export interface RestartRequest {
  readonly history: RestartHistory;
  readonly settings: RestartSettings;
  readonly nowMs: number;
  /** A random number from 0 (included) to 1 (excluded). */
  readonly random: number;
  readonly exitCode: number | null;
  /** The error allows another attempt. */
  readonly retryable: boolean;
  /** False: it was an attempt to start that failed. */
  readonly wasReady: boolean;
}

/** What to do about it. `history` is the new one. */
export type RestartDecision =
  | {
      readonly type: 'restart';
      readonly delayMs: number;
      /** Number of this restart inside the window, from 1. */
      readonly attempt: number;
      readonly history: RestartHistory;
    }
  | {
      readonly type: 'give-up';
      readonly reason: 'off' | 'not-retryable' | 'exit-code' | 'start-failures' | 'crash-loop';
      readonly history: RestartHistory;
    };

/** Share of the delay by which it is spread, so that several backends do not start in step. */
const jitter = 0.2;

/** Delay number `consecutive` (from 0): exponential, capped, spread by ±20 %, in whole milliseconds. */
export function backoffDelay(settings: RestartSettings, consecutive: number, random: number): number {
  const base = Math.min(settings.maxDelayMs, settings.delayMs * settings.factor ** consecutive);
  return Math.round(base * (1 - jitter + 2 * jitter * random));
}

/**
 * Decide whether and when a backend that ended is started again.
 *
 * A sliding window limits bursts (as vscode-languageclient does), a second limit ends the attempts of a backend that never
 * becomes ready (supervisord), and exit codes may forbid or hasten a restart (systemd).
 */
export function decideRestart(request: RestartRequest): RestartDecision {
  const { settings, nowMs } = request;
  const startFailures = request.wasReady ? 0 : request.history.startFailures + 1;
  const restarts = request.history.restarts.filter((time) => nowMs - time < settings.windowMs);
  const history: RestartHistory = { restarts, consecutive: request.history.consecutive, startFailures };
  if (!request.retryable) return { type: 'give-up', reason: 'not-retryable', history };
  if (request.exitCode !== null && settings.never.includes(request.exitCode))
    return { type: 'give-up', reason: 'exit-code', history };
  if (settings.max === 0) return { type: 'give-up', reason: 'off', history };
  if (startFailures >= settings.maxStartFailures && startFailures > 0)
    return { type: 'give-up', reason: 'start-failures', history };
  if (restarts.length >= settings.max) return { type: 'give-up', reason: 'crash-loop', history };
  const immediately = request.exitCode !== null && settings.immediately.includes(request.exitCode);
  return {
    type: 'restart',
    delayMs: immediately ? 0 : backoffDelay(settings, history.consecutive, request.random),
    attempt: restarts.length + 1,
    history: immediately ? history : { ...history, consecutive: history.consecutive + 1 },
  };
}

/** Note that an automatic restart happens now. */
export function recordRestart(history: RestartHistory, nowMs: number): RestartHistory {
  return { ...history, restarts: [...history.restarts, nowMs] };
}
