import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { OriginKind, ProgramOrigins } from '../advice/origins.js';
import type { ResolvedBackend } from '../config/resolved.js';
import { notSourceFolders } from '../lib/not-source.js';
import { shownPath } from '../lib/paths.js';
import { standardLibraryModules } from '../lib/standard-library.js';
import type { InterpreterProbe } from '../python/types.js';
import { sourceRoots } from './sources.js';

/** Looks into the sources and the environment when advice about a failure asks; nothing is read before. */
export function originsOf(
  backend: ResolvedBackend,
  { sitePackages, basePrefix, version }: Pick<InterpreterProbe, 'sitePackages' | 'basePrefix' | 'version'>,
): ProgramOrigins {
  const standardLibrary = [
    path.join(basePrefix, 'lib', `python${version[0]}.${version[1]}`),
    path.join(basePrefix, 'Lib'),
  ].filter((folder) => existsSync(folder));
  const roots = sourceRoots(backend);
  return {
    excludes: backend.excludes,
    installed: (relative) => first(sitePackages, relative)?.kind ?? null,
    source: (relative) => {
      const found = first(roots, relative);
      return found === null ? null : { kind: found.kind, from: shownPath(backend.projectDir, found.file) };
    },
    module: (dotted) => {
      if (roots.some((root) => hasModule(root, dotted))) return 'source';
      if (sitePackages.some((folder) => hasModule(folder, dotted))) return 'installed';
      if (!standardLibraryModules.has(dotted.split('.')[0] ?? '')) return null;
      const places = standardLibrary.flatMap((folder) => [folder, path.join(folder, 'lib-dynload')]);
      return places.length === 0 || places.some((folder) => hasModule(folder, dotted)) ? 'installed' : null;
    },
    folderWith: (dotted) => {
      const found = roots.map((root) => folderWith(root, dotted, 4)).find((folder) => folder !== null);
      return found === undefined ? null : shownPath(backend.projectDir, found);
    },
  };
}

/** The first folder below another one from which a module can be imported. */
function folderWith(folder: string, dotted: string, depth: number): string | null {
  for (const entry of existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : []) {
    const inside = path.join(folder, entry.name);
    if (!entry.isDirectory() || notSourceFolders.includes(entry.name)) continue;
    if (hasModule(inside, dotted)) return inside;
    const found = depth > 1 ? folderWith(inside, dotted, depth - 1) : null;
    if (found !== null) return found;
  }
  return null;
}

function first(
  roots: readonly string[],
  relative: string,
): { readonly file: string; readonly kind: OriginKind } | null {
  for (const root of roots) {
    const file = path.join(root, relative);
    const kind = kindOf(file);
    if (kind !== null) return { file, kind };
  }
  return null;
}

/** Null: there is nothing. */
function kindOf(file: string): OriginKind | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (!stats.isDirectory())
    return /\.pyw?$/.test(file)
      ? 'code'
      : /\.(?:so(?:\.\d+)*|pyd|dll|dylib)$/.test(file)
        ? 'library'
        : 'data';
  return hasOtherFiles(file) ? 'folder' : 'code';
}

/** Whether there is anything but Python in a folder or below it. */
function hasOtherFiles(folder: string): boolean {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => name !== '__pycache__');
  return entries.some((entry) =>
    entry.isDirectory() ? hasOtherFiles(path.join(folder, entry.name)) : !/\.py[wc]?$/.test(entry.name),
  );
}

function hasModule(root: string, dotted: string): boolean {
  const place = path.join(root, ...dotted.split('.'));
  if ([`${place}.py`, `${place}.pyw`, path.join(place, '__init__.py')].some((file) => existsSync(file)))
    return true;
  const [folder, name] = [path.dirname(place), path.basename(place)];
  if (!existsSync(folder)) return false;
  const isCompiled = (file: string): boolean =>
    file.startsWith(`${name}.`) && /\.(?:so|pyd|pyc)$/.test(file) && !file.startsWith('lib');
  return (
    readdirSync(folder).some(isCompiled) ||
    (existsSync(place) && readdirSync(place).some((file) => /\.py$|^__init__\./.test(file)))
  );
}
