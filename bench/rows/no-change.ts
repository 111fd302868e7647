import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { example, freezePlain, plainProgram } from '../fixtures/example.ts';
import { timed } from '../fixtures/run.ts';
import type { Row } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';

/** Milliseconds of one build by the command line. */
export async function build(place: Workplace, projectDir: string): Promise<number> {
  const env = { ...process.env, ELECTRON_PYINSTALLER_CACHE: place.cacheDir };
  return await timed(process.execPath, [path.join(place.root, 'dist/cli/main.js'), 'build'], {
    cwd: projectDir,
    env,
  });
}

/** A build when nothing changed: what each `npm run make` pays. */
export const noChange: readonly Row[] = [
  {
    name: 'no-change',
    ours: '`electron-pyinstaller build`, nothing changed, whole process',
    other: "PyInstaller's own look whether something changed",
    unit: 'ms',
    runs: 21,
    quickRuns: 7,
    goal: { ratio: 0.35, ours: 150 },
    limit: 'Starting Node (30 ms) and reading the configuration.',
    async prepare(place) {
      const { projectDir } = await example(place);
      const plain = await plainProgram(place);
      const folder = await place.folder();
      return {
        ours: () => build(place, projectDir),
        async other() {
          const begin = performance.now();
          await freezePlain(plain, folder, 'onedir', []);
          return performance.now() - begin;
        },
      };
    },
  },
  {
    name: 'no-change-20000',
    ours: '20,000 source files, nothing changed, whole process',
    other: '',
    unit: 'ms',
    runs: 11,
    quickRuns: 0,
    goal: { ours: 700 },
    limit: 'One `stat` for each file.',
    async prepare(place) {
      const projectDir = await place.once('many-files', many);
      return { ours: () => build(place, projectDir), other: null };
    },
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
