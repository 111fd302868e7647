import { PyInstallerError } from '../../errors.js';

/** Keys and indexes from the root of the configuration to a value. */
export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong in a configuration. */
export interface Problem {
  /** Where, from the root of the configuration. */
  readonly path: ConfigPath;
  /** What was seen, what is allowed, what to do; one line, begins in lower case. */
  readonly text: string;
  /** True: a file or folder that does not exist; false: the configuration itself. */
  readonly missing?: boolean;
}

/** Where a configuration was written, for messages. */
export interface ConfigOrigin {
  /** Name people recognize: the path relative to the project, or e.g. `forge.config.ts (PyInstallerPlugin)`. */
  readonly configFile: string;
  /** Absolute path, or null when the configuration came inline. */
  readonly file: string | null;
  /** Path inside that file in front of the configuration, e.g. `['pyinstaller']` in package.json. */
  readonly prefix: ConfigPath;
}

const longestKey = 80;
const longestValue = 100;
/** Longer than any message about paths that exist; a giant path was not meant as one. */
const longestText = 1500;
const mostProblems = 30;

/** A path as people write it: `backends.engine.hiddenImports[2]`, `platforms["darwin-arm64"].python`. */
export function formatPath(path: ConfigPath): string {
  let out = '';
  for (const part of path) {
    if (typeof part === 'number') out += `[${part}]`;
    else if (/^[A-Za-z_$][\w$]*$/.test(part) && part.length <= longestKey)
      out += out === '' ? part : `.${part}`;
    else out += `[${quote(part, longestKey)}]`;
  }
  return out;
}

/** A text in quotes on one line, shortened when it is very long. */
export function quote(value: string, longest = longestValue): string {
  if (value.length <= longest) return JSON.stringify(value);
  return `${JSON.stringify(value.slice(0, longest))}… (${value.length} characters)`;
}

/** A value as it may stand in a message: one line, shortened, never throwing. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `${quote(value)} (string)`;
  if (typeof value === 'number' || typeof value === 'boolean') return `${String(value)} (${typeof value})`;
  if (value === null) return 'null (nothing was written there)';
  if (typeof value !== 'object') return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`;
  const kind = Array.isArray(value) ? 'list' : 'object';
  return `${shorten(JSON.stringify(value) ?? kind)} (${kind})`;
}

/** A path may hold a line break; a message may not. */
function onOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (character) => JSON.stringify(character).slice(1, -1));
}

function shorten(text: string, longest = longestValue): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

/** One line: file, path, what is wrong. */
export function formatProblem(origin: ConfigOrigin, problem: Problem): string {
  const path = formatPath([...origin.prefix, ...problem.path]);
  return `${origin.configFile}: ${path === '' ? '(top level)' : path}: ${onOneLine(shorten(problem.text, longestText))}`;
}

/**
 * All problems as one error, a line each.
 *
 * The code is `ERR_NOT_FOUND` when nothing but files and folders is missing, else `ERR_CONFIG`.
 */
export function problemsError(origin: ConfigOrigin, problems: readonly Problem[]): PyInstallerError {
  const lines = problems.slice(0, mostProblems).map((problem) => formatProblem(origin, problem));
  if (problems.length > mostProblems) lines.push(`… and ${problems.length - mostProblems} more`);
  const first = problems[0];
  const message =
    problems.length === 1
      ? lines.join('\n')
      : `The configuration has ${problems.length} problems:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  const missingOnly = problems.every((problem) => problem.missing === true);
  const backend = first?.path[0] === 'backends' ? first.path[1] : undefined;
  return new PyInstallerError(missingOnly ? 'ERR_NOT_FOUND' : 'ERR_CONFIG', message, {
    file: origin.file ?? undefined,
    path: first && formatPath([...origin.prefix, ...first.path]),
    backend: typeof backend === 'string' ? backend : undefined,
  });
}
