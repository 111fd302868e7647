import path from 'node:path';
import { run } from '../fixtures/run.ts';
import type { Row } from '../frame/row.ts';

interface Lags {
  readonly announced: { readonly p50: number };
  readonly polled: { readonly p50: number };
}

/** How much later than the backend the app knows that it can answer. */
export const readyLag: Row = {
  name: 'ready-lag',
  ours: 'from `listen()` to `start()` being done',
  other: 'asked every 100 ms',
  unit: 'ms',
  runs: 5,
  goal: { ours: 5 },
  limit: 'One message through a pipe and one question back.',
  async prepare({ root }) {
    let lags: Lags;
    return {
      async ours() {
        const printed = await run(process.execPath, [path.join(root, 'bench/ready-lag.ts'), '5']);
        lags = JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Lags;
        return lags.announced.p50;
      },
      // Both sides are measured in turn by the same program.
      other: () => Promise.resolve(lags.polled.p50),
    };
  },
};
