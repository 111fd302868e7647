import type { Clock, TimerHandle } from '../../../src/runtime/clock.js';

interface FakeTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Virtual time: moves only when told, and lets promises settle at each step. */
export class FakeClock implements Clock {
  #nowMs = 1_000;
  #order = 0;
  readonly #timers = new Set<FakeTimer>();

  now(): number {
    return this.#nowMs;
  }

  setTimer(callback: () => void, ms: number): TimerHandle {
    if (!(ms >= 0)) throw new Error(`a timer of ${ms} ms`);
    const timer = { dueMs: this.#nowMs + ms, order: this.#order++, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimer(handle: TimerHandle): void {
    this.#timers.delete(handle as FakeTimer);
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Let time pass; every timer fires at its moment. */
  async advance(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    await settlePromises();
    for (let next = this.#next(end); next !== null; next = this.#next(end)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      this.#timers.delete(next);
      next.callback();
      await settlePromises();
    }
    this.#nowMs = end;
  }

  /** The computer sleeps: time jumps, timers that were due meanwhile fire late. */
  async sleep(ms: number): Promise<void> {
    this.#nowMs += ms;
    await this.advance(0);
  }

  #next(end: number): FakeTimer | null {
    let best: FakeTimer | null = null;
    for (const timer of this.#timers) {
      if (timer.dueMs > end) continue;
      if (
        best === null ||
        timer.dueMs < best.dueMs ||
        (timer.dueMs === best.dueMs && timer.order < best.order)
      )
        best = timer;
    }
    return best;
  }
}

/** Enough turns of the microtask queue for the longest chain of promises between two events. */
export async function settlePromises(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await Promise.resolve();
}
