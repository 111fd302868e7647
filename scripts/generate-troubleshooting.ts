/**
 * Writes docs/troubleshooting*.md and docs/presets.md from the tables the code uses. Run after a build: `npm run build && node scripts/generate-troubleshooting.ts`.
 * With `--check` nothing is written; the exit code is 1 when a file is not up to date.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { asSentence, contextOf } from '../dist/advice/diagnose.js';
import { adviceTable } from '../dist/advice/table.js';
import { strictRules } from '../dist/freeze/index.js';
import { presetTable } from '../dist/config/presets/index.js';
import { listRests, shorten } from './long-cells.ts';
import { table } from './markdown-table.ts';
import { measuredBlock, measuredOf } from './measured-block.ts';

const root = path.resolve(import.meta.dirname, '..');
const check = process.argv.includes('--check');

/** How the page words advice: in the place of nobody in particular. */
const context = {
  ...contextOf({ configPath: 'the backend' }),
  mode: 'onefile',
  add: (line: string) => `Add \`${line}\`.`,
} as const;

/** A text as code, also one with a backtick in it, as linkers quote. */
function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** The rows that are met at a stage, with what they say to their own example. */
function adviceRows(stage: 'install' | 'build' | 'verify' | 'run'): string[][] {
  return adviceTable
    .filter(({ at }) => at.includes(stage))
    .map((row) => {
      const { title, unseen, example, pattern } = row;
      const match = pattern.exec(example);
      if (match === null) throw new Error(`The example for "${title}" is not recognised`);
      const groups = match.slice(1).filter((group) => group !== undefined);
      return [
        // A row that is only known from elsewhere says so.
        unseen === undefined ? title : `${title} (not reproduced here: ${unseen})`,
        code(example.trim()),
        row.at.includes('run') ? asSentence(row.cause(groups, context)) : row.cause(groups, context),
        row.edit(groups, context),
      ];
    });
}

const columns = ['what', 'looks like', 'cause', 'what to do'];
const generated = `<!-- Written by scripts/generate-troubleshooting.ts from src/advice, src/runtime/life/failure-rows.ts and src/freeze/strict. Do not edit. -->`;
const back = `All failures: [Troubleshooting](troubleshooting.md). A row that says "not reproduced here" is known from PyInstaller's sources and its users, not from a test.`;

/** The cure puts something into the bundle: a module, a package, a file, a library. */
const isLacking = ([, , , edit = '']: readonly string[]): boolean =>
  /hiddenImports|collect:|data:|binaries:|requirements|resource_path/.test(edit);
const frozenRows = adviceRows('verify');

const troubleshooting = `${generated}
# Troubleshooting

Every failure is recognised where it is met: the build (or the runtime's error) says the cause, the line it saw, and the edit. These pages list what is known.

| when | page |
| --- | --- |
| packages are installed | [The packages cannot be installed](troubleshooting-install.md) |
| PyInstaller runs | [The build fails](troubleshooting-build.md) |
| the frozen program is tried: a module, package, file or library is not there | [The program lacks something](troubleshooting-missing.md) |
| the frozen program is tried: anything else | [The program fails](troubleshooting-program.md) |
| the app runs | [below](#the-backend-ends-in-the-app); codes of the runtime: [errors](runtime-errors.md) |

\`npx electron-pyinstaller doctor\` looks for most causes before you build. The full log of a freeze stands in the cache folder; every error names it.
\`npx electron-pyinstaller build --explain\` says why a backend is frozen again.

## The build says PyInstaller succeeded, and fails all the same

PyInstaller ends with exit code 0 in spite of each of these; the program would fail at the customer's. Here they fail the build.

${table(
  ['what', 'how to allow or repair it'],
  strictRules.map((rule) => [rule.what, rule.allow]),
)}

## The backend ends in the app

The runtime's error (\`BackendError\`) says the reason and what to do, from the exit code and the last lines the backend printed.

${failureTable(adviceRows('run'))}

Besides, without a line that says it: exit codes 126, 127 and 255 before Python starts (the program could not be loaded), SIGKILL (often out of memory), and the
signals and status codes of Windows by which [native code crashes](crashes.md).
`;

