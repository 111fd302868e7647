import { PyInstallerError } from '../errors.js';
import type { BundleEntry } from './walk.js';

/** Why a link must not be shipped. */
export type LinkProblemReason =
  /** Starts at the root of the file system: points into the build machine. */
  | 'absolute'
  /** Leaves the bundle through `..`. */
  | 'outside'
  /** Names nothing. Code signing stops at such links, and so does the loader. */
  | 'dangling'
  /** Goes round in circles. */
  | 'loop';

/** A link that must not be shipped. */
export interface LinkProblem {
  readonly path: string;
  readonly target: string;
  readonly reason: LinkProblemReason;
}

/** Links the kernel follows before it gives up (Linux: 40). */
const maxHops = 40;

/**
 * Find the links of a bundle that would not work on another machine. Pure: resolves inside the listing, folder by folder
 * as the kernel does, so that `Versions/Current/..` behind a link is understood.
 */
export function linkProblems(entries: readonly BundleEntry[]): LinkProblem[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const problems: LinkProblem[] = [];
  for (const entry of entries) {
    if (entry.type !== 'link') continue;
    const result = resolveLink(byPath, entry.path);
    if (typeof result !== 'string') problems.push({ path: entry.path, target: entry.target, ...result });
  }
  return problems;
}

/** Follow a path through a listing: the path of what it finally names, or why there is none. */
export function resolveLink(
  byPath: ReadonlyMap<string, BundleEntry>,
  start: string,
): string | { readonly reason: LinkProblemReason } {
  const pending = start.split('/');
  const done: string[] = [];
  let hops = 0;
  while (pending.length > 0) {
    const part = pending.shift() as string;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (done.pop() === undefined) return { reason: 'outside' };
      continue;
    }
    const here = [...done, part].join('/');
    const entry = byPath.get(here);
    if (entry === undefined) return { reason: 'dangling' };
    if (entry.type !== 'link') {
      if (entry.type === 'file' && pending.length > 0) return { reason: 'dangling' };
      done.push(part);
      continue;
    }
    if (++hops > maxHops) return { reason: 'loop' };
    // Windows stores backslashes; on POSIX a backslash would be part of a name, which no wheel has.
    const target = entry.target.replaceAll('\\', '/');
    if (target.startsWith('/') || /^[a-z]:/i.test(target)) return { reason: 'absolute' };
    pending.unshift(...target.split('/'));
  }
  return done.join('/');
}

const sentences: Readonly<Record<LinkProblemReason, string>> = {
  absolute: 'is absolute and names a place of this machine',
  outside: 'leads out of the bundle',
  dangling: 'leads to nothing',
  loop: 'leads back to itself',
};

/** One line for people about a bad link. */
export function describeLinkProblem(problem: LinkProblem): string {
  return `${problem.path} -> ${problem.target} ${sentences[problem.reason]}`;
}

/**
 * Refuse a bundle with links that would not work on another machine.
 *
 * @throws PyInstallerError `ERR_FREEZE` naming up to five of them.
 */
export function assertLinks(dir: string, entries: readonly BundleEntry[]): void {
  const problems = linkProblems(entries);
  if (problems.length === 0) return;
  const lines = problems.slice(0, 5).map((problem) => `  ${describeLinkProblem(problem)}`);
  if (problems.length > 5) lines.push(`  … and ${problems.length - 5} more`);
  throw new PyInstallerError(
    'ERR_FREEZE',
    `Checking the links of the bundle ${dir}: ${problems.length === 1 ? 'one link' : `${problems.length} links`} cannot be shipped.\n${lines.join('\n')}`,
    {
      file: dir,
      hint: 'Links must be relative and stay inside the bundle. Freeze again, or copy the bundle with its links kept (`cp -a`), not with a tool that rewrites them.',
    },
  );
}
