import { bundleFile, type BundlePlace } from '../../advice/bundle-file.js';

/** Something that a program asked for and did not have. */
export interface MissingPart {
  readonly kind: 'module' | 'metadata' | 'file' | 'relative';
  /** Dotted name, name of the distribution, path below the program's files, or relative to the working directory. */
  readonly name: string;
}

/** `./static/` → `static`; above the folder: nothing. */
function plain(file: string): string {
  const path = file
    .replaceAll(/\\+/g, '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/$/, '');
  return path.split('/').includes('..') ? '' : path;
}

/** What an output says to be missing, each once, in the order of the text. Whether it can be had elsewhere is not known here. Pure. */
export function missingParts(output: string, place: BundlePlace | undefined): MissingPart[] {
  const found = new Map<string, MissingPart & { readonly index: number }>();
  const note = (kind: MissingPart['kind'], name: string, index: number): void => {
    const key = `${kind} ${name}`;
    if (name !== '' && !found.has(key)) found.set(key, { kind, name, index });
  };
  for (const match of output.matchAll(/No module named ['"]?([\w.]+)/g))
    note('module', match[1] ?? '', match.index);
  for (const match of output.matchAll(/cannot import name '(\w+)' from '([\w.]+)'/g))
    note('module', `${match[2]}.${match[1]}`, match.index);
  for (const match of output.matchAll(
    /PackageNotFoundError: (?:No package metadata was found for )?['"]?([\w.-]+)|The '([\w.-]+)[^']*' distribution was not found/g,
  ))
    note('metadata', match[1] ?? match[2] ?? '', match.index);
  for (const match of output.matchAll(
    /^(?=[^\n]*(?:Error|Exception|NotFound|not found|does not exist|No such))[^\n]*?(?:['"`]((?:[A-Za-z]:)?[\\/][^'"`\n]+)['"`])/gm,
  )) {
    const inside = bundleFile(match[1] ?? '', place);
    if (inside?.where === 'contents') note('file', inside.path, match.index);
  }
  for (const match of output.matchAll(
    /(?:FileNotFoundError: \[(?:Errno|WinError) \d+\][^:\n]*: '|RuntimeError: Directory '|File at path |not found in search path: ')((?![\\/]|[A-Za-z]:)[^'\n]+?)(?:'| does not exist)/g,
  ))
    note('relative', plain(match[1] ?? ''), match.index);
  return [...found.values()].toSorted((a, b) => a.index - b.index).map(({ kind, name }) => ({ kind, name }));
}
