import { onAbort } from '../aborted.js';

/** Requests that are under way at the same time. Another one would need a connection more, and a proof of where it leads. */
const lanes = 16;

/**
 * So long others wait before as many more are let in, unless half as many have ended meanwhile: what is under way may be streams, which
 * end at some time or never.
 */
const patienceMs = 50;

/** Lets requests in. */
export interface Lanes {
  /** Null: come in; otherwise wait for it. Rejects with the signal's reason. */
  enter(signal: AbortSignal | null): Promise<void> | null;
  /** One that came in has ended. */
  leave(): void;
}

/** See {@link Lanes}. */
export function createLanes(): Lanes {
  const waiting: (() => void)[] = [];
  let free = lanes;
  let ended = 0;
  let isWatched = false;
  const admit = (): void => {
    while (free > 0 && waiting.length > 0) {
      free--;
      waiting.shift()?.();
    }
  };
  const watch = (): void => {
    if (isWatched) return;
    isWatched = true;
    ended = 0;
    setTimeout(() => {
      isWatched = false;
      if (ended < lanes / 2) free += lanes;
      admit();
      if (waiting.length > 0) watch();
    }, patienceMs);
  };
  return {
    enter(signal) {
      if (free > 0) {
        free--;
        return null;
      }
      watch();
      return new Promise((resolve, reject) => {
        const forget = onAbort(signal, () => reject(signal?.reason as Error));
        waiting.push(() => {
          forget();
          if (signal?.aborted === true) free++;
          resolve();
        });
      });
    },
    leave() {
      ended++;
      free = Math.min(free + 1, lanes);
      admit();
    },
  };
}
