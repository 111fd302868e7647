import { freezeBackend } from '../../dist/freeze/index.js';
import { verifyBundle } from '../../dist/verify/index.js';
import { example } from '../fixtures/example.ts';
import { took } from '../fixtures/run.ts';
import { plainProgram, project } from '../fixtures/subject.ts';
import type { Row, Sides } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';

const shared = {
  unit: 'ms',
  other: '`pyinstaller --clean`, same options and environment',
  runs: 5,
} as const;

async function sides(place: Workplace, verifies: boolean): Promise<Sides> {
  const { backend } = await project(place, example);
  const plain = await plainProgram(place, example);
  const verify = verifies ? verifyBundle : () => Promise.resolve({ startupMs: null, warnings: [] });
  const options = { cacheDir: place.cacheDir, force: true, verify };
  return {
    ours: () => took(() => freezeBackend(backend, options)),
    async other() {
      const folder = await place.folder();
      return await took(() => plain.freeze(folder, 'onedir', '--clean'));
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
