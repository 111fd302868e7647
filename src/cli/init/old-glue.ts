import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { entriesIn } from '../../lib/files.js';
import { withSlashes } from '../../lib/paths.js';
import { closingBracket, maskCode } from './mask-code.js';

/** A line of the app that does by hand what the runtime does. */
export interface Glue {
  /** Relative to the project. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** What stands there instead. */
  readonly instead: string;
}

const skipped = new Set([
  'node_modules',
  'dist',
  'out',
  'build',
  'release',
  'coverage',
  'test',
  'tests',
  'e2e',
  '__tests__',
  'public',
  'vendor',
]);
const isSource = /\.[cm]?[jt]sx?$/;
const isConfig =
  /(?:^|\.)config\.[cm]?[jt]s$|\.d\.[cm]?ts$|\.gen\.ts$|\.(?:test|spec)\.[cm]?[jt]sx?$|^(?:forge|vite|webpack)\./;

/** Look through the sources of an app for lines that start, ask or end its backend. */
export async function findGlue(
  projectDir: string,
  constant: string,
  ports: readonly number[],
): Promise<Glue[]> {
  const found: Glue[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    for (const entry of (await entriesIn(folder)).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (depth > 0 && !skipped.has(entry.name) && !entry.name.startsWith('.'))
          await visit(file, depth - 1);
      } else if (isSource.test(entry.name) && !isConfig.test(entry.name) && found.length < 40) {
        const text = await readFile(file, 'utf8').catch(() => '');
        // Minified bundles are nobody's source.
        if (text.length > 400_000 || /\S{2000}/.test(text)) continue;
        found.push(...glueIn(text, withSlashes(path.relative(projectDir, file)), constant, ports));
      }
    }
  };
  await visit(projectDir, 5);
  return found;
}

/**
 * The lines of one file. Pure.
 *
 * @param ports - ports that the backend has by itself
 */
export function glueIn(text: string, file: string, constant: string, ports: readonly number[]): Glue[] {
  const code = maskCode(text);
  const lines = text.split('\n');
  const found: Glue[] = [];
  const add = (index: number, instead: string) => {
    const line = text.slice(0, index).split('\n').length;
    if (found.some((other) => other.line === line)) return;
    found.push({ file, line, text: (lines[line - 1] ?? '').trim().slice(0, 100), instead });
  };
  const children = new Set<string>();
  for (const match of code.matchAll(
    /(?:(?:const|let|var)\s+)?(?:([\w$.]+)\s*=\s*)?(?:[\w$]+\.)*\b(spawn|execFile|exec|fork|execa|PythonShell(?:\.run)?|spawnSync|execFileSync|execSync)\s*\(/g,
  )) {
    // `pattern.exec(text)` starts nothing.
    const receiver = /([\w$)]*)\.\s*exec\s*\($/.exec(code.slice(0, match.index + match[0].length))?.[1];
    if (receiver !== undefined && !/(?:child_?process|^cp|\))$/i.test(receiver)) continue;
    const call = text.slice(match.index, closingBracket(code, match.index + match[0].length - 1) + 1);
    const names = [...call.slice(match[0].length).matchAll(/\b[A-Za-z_$][\w$]*\b/g)]
      .map(([name]) => name)
      .slice(0, 12);
    // `const exe = path.join(process.resourcesPath, 'backend', 'engine')` above the call.
    const meant = names
      .map(
        (name) =>
          new RegExp(`(?:const|let|var)\\s+${name.replaceAll('$', '\\$')}\\s*=[^;]*`).exec(text)?.[0] ?? '',
      )
      .join('\n');
    if (!isAboutPython(`${call}\n${meant}`)) continue;
    const at = match.index + match[0].length - match[0].trimStart().length;
    if (/\bpyinstaller\b|\bpip3?\b[^;]*\binstall\b/i.test(call)) {
      add(at, 'nothing: the build does it');
      continue;
    }
    const target = match[1];
    if (target !== undefined) children.add(target);
    add(at, `await ${constant}.start()`);
  }
  for (const match of code.matchAll(
    /([\w$.]+?)\??\.kill\s*\(|\b(?:treeKill|kill)\s*\(\s*([\w$.]+?)\??\.pid/g,
  )) {
    if (children.has(match[1] ?? match[2] ?? ''))
      add(match.index, 'nothing: it is stopped when the app quits');
  }
  for (const match of text.matchAll(/https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):(\d{2,5})([\w/-]*)/g)) {
    if (!ports.includes(Number(match[1])) || isComment(code, text, match.index)) continue;
    add(
      match.index,
      `${constant}.fetch('${match[2] === '' || match[2] === undefined ? '/' : match[2]}') in the main process`,
    );
  }
  // A port in a variable: certain only where the backend is started too.
  for (const match of text.matchAll(/https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):\$\{[^}]*\}([\w/-]*)/g)) {
    if (children.size === 0 || isComment(code, text, match.index)) continue;
    add(
      match.index,
      `${constant}.fetch('${match[1] === '' || match[1] === undefined ? '/' : match[1]}') in the main process`,
    );
  }
  return found.sort((a, b) => a.line - b.line);
}

function isAboutPython(text: string): boolean {
  return (
    /\bpython|\.pyw?\b|resourcesPath|pyinstaller|PythonShell|uvicorn|backend|\bvenv\b/i.test(text) &&
    !/\bgit\b|electron-rebuild/.test(text)
  );
}

/** In a comment: not even the quotes around it are code. */
function isComment(code: string, text: string, index: number): boolean {
  // A text that goes over several lines is rare here.
  const line = text.lastIndexOf('\n', index);
  const quote = Math.max(
    text.lastIndexOf("'", index),
    text.lastIndexOf('"', index),
    text.lastIndexOf('`', index),
  );
  return quote <= line || !/['"`]/.test(code.charAt(quote));
}
