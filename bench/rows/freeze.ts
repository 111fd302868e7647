import { freezeBackend } from '../../dist/freeze/index.js';
import { verifyBundle } from '../../dist/verify/index.js';
import { example, freezePlain, plainProgram } from '../fixtures/example.ts';
import type { Row, Sides } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';

const shared = {
  unit: 'ms',
  other: '`pyinstaller --clean`, same options and environment',
  runs: 5,
  quickRuns: 0,
} as const;

async function sides(place: Workplace, verifies: boolean): Promise<Sides> {
  const { backend } = await example(place);
  const plain = await plainProgram(place);
  const verify = verifies ? verifyBundle : () => Promise.resolve({ startupMs: null, warnings: [] });
  const options = { cacheDir: place.cacheDir, force: true, verify };
  return {
    async ours() {
      const begin = performance.now();
      await freezeBackend(backend, options);
      return performance.now() - begin;
    },
    async other() {
      const folder = await place.folder();
      const begin = performance.now();
      await freezePlain(plain, folder, 'onedir', ['--clean']);
      return performance.now() - begin;
    },
  };
}

/** A build from nothing, the environment being there. */
export const freeze: readonly Row[] = [
  {
    ...shared,
    name: 'freeze',
    ours: 'cold freeze without verification',
    goal: { ratio: 1.03 },
    limit:
      "PyInstaller's own analysis, in one thread; what ours reads besides (sources, the environment's packages, once) it gains by rarer garbage collection.",
    prepare: (place) => sides(place, false),
  },
  {
    ...shared,
    name: 'freeze-verified',
    ours: 'cold freeze with verification',
    goal: { ratio: 1.1 },
    limit: 'The same, and one start of the program.',
    prepare: (place) => sides(place, true),
  },
];
