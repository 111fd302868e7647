import { withBackend } from '../fixtures/app-backend.ts';
import { large, numbers } from '../fixtures/backends.ts';
import { example } from '../fixtures/example.ts';
import { PlainServer } from '../fixtures/plain-server.ts';
import { took } from '../fixtures/run.ts';
import { frozenPlain, placed, plainProgram, type Subject } from '../fixtures/subject.ts';
import type { Row, Sides } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';

type Plain = readonly [file: string, ...args: string[]];

async function starts(place: Workplace, subject: Subject, [file, ...args]: Plain): Promise<Sides> {
  const app = await placed(place, subject);
  return {
    ours: () => withBackend(place, app, (backend) => took(() => backend.start())),
    async other() {
      const server = await PlainServer.start(file, args, await place.folder());
      await server.stop();
      return server.readyMs;
    },
  };
}

const shared = { unit: 'ms', ours: '`start()` to ready' } as const;

/** How soon a backend can be used, and is gone. */
export const lives: readonly Row[] = [
  {
    ...shared,
    name: 'start',
    other: "PyInstaller's folder",
    runs: 21,
    quickRuns: 7,
    goal: { ratio: 0.9 },
    limit:
      'The imports of the application itself, which both sides have: four fifths of what is left. Then its first request, 12 ms.',
    prepare: async (place) => await starts(place, example, [await frozenPlain(place, example, 'onedir')]),
  },
  {
    ...shared,
    name: 'start-source',
    ours: '`start()` to ready, our folder beside the sources',
    other: '`python` of the environment',
    runs: 21,
    goal: { ratio: 0.97 },
    limit:
      'The same imports. Only ours has what the app does before there is a process, 13 ms, and the digest of the core files on the other core: 16 ms where both are busy.',
    async prepare(place) {
      const { python, args } = await plainProgram(place, example);
      return await starts(place, example, [python, ...args]);
    },
  },
  {
    ...shared,
    name: 'start-onefile',
    ours: '`start()` to ready, our folder beside one file',
    other: "PyInstaller's single file",
    runs: 11,
    goal: { ratio: 0.45 },
    limit: 'Our own start, see `start`; the single file unpacks itself at each one.',
    prepare: async (place) => await starts(place, example, [await frozenPlain(place, example, 'onefile')]),
  },
  {
    ...shared,
    name: 'start-numbers',
    ours: '`start()` to ready with numpy and pandas',
    other: "PyInstaller's folder",
    runs: 7,
    // Here the application's imports are nearly all: what is ours must not be seen.
    goal: { ratio: 1 },
    limit: 'The imports of numpy and pandas: both sides have them.',
    prepare: async (place) => await starts(place, numbers, [await frozenPlain(place, numbers, 'onedir')]),
  },
  {
    ...shared,
    name: 'start-large',
    ours: '`start()` to ready with 1.5 GB in 3,000 files (the size of PyTorch)',
    other: "PyInstaller's folder",
    runs: 7,
    // The bytes must cost nothing; a twentieth of a second is not noticed.
    goal: { more: 50 },
    limit:
      'Integrity `exe` reads the program and Python, but looks whether each file is there (`lstat`, four at a time).',
    prepare: async (place) => await starts(place, large, [await frozenPlain(place, large, 'onedir')]),
  },
  {
    name: 'stop',
    ours: '`stop()`: the application has ended, no process is left',
    other: 'the same server by PyInstaller, SIGTERM to exit',
    unit: 'ms',
    runs: 21,
    quickRuns: 7,
    goal: { more: 25, ratio: 1 },
    limit: "The application's own end, about 20 ms of Python's, and one look at the system's processes.",
    async prepare(place) {
      const app = await placed(place, example);
      const executable = await frozenPlain(place, example, 'onedir');
      return {
        ours: () =>
          withBackend(place, app, async (backend) => {
            await backend.start();
            return await took(() => backend.stop());
          }),
        async other() {
          const server = await PlainServer.start(executable, [], await place.folder());
          return await server.stop();
        },
      };
    },
  },
  {
    name: 'restart',
    ours: 'from `kill -9` of the backend to its being ready again',
    unit: 'ms',
    runs: 11,
    quickRuns: 5,
    goal: { ours: 1200 },
    limit:
      'A start, after a pause of half a second, so that what crashes at its start does not keep the machine busy.',
    async prepare(place) {
      const app = await placed(place, example);
      return {
        ours: () =>
          withBackend(place, app, async (backend) => {
            await backend.start();
            const { pid } = backend.status();
            if (pid === null) throw new Error('the backend has no process');
            return await took(() => {
              const again = new Promise<void>((resolve) => void backend.on('ready', () => resolve()));
              process.kill(pid, 'SIGKILL');
              return again;
            });
          }),
      };
    },
  },
];
