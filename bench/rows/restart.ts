import process from 'node:process';
import { appBackend, placedExample } from '../fixtures/example.ts';
import type { Row } from '../frame/row.ts';

/** How long users do without a backend that crashed. */
export const restart: Row = {
  name: 'restart',
  ours: 'from `kill -9` of the backend to its being ready again',
  other: '',
  unit: 'ms',
  runs: 11,
  quickRuns: 5,
  goal: { ours: 1200 },
  limit:
    'A start, after a pause of half a second, so that what crashes at its start does not keep the machine busy.',
  async prepare(place) {
    const app = await placedExample(place);
    return {
      async ours() {
        const backend = await appBackend(place, app);
        try {
          await backend.start();
          const again = new Promise<void>((resolve) => void backend.on('ready', () => resolve()));
          const begin = performance.now();
          const { pid } = backend.status();
          if (pid === null) throw new Error('the backend has no process');
          process.kill(pid, 'SIGKILL');
          await again;
          return performance.now() - begin;
        } finally {
          await backend[Symbol.asyncDispose]();
        }
      },
      other: null,
    };
  },
};
