/**
 * Writes etc/*.api.md: every name that the package exports, with its declaration and those it refers to, taken from the emitted
 * declaration files, without comments. A change of the public surface is then seen in review. Run after a build.
 * With `--check` nothing is written; the exit code is 1 when a report is not up to date.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readEntryPoint } from './declarations.ts';

const root = path.resolve(import.meta.dirname, '..');
const check = process.argv.includes('--check');
const entries = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, unknown>>;
};

/** A report of one entry point. */
function report(title: string, entry: string): string {
  const { exports, declarations } = readEntryPoint(entry);
  const names = [...exports].map(([name, declared]) => (name === declared ? name : `${declared} as ${name}`));
  return [
    '<!-- Written by scripts/api-report.ts from the emitted declarations. Do not edit. -->',
    `# ${title}`,
    `Exports: ${names.sort().join(', ')}.`,
    ['```ts', ...declarations.map(({ bare }) => bare).sort(), '```'].join('\n'),
    '',
  ].join('\n\n');
}

await mkdir(path.join(root, 'etc'), { recursive: true });
for (const [name, target] of Object.entries(entries.exports)) {
  const types = typesOf(target);
  if (types === null) continue;
  const title = path.posix.join('electron-pyinstaller', name);
  const file = path.join(root, 'etc', `${name === '.' ? 'index' : path.posix.basename(name)}.api.md`);
  const text = report(title, path.join(root, types));
  const shown = path.relative(root, file);
  const before = await readFile(file, 'utf8').catch(() => null);
  if (before === text) continue;
  if (check) {
    console.error(
      `${shown}: not up to date: the public surface changed. If it should, run "npm run build && npm run gen".`,
    );
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    console.log(`${shown}: written`);
  }
}

/** The declaration file of an entry point, ES modules first; null: it has none. */
function typesOf(target: unknown): string | null {
  if (typeof target !== 'object' || target === null) return null;
  const conditions = target as Readonly<Record<string, unknown>>;
  const types = conditions['types'];
  return typeof types === 'string' ? types : typesOf(conditions['import']);
}
