import { appBackend } from '../fixtures/app-backend.ts';
import { example } from '../fixtures/example.ts';
import { took } from '../fixtures/run.ts';
import { placed } from '../fixtures/subject.ts';
import type { Row, Sides } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';

type Ask = (route: string) => Promise<Response>;

async function sides(place: Workplace, work: (ask: Ask) => Promise<number>): Promise<Sides> {
  const backend = await appBackend(place, await placed(place, example));
  await backend.start();
  const url = backend.url ?? '';
  const headers = { 'x-electron-pyinstaller-token': backend.token() ?? '' };
  return {
    ours: () => work((route) => backend.fetch(route)),
    other: () => work((route) => fetch(url + route, { headers })),
    end: async () => await backend[Symbol.asyncDispose](),
  };
}

async function answered(answer: Response): Promise<void> {
  if (!answer.ok) throw new Error(`the backend answered ${answer.status}`);
  await answer.text();
}

/** What a request costs. */
export const fetches: readonly Row[] = [
  {
    name: 'fetch',
    ours: '`fetch()` of a backend, small, one after the other, each',
    other: 'the built-in `fetch`',
    unit: 'ms',
    runs: 11,
    quickRuns: 5,
    goal: { ours: 2 },
    limit: "The server's own millisecond.",
    prepare: (place) =>
      sides(place, async (ask) => {
        const tookMs = await took(async () => {
          for (let request = 0; request < 20; request++) await answered(await ask('/api/health'));
        });
        return tookMs / 20;
      }),
  },
  {
    name: 'fetch-2000',
    ours: '2,000 `fetch()` at once, all',
    other: 'the built-in `fetch`',
    unit: 'ms',
    runs: 7,
    quickRuns: 3,
    goal: { ratio: 0.9 },
    limit:
      'The server, which is one thread of Python; ours opens fewer connections, each of which costs a proof that it leads to the backend.',
    prepare: (place) =>
      sides(place, (ask) =>
        took(() =>
          Promise.all(Array.from({ length: 2000 }, async () => await answered(await ask('/api/health')))),
        ),
      ),
  },
];
