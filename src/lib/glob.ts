import { escapeRegExp } from './text.js';
/**
 * Translate a glob into a regular expression over `/`-separated paths.
 *
 * `*` and `?` stay inside one folder, `**` spans any number of folders, `[a-z]` and `{a,b}` as usual. A backslash escapes.
 * Files whose name begins with a dot match like any other.
 */
export function globToRegExp(glob: string): RegExp {
  return new RegExp(`^${translate(glob)}$`, 's');
}

function translate(glob: string): string {
  let out = '';
  let depth = 0;
  for (let index = 0; index < glob.length; index += 1) {
    const char = glob.charAt(index);
    if (char === '*') {
      if (glob.charAt(index + 1) !== '*') {
        out += '[^/]*';
        continue;
      }
      const wholeSegment = index === 0 || glob.charAt(index - 1) === '/';
      index += 1;
      if (wholeSegment && glob.charAt(index + 1) === '/') {
        out += '(?:[^/]*/)*';
        index += 1;
      } else {
        out += '.*';
      }
    } else if (char === '?') {
      out += '[^/]';
    } else if (char === '[') {
      const end = glob.indexOf(']', index + 2);
      if (end < 0) {
        out += '\\[';
      } else {
        const body = glob
          .slice(index + 1, end)
          .replaceAll('\\', '\\\\')
          .replace(/^!/, '^');
        out += `[${body}]`;
        index = end;
      }
    } else if (char === '{' && glob.includes('}', index)) {
      depth += 1;
      out += '(?:';
    } else if (char === '}' && depth > 0) {
      depth -= 1;
      out += ')';
    } else if (char === ',' && depth > 0) {
      out += '|';
    } else if (char === '\\' && index + 1 < glob.length) {
      index += 1;
      out += escapeRegExp(glob.charAt(index));
    } else {
      out += escapeRegExp(char);
    }
  }
  return out + ')'.repeat(depth);
}

/** Compile ignore patterns; `folder/**` and `folder/` mean the folder itself as well. */
export function ignorePatterns(globs: readonly string[]): RegExp[] {
  return globs.flatMap((glob) => {
    const plain = glob.replace(/\/\*\*$/, '').replace(/\/$/, '');
    return plain === '' ? [] : [globToRegExp(plain)];
  });
}
