/** Sustained bytes per second of one output stream that are processed (a job's `onLine`: logged); more is counted and dropped. */
export const sustainedBytesPerSecond = 1024 * 1024;

/** Bytes that may come at once. */
export const burstBytes = 4 * 1024 * 1024;

/** What a line costs besides its bytes: many short lines are as much work as few long ones. */
export const lineCostBytes = 200;

/** A token bucket. Pure: time comes from outside. */
export class RateLimit {
  #level: number;
  #sinceMs: number;
  readonly #perSecond: number;
  readonly #burst: number;

  constructor(nowMs: number, perSecond: number = sustainedBytesPerSecond, burst: number = burstBytes) {
    this.#sinceMs = nowMs;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#level = burst;
  }

  /** True when that much may be processed now. */
  take(cost: number, nowMs: number): boolean {
    const elapsedMs = Math.max(0, nowMs - this.#sinceMs);
    this.#level = Math.min(this.#burst, this.#level + (elapsedMs * this.#perSecond) / 1000);
    this.#sinceMs = nowMs;
    if (cost > this.#level) return false;
    this.#level -= cost;
    return true;
  }
}
