import picomatch from 'picomatch';

// `posix`: `[!a]` negates. `strictSlashes`: `a/**` is not `a` itself. `windows`: no separators but `/`, on every system.
const options = {
  dot: true,
  noextglob: true,
  nonegate: true,
  posix: true,
  strictSlashes: true,
  windows: false,
  flags: 's',
};

/**
 * Translate a glob into a regular expression over `/`-separated paths.
 *
 * `*` and `?` stay inside one folder, `**` as a whole name spans any number of folders, `[a-z]` and `{a,b}` as usual. A backslash escapes.
 * Files whose name begins with a dot match like any other. Parentheses and quotes are ordinary characters.
 */
export function globToRegExp(glob: string): RegExp {
  const literal = /\\.|[()|+"$]|\{(?!.*\})/gs;
  return picomatch.makeRe(
    glob.replace(literal, (found) => (found.length > 1 ? found : `\\${found}`)),
    options,
  );
}

/** Compile ignore patterns; `folder/**` and `folder/` mean the folder itself as well. */
export function ignorePatterns(globs: readonly string[]): RegExp[] {
  return globs.flatMap((glob) => {
    const plain = glob.replace(/\/\*\*$/, '').replace(/\/$/, '');
    return plain === '' ? [] : [globToRegExp(plain)];
  });
}
