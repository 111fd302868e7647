import path from 'node:path';
import { broughtUv } from '../../dist/python/environment/bring-uv.js';
import { provisionEnvironment, pyinstallerRequirement } from '../../dist/python/index.js';
import { example } from '../fixtures/example.ts';
import { run, took } from '../fixtures/run.ts';
import { project } from '../fixtures/subject.ts';
import type { Row, Sides } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';

type Installer = 'pip' | 'uv';
type State = 'cold' | 'warm';

/** Ours, and the same commands by hand. Both have what they need in the installer's own cache after the first run. */
async function sides(place: Workplace, kind: Installer, state: State): Promise<Sides> {
  const { projectDir, backend, environment } = await project(place, example);
  const uv = broughtUv(place.cacheDir) ?? 'uv';
  const env = { ...process.env, PATH: [path.dirname(uv), process.env['PATH']].join(path.delimiter) };
  const ours = { ...backend, python: { ...backend.python, installer: kind } };
  const pyinstaller = pyinstallerRequirement(backend.pyinstaller.version, backend.pyinstaller.mode);
  const requirements = path.join(projectDir, 'backend', 'requirements.txt');
  const wanted = ['-r', requirements, pyinstaller, 'pyinstaller-hooks-contrib'];
  const byHand = async (folder: string, from: State): Promise<void> => {
    const python = path.join(folder, 'bin', 'python');
    const isPip = kind === 'pip';
    if (from === 'cold')
      await (isPip
        ? run(environment.interpreter, ['-m', 'venv', folder])
        : run(uv, ['venv', '--quiet', '--python', environment.interpreter, folder]));
    await (isPip
      ? run(python, ['-m', 'pip', 'install', '--quiet', ...wanted])
      : run(uv, ['pip', 'install', '--quiet', '--python', python, ...wanted]));
  };
  const provide = (cacheDir: string): Promise<unknown> => provisionEnvironment(ours, { cacheDir }, { env });
  const folders = { ours: await place.folder(), other: await place.folder() };
  if (state === 'warm') {
    await provide(folders.ours);
    await byHand(folders.other, 'cold');
  }
  const folder = async (side: keyof typeof folders): Promise<string> =>
    state === 'warm' ? folders[side] : path.join(await place.folder(), 'environment');
  return {
    async ours() {
      const cacheDir = await folder('ours');
      return await took(() => provide(cacheDir));
    },
    async other() {
      const directory = await folder('other');
      return await took(() => byHand(directory, state));
    },
  };
}

const shared = { unit: 'ms', runs: 3 } as const;
const cold = "new environment, packages in the installer's cache";

/** The Python environment that a backend is frozen from. */
export const environments: readonly Row[] = [
  {
    ...shared,
    name: 'environment-pip',
    ours: `${cold}, pip`,
    other: '`python -m venv` and `pip install`',
    // What ours does besides (choosing a Python, asking what was made) must not be noticed.
    goal: { ratio: 1.1 },
    limit: 'pip itself.',
    prepare: (place) => sides(place, 'pip', 'cold'),
  },
  {
    ...shared,
    name: 'environment-uv',
    ours: `${cold}, uv (the default)`,
    other: '`uv venv` and `uv pip install`',
    // Once for each set of requirements: half a second is not noticed.
    goal: { more: 500 },
    limit: 'uv itself; starting the Pythons of the machine to choose one, and the one that was made.',
    prepare: (place) => sides(place, 'uv', 'cold'),
  },
  {
    ...shared,
    name: 'environment-warm-pip',
    runs: 11,
    ours: 'environment there already, pip',
    other: '`pip install` again',
    goal: { ratio: 0.1, ours: 50 },
    limit: 'Reading the requirements and what was noted of the environment; no process is started.',
    prepare: (place) => sides(place, 'pip', 'warm'),
  },
  {
    ...shared,
    name: 'environment-warm-uv',
    runs: 11,
    ours: 'environment there already, uv (the default)',
    other: '`uv pip install` again',
    goal: { ratio: 1, ours: 50 },
    limit: 'Reading the requirements and what was noted of the environment; no process is started.',
    prepare: (place) => sides(place, 'uv', 'warm'),
  },
];
