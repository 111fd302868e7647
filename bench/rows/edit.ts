import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { example, freezePlain, plainProgram } from '../fixtures/example.ts';
import type { Row, Sides } from '../frame/row.ts';
import type { Workplace } from '../frame/workplace.ts';
import { build } from './no-change.ts';

/** Both sides build once, then each time after something was added to a file. */
async function sides(place: Workplace, file: string, added: (turn: number) => string): Promise<Sides> {
  const { projectDir } = await example(place);
  const plain = await plainProgram(place);
  const folder = await place.folder();
  const edited = path.join(projectDir, 'backend', file);
  let turn = 0;
  const edit = (): Promise<void> => appendFile(edited, added((turn += 1)));
  await build(place, projectDir);
  await freezePlain(plain, folder, 'onedir', []);
  return {
    async ours() {
      await edit();
      return await build(place, projectDir);
    },
    async other() {
      await edit();
      const begin = performance.now();
      await freezePlain(plain, folder, 'onedir', []);
      return performance.now() - begin;
    },
  };
}

const shared = {
  unit: 'ms',
  other: "PyInstaller's own second build after the same edit",
  runs: 5,
  quickRuns: 0,
} as const;

/** What one edit costs. */
export const edits: readonly Row[] = [
  {
    ...shared,
    name: 'edit-data',
    ours: '`electron-pyinstaller build` after an edit of a data file, with verification',
    goal: { ratio: 1 },
    limit: 'Laying the bundle anew without PyInstaller, and one start of the program to verify it.',
    prepare: (place) => sides(place, 'config/app.json', () => '\n'),
  },
  {
    ...shared,
    name: 'edit-line',
    ours: '`electron-pyinstaller build` after an edit of a source file, with verification',
    goal: { ratio: 1.5 },
    limit: "PyInstaller's analysis, which its own second build does anew too, and one start of the program.",
    prepare: (place) => sides(place, 'main.py', (turn) => `# ${turn}\n`),
  },
];
