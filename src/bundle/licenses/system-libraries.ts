/**
 * Licenses of libraries that Python itself is often linked with, by the beginning of the file's name (`libssl.so.3`). For the releases that
 * today's systems have; what is not listed is unknown.
 */
const libraries: readonly (readonly [name: RegExp, expression: string, project: string])[] = [
  [/^lib(?:ssl|crypto)[.-]/, 'Apache-2.0', 'OpenSSL 3'],
  [/^(?:libz\.|zlib1?\.)/, 'Zlib', 'zlib'],
  [/^libffi[.-]/, 'MIT', 'libffi'],
  [/^libbz2\./, 'bzip2-1.0.6', 'bzip2'],
  [/^liblzma\./, '0BSD', 'XZ Utils'],
  [/^(?:lib)?sqlite3[.-]/, 'blessing', 'SQLite'],
  [/^libexpat[.-]/, 'MIT', 'Expat'],
  [/^libzstd\./, 'BSD-3-Clause OR GPL-2.0-only', 'Zstandard'],
  [/^lib(?:ncurses|ncursesw|tinfo|tinfow|panel|panelw)\./, 'X11-distribute-modifications-variant', 'ncurses'],
  [/^libreadline\./, 'GPL-3.0-or-later', 'GNU Readline'],
  [/^libedit\./, 'BSD-3-Clause', 'libedit'],
  [/^libuuid\./, 'BSD-3-Clause', 'libuuid'],
  [/^libmpdec\./, 'BSD-2-Clause', 'mpdecimal'],
  [/^lib(?:gdbm|gdbm_compat)\./, 'GPL-3.0-or-later', 'GNU dbm'],
  [/^libdb-/, 'Sleepycat', 'Berkeley DB'],
  [
    /^lib(?:gcc_s|stdc\+\+|gomp|gfortran|quadmath)[.-]/,
    'GPL-3.0-or-later WITH GCC-exception-3.1',
    'GCC runtime',
  ],
  [/^lib(?:tcl|tk)\d/, 'TCL', 'Tcl/Tk'],
];

/** What is known about a library by its name; null: nothing. */
export function systemLibrary(
  file: string,
): { readonly expression: string; readonly project: string } | null {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const found = libraries.find(([pattern]) => pattern.test(name));
  return found === undefined ? null : { expression: found[1], project: found[2] };
}
