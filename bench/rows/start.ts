import path from 'node:path';
import { appBackend, example, frozenPlain, placedExample, plainProgram } from '../fixtures/example.ts';
import { PlainServer } from '../fixtures/plain-server.ts';
import type { Row, Sides } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';

const shared = { unit: 'ms', ours: '`start()` to ready, folder, integrity `exe`' } as const;

async function sides(place: Workplace, file: string, args: readonly string[]): Promise<Sides> {
  const app = await placedExample(place);
  return {
    async ours() {
      const backend = await appBackend(place, app);
      try {
        const begin = performance.now();
        await backend.start();
        return performance.now() - begin;
      } finally {
        await backend[Symbol.asyncDispose]();
      }
    },
    async other() {
      const server = await PlainServer.start(file, args, await place.folder());
      await server.stop();
      return server.readyMs;
    },
  };
}

/** How soon a backend can be used. */
export const start: readonly Row[] = [
  {
    ...shared,
    name: 'start',
    other: "PyInstaller's folder, asked every 5 ms",
    runs: 21,
    quickRuns: 7,
    goal: { ratio: 0.9 },
    limit: 'The imports of the application itself: both sides have them.',
    prepare: async (place) => await sides(place, await frozenPlain(place, 'onedir'), []),
  },
  {
    ...shared,
    name: 'start-source',
    ours: '`start()` to ready, our folder beside the sources, integrity `exe`',
    other: '`python` of the environment, asked every 5 ms',
    runs: 21,
    quickRuns: 0,
    goal: { ratio: 0.97 },
    limit: 'Python reads its modules from files there and out of an archive here.',
    async prepare(place) {
      const { projectDir } = await example(place);
      const { python, script } = await plainProgram(place);
      const source = path.join(projectDir, 'backend');
      const code = `import sys; sys.argv[0] = ${JSON.stringify(script)}; sys.path.insert(0, ${JSON.stringify(source)}); exec(open(sys.argv[0]).read())`;
      return await sides(place, python, ['-c', code]);
    },
  },
  {
    ...shared,
    name: 'start-onefile',
    ours: '`start()` to ready, our folder beside one file, integrity `exe`',
    other: "PyInstaller's single file, asked every 5 ms",
    runs: 11,
    quickRuns: 0,
    goal: { ratio: 0.45 },
    limit: 'The single file unpacks itself at each start.',
    prepare: async (place) => await sides(place, await frozenPlain(place, 'onefile'), []),
  },
];
