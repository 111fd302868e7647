import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { example } from '../fixtures/example.ts';
import { timed, took } from '../fixtures/run.ts';
import { plainProgram, project } from '../fixtures/subject.ts';
import type { Row, Sides } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';

/** Milliseconds of one build by the command line. */
function build(place: Workplace, projectDir: string): Promise<number> {
  const env = { ...process.env, ELECTRON_PYINSTALLER_CACHE: place.cacheDir };
  return timed(process.execPath, [path.join(place.root, 'dist/cli/main.js'), 'build'], {
    cwd: projectDir,
    env,
  });
}

/** Both sides build once, then each time after something was added to a file; without one nothing changes. */
async function sides(place: Workplace, file?: string, added?: (turn: number) => string): Promise<Sides> {
  const { projectDir } = await project(place, example);
  const plain = await plainProgram(place, example);
  const folder = await place.folder();
  let turn = 0;
  const after = async (work: () => Promise<number>): Promise<number> => {
    turn += 1;
    if (file !== undefined) await appendFile(path.join(projectDir, 'backend', file), added?.(turn) ?? '\n');
    return await work();
  };
  await build(place, projectDir);
  await plain.freeze(folder, 'onedir');
  return {
    ours: () => after(() => build(place, projectDir)),
    other: () => after(() => took(() => plain.freeze(folder, 'onedir'))),
  };
}

const edited = { unit: 'ms', other: "PyInstaller's own second build after the same edit", runs: 5 } as const;

/** Builds of what was built before: what each `npm run make` pays, and each edit. */
export const builds: readonly Row[] = [
  {
    name: 'no-change',
    ours: '`electron-pyinstaller build`, nothing changed, whole process',
    other: "PyInstaller's own look whether something changed",
    unit: 'ms',
    runs: 21,
    quickRuns: 7,
    goal: { ratio: 0.35, ours: 150 },
    limit:
      'Of 134 ms of processor time: starting Node 22, reading its own code 54, the configuration with what compiles TypeScript and checks it 24; the rest is one look at each file.',
    prepare: (place) => sides(place),
  },
  {
    name: 'no-change-20000',
    ours: '20,000 source files, nothing changed, whole process',
    unit: 'ms',
    runs: 11,
    goal: { ours: 700 },
    limit: 'One `stat` for each file.',
    async prepare(place) {
      const projectDir = await place.once('many-files', many);
      return { ours: () => build(place, projectDir) };
    },
  },
  {
    ...edited,
    name: 'edit-data',
    ours: '`electron-pyinstaller build` after an edit of a data file, with verification',
    goal: { ratio: 1 },
    limit: 'Laying the bundle anew without PyInstaller, and one start of the program to verify it.',
    prepare: (place) => sides(place, 'config/app.json'),
  },
  {
    ...edited,
    name: 'edit-line',
    ours: '`electron-pyinstaller build` after an edit of a source file, with verification',
    goal: { ratio: 1.5 },
    limit: "PyInstaller's analysis, which its own second build does anew too, and one start of the program.",
    prepare: (place) => sides(place, 'main.py', (turn) => `# ${turn}\n`),
  },
];

async function many(folder: string): Promise<string> {
  for (let part = 0; part < 100; part++) {
    const directory = path.join(folder, 'backend', `part${part}`);
    await mkdir(directory, { recursive: true });
    for (let file = 0; file < 200; file++)
      await writeFile(path.join(directory, `module${file}.py`), `VALUE = ${part * file}\n`, { flag: 'a' });
  }
  await writeFile(path.join(folder, 'backend', 'main.py'), 'print("hello")\n');
  await writeFile(
    path.join(folder, 'package.json'),
    '{ "name": "many", "version": "1.0.0", "type": "module" }\n',
  );
  await writeFile(
    path.join(folder, 'pyinstaller.config.json'),
    '{ "backends": { "many": { "entry": { "script": "backend/main.py" }, "kind": "job", "source": "backend" } } }\n',
  );
  return folder;
}
