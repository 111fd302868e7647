/**
 * Whether a path below a source folder is left out: a pattern matches it, one of its parent folders, or (patterns
 * without `/`) one of its segments.
 */
export function isIgnored(relative: string, patterns: readonly RegExp[]): boolean {
  const parts = relative.split('/');
  return parts.some((part, index) => {
    const prefix = parts.slice(0, index + 1).join('/');
    return patterns.some((pattern) => pattern.test(prefix) || pattern.test(part));
  });
}
