import { setTimeout as delay } from 'node:timers/promises';
import { AppProcess } from '../fixtures/app-process.ts';
import { server } from '../fixtures/backends.ts';
import { descendants, usage, type Usage } from '../fixtures/processes.ts';
import { frozenPlain, placed } from '../fixtures/subject.ts';
import type { Row, Said, Sides } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';

/** Two apps with the same backend: one has it by us, the other starts what PyInstaller made by itself. */
async function apps(place: Workplace): Promise<Record<'ours' | 'other', () => Promise<AppProcess>>> {
  const app = await placed(place, server);
  const file = await frozenPlain(place, server, 'onedir');
  return {
    ours: async () => await AppProcess.start({ type: 'ours', ...app, folder: await place.folder() }),
    other: async () => await AppProcess.start({ type: 'plain', file, folder: await place.folder() }),
  };
}

/** Each run has an app of its own. */
async function sides(place: Workplace, work: (app: AppProcess) => Promise<Said>): Promise<Sides> {
  const { ours, other } = await apps(place);
  const using = async (start: () => Promise<AppProcess>): Promise<Said> => {
    const app = await start();
    try {
      return await work(app);
    } finally {
      await app.stop();
    }
  };
  return { ours: () => using(ours), other: () => using(other) };
}

const idleMinutes = 10;

/** Both idle at the same time: they do nothing that could disturb the other, and it takes half as long. */
async function idle(place: Workplace): Promise<Sides> {
  const { ours, other } = await apps(place);
  const [own, plain] = [await ours(), await other()];
  const look = (app: AppProcess): Usage => usage([app.pid, ...descendants(app.pid)]);
  const since = (app: AppProcess, before: Usage): Said => {
    const { wakeUps, cpuMs } = look(app);
    return [(wakeUps - before.wakeUps) / (idleMinutes * 60), (cpuMs - before.cpuMs) / idleMinutes];
  };
  let plainSaid: Said = [];
  return {
    async ours() {
      for (const app of [own, plain]) await app.settle();
      const before = [look(own), look(plain)] as const;
      await delay(idleMinutes * 60_000);
      plainSaid = since(plain, before[1]);
      return since(own, before[0]);
    },
    other: () => Promise.resolve(plainSaid),
    async end() {
      for (const app of [own, plain]) await app.stop();
    },
  };
}

const floodBytes = 1_000_000_000;
const flooded = { unit: 'ms', other: 'Node pipes it into a file' } as const;
const plainApp = "PyInstaller's folder, started by hand";

/** What the main process of an app and the backend take, in a flood of log and at rest. */
export const apart: readonly Row[] = [
  {
    ...flooded,
    name: 'flood',
    ours: '1 GB of log: the longest wait of the backend for a line',
    runs: 3,
    // What the project promises; a second of silence would be noticed by whoever waits for an answer.
    goal: { ours: 100 },
    limit:
      'The pipe holds 64 kB; whatever keeps this process from reading, the system included, is waited for.',
    also: [
      {
        ...flooded,
        name: 'flood-loop',
        ours: '1 GB of log: the event loop is late by (p99)',
        // Input is answered within 100 ms when no task takes more than half of that. https://web.dev/articles/rail
        goal: { ours: 50 },
        limit:
          'A chunk of 64 kB is looked through at a time; more than a megabyte a second is counted and dropped.',
      },
      {
        ...flooded,
        name: 'flood-memory',
        ours: '1 GB of log: the memory of the app grows by',
        unit: 'MB',
        goal: { ours: 64 },
        limit: 'Chunks that were read and are not collected yet; the log keeps 200 lines.',
      },
      {
        ...flooded,
        name: 'flood-time',
        ours: '1 GB of log, all',
        // Nobody's program is to become slower because its output is read by us.
        goal: { ratio: 1 },
        limit:
          'One write of the program and one read of the app for each line; of what is read, most is dropped.',
      },
    ],
    prepare: (place) =>
      sides(place, async (app) => {
        const { blockedMs, loopMs, grownMb, tookMs } = await app.flood(floodBytes);
        return [blockedMs, loopMs, grownMb, tookMs];
      }),
  },
  {
    name: 'memory-app',
    ours: 'memory of the app, at rest after 100 requests',
    other: plainApp,
    unit: 'MB',
    runs: 5,
    quickRuns: 3,
    // Not to be noticed beside Electron, which takes some hundreds.
    goal: { more: 5 },
    limit: "The runtime's code, compiled, and the 200 lines of log that it keeps.",
    also: [
      {
        name: 'memory-backend',
        ours: 'memory of the backend and its guard, at rest after 100 requests',
        other: plainApp,
        unit: 'MB',
        // Electron and its helpers take some hundreds: a few percent at most.
        goal: { more: 10 },
        limit:
          'The guard, which ends what is left when app and backend die together: a fork of Python before anything is imported.',
      },
    ],
    prepare: (place) =>
      sides(place, async (app) => {
        await app.settle();
        return [usage([app.pid]).memoryMb, usage(descendants(app.pid)).memoryMb];
      }),
  },
  {
    name: 'idle',
    ours: `${idleMinutes} idle minutes: app and backend wake up`,
    other: plainApp,
    unit: '/s',
    runs: 1,
    // Whoever does nothing is not to drain a battery: no more than one a second besides the server's own.
    goal: { more: 1 },
    limit: "The server's own: uvicorn looks ten times a second whether it is to end.",
    also: [
      {
        name: 'idle-cpu',
        ours: `${idleMinutes} idle minutes: processor time of app and backend, each minute`,
        other: plainApp,
        unit: 'ms',
        // A thousandth of one core.
        goal: { more: 60 },
        limit: "The server's own wake-ups.",
      },
    ],
    prepare: idle,
  },
];
