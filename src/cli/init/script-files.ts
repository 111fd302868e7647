import path from 'node:path';
import { entriesIn, readText } from '../../lib/files.js';
import { withSlashes } from '../../lib/paths.js';
import { readCalls } from './migration.js';
import { asLine, callsIn } from './program-calls.js';

/** A file that may call PyInstaller, as a script for a shell. */
export interface ScriptFile {
  /** Relative to the project, with `/`. */
  readonly file: string;
  readonly script: string;
}

/** Where they lie besides the folders that were asked for. */
const usualFolders = ['scripts', 'script', 'build', 'tools', 'bin'];
/** A script of a build is short; what is longer was made by a program. */
const longestBytes = 20_000;

/**
 * The files with the name of PyInstaller in them that lie directly in a project, in its usual folders for scripts, and in others: shell
 * files, programs of Node and of Python. Of programs, only what they say to PyInstaller.
 */
export async function scriptFiles(projectDir: string, folders: readonly string[]): Promise<ScriptFile[]> {
  const found: ScriptFile[] = [];
  const python: string[] = [];
  const places = [projectDir, ...usualFolders.map((name) => path.join(projectDir, name)), ...folders];
  for (const folder of new Set(places))
    for (const entry of await entriesIn(folder)) {
      const file = path.join(folder, entry.name);
      const kind = kindOf(entry.name);
      if (!entry.isFile() || kind === null) continue;
      const text = await readText(file);
      if (text === null || text.length > longestBytes || !/pyinstaller/i.test(text)) continue;
      if (kind === 'python') python.push(file);
      else
        found.push({
          file,
          script: kind === 'shell' ? scriptIn(text, folder) : callsIn(text, folder).join('\n'),
        });
    }
  if (python.length > 0)
    for (const [file, calls] of Object.entries(await readCalls(python)))
      found.push({
        file,
        // A list of one word is a whole line.
        script: calls.map((words) => (words.length === 1 ? words.join('') : asLine(words))).join('\n'),
      });
  return found
    .map(({ file, script }) => ({ file: withSlashes(path.relative(projectDir, file)), script }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function kindOf(name: string): 'shell' | 'node' | 'python' | null {
  if (/\.(?:sh|bash|bat|cmd|ps1)$|^(?:GNU)?makefile$/i.test(name)) return 'shell';
  if (/\.[cm]?[jt]s$/.test(name)) return 'node';
  return name.endsWith('.py') ? 'python' : null;
}

/** `%~dp0`, `$PSScriptRoot`, `$(dirname "$0")`. */
const ownFolder =
  /%~dp0|\$PSScriptRoot|\$\(\s*dirname\s+(?:--\s+)?"?\$(?:0|\{?BASH_SOURCE(?:\[0\])?\}?)"?\s*\)/g;
/** `NAME=value`, `set NAME=value`, `$name = value`, `NAME := value`. */
const assignment = /^(?:(?:export|local|readonly|set)\s+)?"?\$?([A-Za-z_]\w*)\s*[:?]?=\s*(.*)$/i;
/** `Split-Path -Parent folder`, `Join-Path folder name`. */
const parent = /^Split-Path\s+(?:-Parent\s+|-Path\s+)*["']?([^"']+?)["']?(?:\s+-Parent)?$/i;
const joined = /^Join-Path\s+["']?([^"'\s]+)["']?\s+["']?([^"']+?)["']?$/i;
/** `$(cd folder && pwd)`. */
const asked = /^["']?\$\(\s*cd\s+["']?([^"'&]*?)["']?\s*(?:>\s*\/dev\/null\s*)?&&\s*pwd(?:\s+-P)?\s*\)["']?$/;

/**
 * What a file runs: its lines without comments, those that go on on the next one joined, its own folder and its variables written out. Pure.
 *
 * @param folder - of the file, absolute
 */
export function scriptIn(text: string, folder: string): string {
  const variables = new Map<string, string>();
  const lines = text
    .replaceAll(/[\\^`][ \t]*\r?\n/g, ' ')
    .replaceAll(ownFolder, `${withSlashes(folder)}/`)
    .split(/\r?\n/)
    .map((line) => line.replace(/^[\s@]+/, '').trimEnd());
  const run: string[] = [];
  for (const written of lines) {
    if (written === '' || /^(?:#|::|rem\b)/i.test(written)) continue;
    const line = written.replaceAll(
      /\$\{\w+\}|\$\(\w+\)|%\w+%|\$\w+/g,
      (name) => variables.get(name.replaceAll(/\W/g, '').toLowerCase()) ?? name,
    );
    const [, name, value = ''] = assignment.exec(line) ?? [];
    if (name === undefined) run.push(line);
    else variables.set(name.toLowerCase(), valueOf(value));
  }
  return run.join('\n');
}

function valueOf(written: string): string {
  const value = written.replace(/^\((.*)\)$/, '$1');
  const [, folder] = parent.exec(value) ?? [];
  if (folder !== undefined) return `${folder}/..`;
  const [, first, second] = joined.exec(value) ?? [];
  if (first !== undefined) return `${first}/${second ?? ''}`;
  return asked.exec(written)?.[1] ?? written.replaceAll(/["']/g, '');
}
