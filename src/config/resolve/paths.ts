import { statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { nearest } from '../check/nearest.js';
import { quote, type ConfigPath } from '../check/problem.js';
import type { BackendContext } from './context.js';
import { namesInSync } from '../../lib/files.js';
import { shownPath } from '../../lib/paths.js';

/** What must stand at a path. */
export type Expected = 'file' | 'folder' | 'file or folder';

/** State of a path, following links; null when there is nothing (or nothing that can be read). */
export function statOrNull(file: string): Stats | null {
  try {
    return statSync(file);
  } catch {
    return null;
  }
}

/** Names in a folder; empty when it cannot be read. */
export function namesIn(folder: string): string[] {
  return [...(namesInSync(folder) ?? [])].sort();
}

/** A path of the configuration, made absolute. */
export function absolute(context: BackendContext, value: string): string {
  return path.resolve(context.projectDir, value);
}

/** A path of the configuration, made absolute; noted as missing when nothing of the expected kind is there. */
export function existing(context: BackendContext, at: ConfigPath, value: string, expected: Expected): string {
  const file = absolute(context, value);
  const stats = statOrNull(file);
  const fits =
    stats !== null &&
    (expected === 'file' ? stats.isFile() : expected === 'folder' ? stats.isDirectory() : true);
  if (fits) return file;
  if (stats !== null) {
    context.problem(
      at,
      `${quote(value)} is ${stats.isDirectory() ? 'a folder' : 'a file'}, expected a ${expected} (looked at ${file})`,
    );
    return file;
  }
  const similar = similarPath(file);
  const hint =
    similar === null ? '' : ` There is ${quote(shownPath(context.projectDir, similar))}; was that meant?`;
  context.missing(at, `the ${expected} ${quote(value)} does not exist (looked at ${file}).${hint}`);
  return file;
}

/**
 * The existing path most like a missing one: in the deepest folder that exists, the name nearest to the next part, or the same name one
 * folder below.
 */
export function similarPath(file: string): string | null {
  let folder = path.dirname(file);
  let wanted = path.basename(file);
  while (statOrNull(folder)?.isDirectory() !== true) {
    const up = path.dirname(folder);
    if (up === folder) return null;
    wanted = path.basename(folder);
    folder = up;
  }
  const names = namesIn(folder);
  const stem = (name: string): string => name.slice(0, name.length - path.extname(name).length);
  const found =
    nearest(wanted, names) ?? names.find((name) => stem(name) !== '' && stem(name) === stem(wanted));
  if (found !== undefined) return path.join(folder, found);
  if (folder !== path.dirname(file) || names.length > mostNames) return null;
  const below = names
    .filter((name) => !name.includes('.') && name !== 'node_modules')
    .map((name) => path.join(folder, name, wanted));
  return below.find((candidate) => statOrNull(candidate) !== null) ?? null;
}

/** A folder with more than these is not a project's. */
const mostNames = 100;
