import path from 'node:path';

/** Letters of a path that Windows opens, unless the system and the program both lift that. learn.microsoft.com, "Maximum Path Length Limitation". */
export const longestWindowsPath = 259;

/** `inner` relative to `outer` with `/`, `.` when equal; null when it lies elsewhere. */
export function relativeInside(outer: string, inner: string): string | null {
  const relative = path.relative(outer, inner);
  if (relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) return null;
  return withSlashes(relative) || '.';
}

/** True when the second path is the first or lies below it. */
export function isInside(outer: string, inner: string): boolean {
  return relativeInside(outer, inner) !== null;
}

/** An absolute path as people know it: relative to the project where it is inside, with `/`. */
export function shownPath(projectDir: string, file: string): string {
  return relativeInside(projectDir, file) ?? withSlashes(file);
}

/** A path with `/` as separator. */
export function withSlashes(file: string): string {
  return file.replaceAll(path.sep, '/');
}
