/** Checks the Python side without a Python: types by pyright, and that every function says what it takes and what it returns. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';

const root = path.resolve(import.meta.dirname, '..');

/** Functions whose result is not annotated; pyright would infer it. */
function unannotated(text: string): string[] {
  const definitions = text.matchAll(/^[ \t]*(?:async )?def (\w+)\(.*?\)(\s*->[^:]+)?:/gms);
  return [...definitions].filter(([, , result]) => result === undefined).map(([, name]) => name ?? '');
}

const problems: string[] = [];
const companion = path.join(root, 'companion');
for (const file of await readdir(companion, { recursive: true })) {
  if (!file.endsWith('.py')) continue;
  const names = unannotated(await readFile(path.join(companion, file), 'utf8'));
  problems.push(...names.map((name) => `companion/${file}: ${name}() does not say what it returns`));
}
const run = execa({ cwd: root, all: true, preferLocal: true, reject: false });
const { failed, all, message } = await run('pyright', ['--project', root]);
if (failed) problems.push(all ?? message ?? 'pyright failed');
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
