import { onAbort } from './aborted.js';

/** A running timer. */
export type TimerHandle = object | number;

/**
 * Time as the supervisor sees it. Only monotonic time: setting the computer's clock changes nothing. Replaced by a
 * virtual one in tests.
 */
export interface Clock {
  /** Whole milliseconds since an arbitrary moment; never goes backwards. */
  now(): number;
  setTimer(callback: () => void, ms: number): TimerHandle;
  clearTimer(handle: TimerHandle): void;
}

/** The real clock. Its timers keep the process alive only when asked to by something else. */
export const systemClock: Clock = {
  now: () => Math.round(performance.now()),
  // A longer time would be none at all: timers are 32 bits wide.
  setTimer: (callback, ms) => setTimeout(callback, Math.min(ms, 2_147_483_647)),
  clearTimer: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

/** Wait, ending early (without an error) when the signal is aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const finish = (): void => {
      clock.clearTimer(timer);
      forget();
      resolve();
    };
    const timer = clock.setTimer(finish, ms);
    const forget = onAbort(signal, finish);
  });
}
