import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedBackend, ResolvedData } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { walkFiles } from '../../lib/walk-files.js';
import { globToRegExp } from '../../lib/glob.js';
import { ignoring } from '../sources.js';

/** One file that goes into the bundle: source (absolute) and destination folder inside, `/` as separator. */
export interface CollectedFile {
  readonly source: string;
  readonly destination: string;
}

/**
 * Turn data and binary rules into explicit files. PyInstaller's own globs know no `**` and accept a folder only as a
 * whole; explicit files also are the exact inputs of the fingerprint.
 *
 * @throws PyInstallerError `ERR_NOT_FOUND` for a rule that matches nothing and is not optional.
 */
export async function collectRules(
  backend: ResolvedBackend,
  rules: readonly ResolvedData[],
): Promise<CollectedFile[]> {
  const files = new Map<string, CollectedFile>();
  for (const rule of rules) {
    const matched = await matchRule(rule);
    if (matched.length === 0 && !rule.optional) throw nothingFound(backend, rule);
    for (const file of matched) files.set(`${file.destination}\0${path.basename(file.source)}`, file);
  }
  return [...files.values()];
}

async function matchRule(rule: ResolvedData): Promise<CollectedFile[]> {
  const from = rule.from.replace(/\/+$/, '');
  const whole = await stat(from).catch(() => null);
  if (whole?.isFile() === true) return [{ source: path.normalize(from), destination: normalFolder(rule.to) }];
  // A folder stands for everything in it, placed below `to` without the folder's own name, as PyInstaller does it.
  const root = whole?.isDirectory() === true ? from : rule.base;
  if ((await stat(root).catch(() => null))?.isDirectory() !== true) return [];
  const pattern = whole?.isDirectory() === true ? null : globToRegExp(relativePattern(root, from));
  const found = await walkFiles(root, { ignore: ignoring(rule.exclude) });
  return found
    .filter((file) => pattern === null || pattern.test(file.relative))
    .filter((file) => !file.relative.split('/').includes('__pycache__'))
    .map((file) => ({
      source: file.absolute,
      destination: normalFolder(path.posix.join(rule.to, path.posix.dirname(file.relative))),
    }));
}

function relativePattern(base: string, from: string): string {
  const start = base.replaceAll('\\', '/').replace(/\/+$/, '');
  return from.startsWith(`${start}/`) ? from.slice(start.length + 1) : from;
}

/** `a/./b/` → `a/b`; the bundle's root is `.`. */
function normalFolder(folder: string): string {
  const normal = path.posix.normalize(folder.replaceAll('\\', '/')).replace(/\/+$/, '');
  return normal === '' ? '.' : normal;
}

function nothingFound(backend: ResolvedBackend, rule: ResolvedData): PyInstallerError {
  return new PyInstallerError(
    'ERR_NOT_FOUND',
    `Collecting files for backend ${backend.name}: nothing matches ${rule.from} (${rule.path} in ${backend.configFile}).`,
    {
      backend: backend.name,
      file: backend.configFile,
      path: rule.path,
      hint: `Correct the path, or add \`optional: true\` to ${rule.path} when the files may be missing.`,
    },
  );
}
