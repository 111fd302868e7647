import path from 'node:path';
import { example } from '../fixtures/example.ts';
import { forgeApp, type Backend } from '../fixtures/forge-app.ts';
import { took } from '../fixtures/run.ts';
import { frozenPlain } from '../fixtures/subject.ts';
import type { Row, Sides } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';

async function sides(place: Workplace, other: Backend): Promise<Sides> {
  const make = await forgeApp(place);
  return { ours: () => took(() => make('ours')), other: () => took(() => make(other)) };
}

const shared = {
  unit: 'ms',
  ours: '`npm run make` of the example app (Electron Forge, zip), nothing changed',
  runs: 3,
} as const;

/** What whoever makes an app waits for. The app is packaged with the stand-in for Electron's binary. */
export const makes: readonly Row[] = [
  {
    ...shared,
    name: 'make',
    other: 'the same app without a backend',
    // A coffee is not worth it: what a backend adds to each make stays below ten seconds.
    goal: { more: 10_000 },
    limit:
      'Compressing 90 MB more into the zip, in one thread of `zip`; copying and checking them is less than a second.',
    prepare: (place) => sides(place, 'none'),
  },
  {
    ...shared,
    name: 'make-by-hand',
    other: "PyInstaller's folder, made before, as `extraResource`",
    // Besides the bytes, nothing must be noticed.
    goal: { ratio: 1.1 },
    limit: 'The same, and a look whether something changed.',
    async prepare(place) {
      const resource = path.dirname(await frozenPlain(place, example, 'onedir'));
      return await sides(place, { resource });
    },
  },
];
