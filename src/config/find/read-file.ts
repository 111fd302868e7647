import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as jitiModule from 'jiti';
import { defaultCacheDir } from './cache-dir.js';
import { PyInstallerError } from '../../errors.js';
import { jsonErrorPosition, type TextPosition } from './json-position.js';
import { errorCode } from '../../lib/files.js';
import { codeDir } from '../../lib/package-root.js';

/** Read a configuration file of any supported kind; the kind is told by the name's ending. */
export async function readConfigFile(file: string, shownAs: string): Promise<unknown> {
  const extension = path.extname(file).toLowerCase();
  if (['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'].includes(extension)) return readProgram(file, shownAs);
  const text = await readText(file, shownAs);
  if (extension === '.json') return parseJson(text, file, shownAs);
  if (extension === '.yml' || extension === '.yaml') return parseYaml(text, file, shownAs);
  throw new PyInstallerError(
    'ERR_CONFIG',
    `${shownAs}: cannot read a configuration from a file that ends in "${extension}"; use .ts, .mts, .js, .mjs, .cjs, .json, .yml or .yaml.`,
    { file },
  );
}

/** Read a text file, with a clear error when that is not possible. */
export async function readText(file: string, shownAs: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  } catch (error) {
    const reason = errorCode(error) ?? String(error);
    throw new PyInstallerError(
      'ERR_CONFIG',
      `${shownAs}: the file cannot be read (${reason}); looked at ${file}`,
      {
        file,
        cause: error,
      },
    );
  }
}

/** Parse JSON; an error names file, line and column. */
export function parseJson(text: string, file: string, shownAs: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw syntaxError(file, shownAs, jsonErrorPosition(text), firstLine(error), error);
  }
}

async function parseYaml(text: string, file: string, shownAs: string): Promise<unknown> {
  const { parseDocument } = await import('../../lib/yaml.js');
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const [start] = error.linePos ?? [];
    throw syntaxError(
      file,
      shownAs,
      start === undefined ? null : { line: start.line, column: start.col },
      firstLine(error),
      error,
    );
  }
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (cause) {
    throw syntaxError(file, shownAs, null, firstLine(cause), cause);
  }
}

/** Run a TypeScript or JavaScript file and take its default export; a function is called. */
async function readProgram(file: string, shownAs: string): Promise<unknown> {
  await readText(file, shownAs);
  // Loaded when it is needed: a configuration in JSON does without.
  // By `require`: an import would have all of its text searched for what it exports.
  const { createJiti } = createRequire(import.meta.url)('jiti') as typeof jitiModule;
  // Read again each time, because it may have been edited; what was compiled is found by the text, and nothing is left in the project.
  const jiti = createJiti(file, {
    moduleCache: false,
    fsCache: path.join(defaultCacheDir(process.env, process.platform), 'configurations'),
    interopDefault: true,
    alias: ownAlias(file),
  });
  let value: unknown;
  try {
    value = await jiti.import(file, { default: true });
    if (typeof value === 'function') value = await (value as () => unknown)();
  } catch (error) {
    throw programError(file, shownAs, error);
  }
  return value;
}

/** `import … from 'electron-pyinstaller'` works in a configuration also where the package is not installed (npx). */
function ownAlias(file: string): Record<string, string> {
  try {
    createRequire(file).resolve('electron-pyinstaller');
    return {};
  } catch {
    const own = path.join(codeDir, `index${path.extname(import.meta.filename)}`);
    return existsSync(own) ? { 'electron-pyinstaller': own } : {};
  }
}

function programError(file: string, shownAs: string, error: unknown): PyInstallerError {
  const text = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
  const position = positionIn(text, file);
  return syntaxError(file, shownAs, position, firstLine(error), error, 'could not be run');
}

/** Find `<file>:<line>:<column>` in an error's text. */
function positionIn(text: string, file: string): TextPosition | null {
  // Windows: a stack has either separator.
  const said = text.replaceAll('\\', '/');
  const slashed = file.replaceAll('\\', '/');
  for (const name of [slashed, encodeURI(slashed)]) {
    const at = said.indexOf(`${name}:`);
    const match = at === -1 ? null : /^:(\d+):(\d+)/.exec(said.slice(at + name.length));
    if (match !== null) return { line: Number(match[1]), column: Number(match[2]) };
  }
  // Babel's own way of saying it: `Unexpected token (3:4)`.
  const babel = /\((\d+):(\d+)\)/.exec(text.split('\n', 1)[0] ?? '');
  return babel === null ? null : { line: Number(babel[1]), column: Number(babel[2]) + 1 };
}

function syntaxError(
  file: string,
  shownAs: string,
  position: TextPosition | null,
  reason: string,
  cause: unknown,
  what = 'could not be read',
): PyInstallerError {
  const place = position === null ? '' : `:${position.line}:${position.column}`;
  return new PyInstallerError('ERR_CONFIG', `${shownAs}${place}: the configuration ${what}: ${reason}`, {
    file,
    cause,
  });
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n').find((line) => line.trim() !== '') ?? 'unknown error').trim().slice(0, 300);
}