/** A table of failures; what does not fit into a cell stands below it, named by its row. */
function failureTable(rows: readonly (readonly string[])[]): string {
  const short = rows.map((row) => row.map((text) => shorten(text)));
  const rests = short.flatMap((row) =>
    row.map(({ rest }): readonly [string, string | null] => [row[0]?.cell ?? '', rest]),
  );
  return `${table(
    columns,
    short.map((row) => row.map(({ cell }) => cell)),
  )}${listRests(rests)}`;
}

/** A page that is one table. */
function tablePage(title: string, text: string, rows: readonly (readonly string[])[]): string {
  return `${generated}\n# ${title}\n\n${text}\n${back}\n\n${failureTable(rows)}\n`;
}

const pages: Readonly<Record<string, string>> = {
  'docs/troubleshooting.md': troubleshooting,
  'docs/troubleshooting-install.md': tablePage(
    'The packages cannot be installed',
    'What pip and uv say when the environment of a backend is filled.',
    adviceRows('install'),
  ),
  'docs/troubleshooting-build.md': tablePage(
    'The build fails',
    'What PyInstaller says, or what is said for it.',
    adviceRows('build'),
  ),
  'docs/troubleshooting-missing.md': tablePage(
    'The program lacks something',
    'Found by running the frozen program during the build; the cure puts something into it.',
    frozenRows.filter(isLacking),
  ),
  'docs/troubleshooting-program.md': tablePage(
    'The program fails',
    'Found by running the frozen program during the build.',
    frozenRows.filter((row) => !isLacking(row)),
  ),
};

const presets = `<!-- Written by scripts/generate-troubleshooting.ts from src/config/presets/table.ts, but for what was measured. Do not edit. -->
# Presets

PyInstaller finds what your code imports, and its hooks know what many packages need besides. Some frameworks still name modules as text or look for files where
only a source tree has them. A *preset* adds what such a framework needs. It is switched on when one of the distributions in the table is installed in the backend's
environment; there is nothing to write. A preset only adds, never leaves out, and what it would add but is not installed is passed over.

\`\`\`js
// pyinstaller.config.mjs
export default {
  backends: {
    engine: {
      entry: { asgi: 'main:app' },
      presets: { django: false },   // this one off; { django: true }: on, whatever is installed; false: all off
    },
  },
};
\`\`\`

A name that is not in the table is an error. A hand-written spec gets no presets.

${table(
  ['preset', 'for', 'switched on by', 'what it adds, and why'],
  presetTable.map((preset) => [
    `\`${preset.name}\``,
    preset.title,
    preset.when.length === 0 ? 'always' : preset.when.join(', '),
    shorten(preset.why).cell,
  ]),
)}${listRests(presetTable.map(({ name, why }) => [`\`${name}\``, shorten(why).rest]))}

Worker processes (\`multiprocessing\`, \`ProcessPoolExecutor\` with \`fork\`, \`spawn\` or \`forkserver\`) need no preset: see [Multiprocessing](backend-processes.md#multiprocessing).
Neither do PyTorch, transformers and peft, whose hooks know everything; what is large about them: [Big backends](big-backends.md).
Something is missing that no preset knows? \`hiddenImports\`, \`data\` and \`collect\` add it: see [Configuration](config.md), and [Troubleshooting](troubleshooting.md) by the message.

## What it costs

A small program for each preset, frozen and run. *Freeze*: from the start of the step to the checked bundle, including the run that proves it, with the Python environment
already made. *Of CPU*: what processors worked for it, which other work on the machine hardly lengthens. *Size* and *files*: the whole bundle, Python included. *Start*: until
the app's runtime sees it ready, median of three starts, libraries imported at the top. The programs of \`fastapi\`, \`flask\` and \`django\` are served by uvicorn or
waitress, the others by the server of the standard library.

${measuredBlock(measuredOf(await readFile(path.join(root, 'docs/presets.md'), 'utf8').catch(() => '')))}
`;

for (const [name, text] of Object.entries(pages)) await update(name, text);
await update('docs/presets.md', presets);

async function update(name: string, text: string): Promise<void> {
  const file = path.join(root, name);
  const before = await readFile(file, 'utf8').catch(() => null);
  if (before === text) console.log(`${name}: up to date`);
  else if (check) {
    console.error(`${name}: not up to date; run "npm run build && node scripts/generate-troubleshooting.ts"`);
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    console.log(`${name}: written`);
  }
}
