import path from 'node:path';
import { entriesIn, readText } from '../../lib/files.js';
import { withSlashes } from '../../lib/paths.js';

/** A file of shell commands, read as one script. */
export interface ShellFile {
  /** Relative to the project, with `/`. */
  readonly file: string;
  readonly script: string;
}

const isShellFile = /\.(?:sh|bash|bat|cmd|ps1)$|^(?:GNU)?makefile$/i;
/** Where they lie besides the folders that were asked for. */
const usualFolders = ['scripts', 'script', 'build', 'tools', 'bin'];
const longestBytes = 100_000;

/** The shell files that lie directly in a project, in its usual folders for them, and in others. */
export async function shellFiles(projectDir: string, folders: readonly string[]): Promise<ShellFile[]> {
  const found: ShellFile[] = [];
  const places = [projectDir, ...usualFolders.map((name) => path.join(projectDir, name)), ...folders];
  for (const folder of new Set(places))
    for (const entry of await entriesIn(folder)) {
      if (!entry.isFile() || !isShellFile.test(entry.name)) continue;
      const file = withSlashes(path.relative(projectDir, path.join(folder, entry.name)));
      const text = await readText(path.join(folder, entry.name));
      if (text !== null && text.length <= longestBytes) found.push({ file, script: scriptIn(text, folder) });
    }
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** `%~dp0`, `$PSScriptRoot`, `$(dirname "$0")`. */
const ownFolder =
  /%~dp0|\$PSScriptRoot|\$\(\s*dirname\s+(?:--\s+)?"?\$(?:0|\{?BASH_SOURCE(?:\[0\])?\}?)"?\s*\)/g;
/** `NAME=value`, `set NAME=value`, `$name = value`, `NAME := value`. */
const assignment = /^(?:(?:export|local|readonly|set)\s+)?"?\$?([A-Za-z_]\w*)\s*[:?]?=\s*(.*)$/i;
/** `$(cd folder && pwd)`, or a text. */
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
      /\$\{(\w+)\}|\$\((\w+)\)|%(\w+)%|\$(\w+)/g,
      (whole, ...names: (string | undefined)[]) =>
        variables.get(
          names
            .slice(0, 4)
            .find((name) => name !== undefined)
            ?.toLowerCase() ?? '',
        ) ?? whole,
    );
    const [, name, value = ''] = assignment.exec(line) ?? [];
    if (name === undefined) run.push(line);
    else variables.set(name.toLowerCase(), asked.exec(value)?.[1] ?? value.replaceAll(/["']/g, ''));
  }
  return run.join('\n');
}
