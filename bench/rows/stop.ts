import { appBackend, frozenPlain, placedExample } from '../fixtures/example.ts';
import { PlainServer } from '../fixtures/plain-server.ts';
import type { Row } from '../frame/row.ts';

/** How long a quit takes. */
export const stop: Row = {
  name: 'stop',
  ours: '`stop()`: the application has ended, no process is left',
  other: 'the same server by PyInstaller, SIGTERM to exit',
  unit: 'ms',
  runs: 21,
  quickRuns: 7,
  goal: { more: 25, ratio: 1 },
  limit: "The application's own end, about 20 ms of Python's, and one look at the system's processes.",
  async prepare(place) {
    const app = await placedExample(place);
    const executable = await frozenPlain(place, 'onedir');
    return {
      async ours() {
        const backend = await appBackend(place, app);
        await backend.start();
        const begin = performance.now();
        await backend.stop();
        const tookMs = performance.now() - begin;
        await backend[Symbol.asyncDispose]();
        return tookMs;
      },
      async other() {
        const server = await PlainServer.start(executable, [], await place.folder());
        return await server.stop();
      },
    };
  },
};
