import path from 'node:path';
import { run, timed } from '../fixtures/run.ts';
import type { Row } from '../frame/row.ts';

const shared = { unit: 'ms', runs: 31, quickRuns: 11, goal: { ours: 10 } } as const;
const limit =
  "Reading and compiling one file of 120 kB; what it needs of Node's own modules is loaded by Electron already.";

/** How much later an app's window opens because the runtime is imported. */
export const imports: readonly Row[] = [
  {
    ...shared,
    name: 'import-esm',
    ours: "`import 'electron-pyinstaller/runtime'`",
    limit,
    prepare: async ({ root }) => ({ ours: () => inside(root, 'module') }),
  },
  {
    ...shared,
    name: 'import-cjs',
    ours: "`require('electron-pyinstaller/runtime')`",
    limit,
    prepare: async ({ root }) => ({ ours: () => inside(root, 'commonjs') }),
  },
  {
    name: 'help',
    ours: '`electron-pyinstaller --help`, whole process',
    other: '`node` that runs nothing',
    unit: 'ms',
    runs: 21,
    quickRuns: 7,
    goal: { ratio: 1.7 },
    limit: "Starting Node; then commander, and of Node's modules what it asks for.",
    prepare: async ({ root }) => ({
      ours: () => timed(process.execPath, [path.join(root, 'dist/cli/main.js'), '--help']),
      other: () => timed(process.execPath, ['-e', '']),
    }),
  },
];

/** Measured inside of the process, from the root, where the package has its own name. */
async function inside(root: string, type: 'module' | 'commonjs'): Promise<number> {
  const load = type === 'module' ? 'await import' : 'require';
  const code = `const begin = performance.now(); ${load}('electron-pyinstaller/runtime'); console.log(performance.now() - begin)`;
  const args = [...(type === 'module' ? ['--input-type=module'] : []), '-e', code];
  return Number(await run(process.execPath, args, { cwd: root }));
}
