import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeFiles } from './support/files.js';

const root = path.resolve(import.meta.dirname, '..');

/** From the lowest to the highest; see docs/adr/0007-rooms-walls-libraries.md. */
const rooms = ['lib', 'config', 'advice', 'bundle', 'python', 'freeze', 'verify', 'place', 'hosts', 'cli'];
const pairs = rooms.flatMap((from, high) =>
  rooms
    .map((to, low) => ({ from, to, isAllowed: low < high && !(from === 'place' && to === 'verify') }))
    .filter(({ to }) => to !== from),
);

/** Files that break (or keep) a rule each, by name. */
const files: Record<string, string> = {
  ...Object.fromEntries(rooms.map((room) => [`src/${room}/one.ts`, 'export const one = 1;\n'])),
  ...Object.fromEntries(
    pairs.map(({ from, to }) => [
      `src/${from}/imports-${to}.ts`,
      `import { one } from '../${to}/one.js';\nexport const ${to} = one;\n`,
    ]),
  ),
  'src/errors.ts': 'export const one = 1;\n',
  'src/runtime/manifest.ts': 'export const one = 1;\n',
  'src/runtime/life/machine.ts': 'export const one = 1;\n',
  'src/lib/imports-errors.ts': "import { one } from '../errors.js';\nexport const errors = one;\n",
  'src/report.ts': "import { one } from './freeze/one.js';\nexport const freeze = one;\n",
  'src/freeze/imports-type.ts':
    "import type { one } from '../hosts/one.js';\nexport type One = typeof one;\n",
  'src/freeze/exports.ts': "export { one } from '../hosts/one.js';\n",
  'src/freeze/loads.ts': "export const later = (): Promise<unknown> => import('../hosts/one.js');\n",
  'src/freeze/deep/imports.ts': "import { one } from '../../hosts/one.js';\nexport const hosts = one;\n",
  'src/freeze/reads-manifest.ts':
    "import { one } from '../runtime/manifest.js';\nexport const manifest = one;\n",
  'src/freeze/reads-machine.ts':
    "import { one } from '../runtime/life/machine.js';\nexport const machine = one;\n",
  'src/verify/runs-machine.ts':
    "import { one } from '../runtime/life/machine.js';\nexport const machine = one;\n",
  'src/runtime/reads-lib.ts': "import { one } from '../lib/one.js';\nexport const lib = one;\n",
  'src/freeze/circle-a.ts': "import { b } from './circle-b.js';\nexport const a = (): number => b();\n",
  'src/freeze/circle-b.ts': "import { a } from './circle-a.js';\nexport const b = (): number => a();\n",
  'src/freeze/type-circle-a.ts':
    "import type { B } from './type-circle-b.js';\nexport type A = readonly B[];\n",
  'src/freeze/type-circle-b.ts':
    "import type { A } from './type-circle-a.js';\nexport type B = readonly A[];\n",
  'src/freeze/prints.ts': "process.stdout.write('x');\n",
  'src/hosts/prints.ts': "const { stderr } = process;\nstderr.write('x');\n",
  'src/freeze/logs.ts': "console.log('x');\n",
  'src/freeze/imports-process.ts': "import { stdout } from 'node:process';\nstdout.write('x');\n",
  'src/freeze/exits.ts': 'process.exit(1);\n',
  'src/freeze/sets-code.ts': "process['exitCode'] = 1;\n",
  'src/cli/prints.ts': "process.stdout.write('x');\nprocess.exitCode = 1;\n",
};

let folder = '';
let refused: ReadonlySet<string>;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'walls-'));
  const rules = JSON.parse(await readFile(path.join(root, '.oxlintrc.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  // The rules that need types, and a whole project for it, are other rules.
  const config = { ...rules, options: {}, categories: { correctness: 'off', suspicious: 'off' } };
  await writeFiles(files, folder);
  await writeFile(path.join(folder, '.oxlintrc.json'), JSON.stringify(config));
  const linter = path.join(root, 'node_modules/oxlint/bin/oxlint');
  const output = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      [linter, '--format=json', 'src'],
      { cwd: folder, maxBuffer: 2 ** 26 },
      (_error, stdout) => resolve(stdout),
    );
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: readonly { filename: string }[] };
  refused = new Set(diagnostics.map(({ filename }) => filename.replaceAll('\\', '/')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the linter', () => {
  test.each(pairs)('$from importing $to is allowed: $isAllowed', ({ from, to, isAllowed }) => {
    expect(refused.has(`src/${from}/imports-${to}.ts`)).toBe(!isAllowed);
  });

  const others = Object.keys(files).filter((file) => !/\/(?:one|imports-(?:[a-z]+))\.ts$/.test(file));
  const fine = new Set([
    'src/errors.ts',
    'src/runtime/manifest.ts',
    'src/runtime/life/machine.ts',
    'src/freeze/reads-manifest.ts',
    'src/verify/runs-machine.ts',
    'src/cli/prints.ts',
  ]);
  test.each([
    ...others,
    'src/lib/imports-errors.ts',
    'src/freeze/imports-type.ts',
    'src/freeze/imports-process.ts',
  ])('refuses %s, unless it is fine', (file) => expect(refused.has(file)).toBe(!fine.has(file)));
});
