import path from 'node:path';
import type { ResolvedBackend } from '../config/resolved.js';
import { walkFiles } from '../lib/walk-files.js';
import { ignorePatterns } from '../lib/glob.js';
import { isIgnored } from '../runtime/dev/ignored-path.js';
import { pathExists } from '../lib/files.js';

/** A source folder and the modules in it, with the names they are imported by from there. Absolute paths. */
export interface SourceTree {
  readonly root: string;
  readonly modules: readonly { readonly name: string; readonly file: string }[];
  /** What is no module in a package, with its folder below the source. */
  readonly data: readonly { readonly place: string; readonly file: string }[];
}

/** The project's own Python modules: what {@link sourceFiles} finds below each source folder. */
export async function sourceTrees(backend: ResolvedBackend): Promise<SourceTree[]> {
  return await Promise.all(
    sourceRoots(backend).map(async (root) => {
      const files = await sourceFiles(backend, root);
      const modules = files.flatMap(({ relative, absolute }) => {
        const name = moduleName(relative);
        return name === null ? [] : [{ name, file: absolute }];
      });
      const data = packageData(files).map(({ relative, absolute }) => ({
        place: path.posix.dirname(relative),
        file: absolute,
      }));
      return { root, modules, data };
    }),
  );
}

/** The folders whose modules can be imported and that belong to the project. */
export function sourceRoots(backend: ResolvedBackend): string[] {
  return [...new Set([...backend.source, ...backend.pyinstaller.paths])];
}

/** What counts as source below a folder; the fingerprint, the strict checks and the watcher mean the same by it. */
export async function sourceFiles(backend: ResolvedBackend, root: string) {
  if (!(await pathExists(root))) return [];
  return await walkFiles(root, { ignore: ignoring(backend.sourceIgnore), sourcesOnly: true });
}

/** Files in packages (folders with an `__init__.py`, and what is below them) that are no code. */
export function packageData<File extends { readonly relative: string }>(files: readonly File[]): File[] {
  const packages = new Set(
    files
      .filter(({ relative }) => relative.endsWith('/__init__.py'))
      .map(({ relative }) => path.posix.dirname(relative)),
  );
  const isInside = (folder: string): boolean =>
    folder !== '.' && (packages.has(folder) || isInside(path.posix.dirname(folder)));
  return files.filter(
    ({ relative }) => !/\.(?:py|pyc|pyd|so)$/.test(relative) && isInside(path.posix.dirname(relative)),
  );
}

/** Whether a path below a folder is left out by globs of the configuration. */
export function ignoring(globs: readonly string[]): (relative: string) => boolean {
  const patterns = ignorePatterns(globs);
  return (relative) => isIgnored(relative, patterns);
}

/** `pkg/__init__.py` → `pkg`; null for what cannot be imported. */
export function moduleName(relative: string): string | null {
  if (!relative.endsWith('.py')) return null;
  const parts = relative.slice(0, -'.py'.length).split('/');
  if (!parts.every((part) => identifier.test(part))) return null;
  if (parts.at(-1) === '__init__') parts.pop();
  return parts.length === 0 ? null : parts.join('.');
}

/** Python's rule. */
const identifier = /^[\p{XIDS}_]\p{XIDC}*$/u;
