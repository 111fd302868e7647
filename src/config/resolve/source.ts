import path from 'node:path';
import { defaultSourceIgnore, projectSourceIgnore } from '../defaults.js';
import { editDistance } from '../check/nearest.js';
import { quote, type ConfigPath } from '../check/problem.js';
import type { ResolvedEntry } from '../resolved.js';
import type { BackendOverrides } from '../schema/index.js';
import type { BackendContext } from './context.js';
import { existing, namesIn, statOrNull } from './paths.js';
import { shownPath } from '../../lib/paths.js';

/** The source folders, absolute. Default: the folder of the script or spec, else the project. */
export function resolveSource(
  context: BackendContext,
  config: BackendOverrides,
  entry: ResolvedEntry,
): string[] {
  const { source } = config;
  if (typeof source === 'string') return [existing(context, ['source'], source, 'folder')];
  if (source !== undefined) {
    if (source.length === 0)
      context.problem(['source'], 'the list is empty; name a folder, or leave the key out');
    return [...new Set(source.map((item, index) => existing(context, ['source', index], item, 'folder')))];
  }
  return [entry.type === 'script' || entry.type === 'spec' ? path.dirname(entry.file) : context.projectDir];
}

/** Globs below the sources that do not matter. */
export function resolveSourceIgnore(
  context: BackendContext,
  config: BackendOverrides,
  source: readonly string[],
): string[] {
  const ofProject = source.includes(context.projectDir) ? projectSourceIgnore : [];
  return [...defaultSourceIgnore, ...ofProject, ...(config.sourceIgnore ?? [])];
}

/**
 * Look for the entry's module below the sources, as far as that can be told without Python.
 *
 * A module that is not there may come from an installed distribution; that is decided while freezing, inside the target
 * Python. Noted here is only what is certainly a slip: the first part is there but the rest is not; the file lies in a
 * folder of the project that `source` does not name; or a file beside has nearly the name.
 */
export function checkModule(context: BackendContext, entry: ResolvedEntry, source: readonly string[]): void {
  if (!('module' in entry) || source.some((folder) => statOrNull(folder) === null)) return;
  const at: ConfigPath = ['entry', entry.type];
  const parts = entry.module.split('.');
  const first = parts[0] ?? '';
  const root = source.find((folder) => moduleAt(folder, first) !== null);
  if (root !== undefined) {
    checkBelow(context, at, root, parts);
    return;
  }
  if (entry.type !== 'asgi' && entry.type !== 'wsgi') return;
  const folders = source.map((folder) => shownPath(context.projectDir, folder)).join(', ');
  const elsewhere = folderWithModule(context.projectDir, first);
  if (elsewhere !== null) {
    context.missing(
      at,
      `the module ${quote(first)} is not in the source (${folders}), but in ${quote(elsewhere)}; write source: '${elsewhere}'`,
    );
    return;
  }
  const typo = source.flatMap((folder) => modulesIn(folder)).find((name) => isTypo(first, name));
  if (typo !== undefined) {
    context.missing(
      at,
      `there is no module ${quote(first)} in the source (${folders}). Did you mean "${typo}"?`,
    );
  }
}

function checkBelow(context: BackendContext, at: ConfigPath, root: string, parts: readonly string[]): void {
  let folder = root;
  for (const [index, part] of parts.entries()) {
    const found = moduleAt(folder, part);
    if (found === null) {
      const names = modulesIn(folder);
      const shown = names.length === 0 ? 'nothing' : names.slice(0, 12).join(', ');
      context.missing(
        at,
        `there is no module ${quote(parts.slice(0, index + 1).join('.'))} in ${shownPath(context.projectDir, folder)}; there is ${shown}`,
      );
      return;
    }
    // Below a single file (or a compiled module) nothing can be told without running it.
    if (found === 'file') return;
    folder = path.join(folder, part);
  }
}

/** A module's file or folder in a folder: source, compiled, package, or namespace package. */
function moduleAt(folder: string, name: string): 'file' | 'package' | null {
  if (statOrNull(path.join(folder, name))?.isDirectory() === true) return 'package';
  if (statOrNull(path.join(folder, `${name}.py`)) !== null) return 'file';
  return namesIn(folder).some((file) => file.startsWith(`${name}.`) && /\.(?:so|pyd|pyc)$/.test(file))
    ? 'file'
    : null;
}

function modulesIn(folder: string): string[] {
  return namesIn(folder).flatMap((name) => {
    if (name.endsWith('.py') && name !== '__init__.py') return [name.slice(0, -3)];
    return statOrNull(path.join(folder, name, '__init__.py')) === null ? [] : [name];
  });
}

function isTypo(wanted: string, name: string): boolean {
  const distance = editDistance(wanted, name);
  const shorter = Math.min(wanted.length, name.length);
  // Short names are near to each other by chance (app, api); `main` and `mian` are not.
  return distance > 0 && distance <= (shorter < 4 ? 0 : shorter < 6 ? 1 : 2);
}

const notSources: ReadonlySet<string> = new Set([
  'node_modules',
  'out',
  'dist',
  'build',
  'release',
  'venv',
  'env',
]);

/** A folder of the project, one or two levels down, that holds the module; null when none or several do. */
function folderWithModule(projectDir: string, name: string): string | null {
  const found: string[] = [];
  for (const first of foldersIn(projectDir)) {
    if (hasModule(path.join(projectDir, first), name)) found.push(first);
    for (const second of foldersIn(path.join(projectDir, first))) {
      if (hasModule(path.join(projectDir, first, second), name)) found.push(`${first}/${second}`);
    }
  }
  return found.length === 1 ? (found[0] ?? null) : null;
}

function hasModule(folder: string, name: string): boolean {
  return (
    statOrNull(path.join(folder, `${name}.py`)) !== null ||
    statOrNull(path.join(folder, name, '__init__.py')) !== null
  );
}

function foldersIn(folder: string): string[] {
  return namesIn(folder)
    .slice(0, 200)
    .filter(
      (name) =>
        !name.startsWith('.') && !notSources.has(name) && statOrNull(path.join(folder, name))?.isDirectory(),
    );
}
