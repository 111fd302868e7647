import path from 'node:path';

/** Where a program that failed was. */
export interface BundlePlace {
  /** Its folder, under every name that it has. Absolute. */
  readonly folders: readonly string[];
  /** Folder for its files inside that one, `.`: the same; null: a onefile program, which unpacks them elsewhere. */
  readonly contents: string | null;
  /** Whether something is among its files, by the path below `contents`. */
  readonly has: (relative: string) => boolean;
}

/** A path inside a frozen program: among its files, or beside its executable, where nothing is put. */
export interface BundleFile {
  readonly where: 'contents' | 'beside';
  /** Below the files, or below the folder of the executable. */
  readonly path: string;
}

/** What an absolute path that was printed means inside a frozen program; null: it is outside. Pure. */
export function bundleFile(printed: string, place: BundlePlace | undefined): BundleFile | null {
  const file = path.posix.normalize(printed.replaceAll(/\\+/g, '/'));
  for (const folder of place?.folders ?? []) {
    const inside = below(folder.replaceAll('\\', '/'), file);
    if (inside === null || place === undefined) continue;
    const content = place.contents === null ? null : below(place.contents, inside);
    return content === null ? { where: 'beside', path: inside } : { where: 'contents', path: content };
  }
  const unpacked = /^.*?\/(?:_internal|_MEI[^/]+)\/(.+)$/.exec(file)?.[1];
  return unpacked === undefined ? null : { where: 'contents', path: unpacked };
}

/** The path below a folder; null: it is not below. */
function below(folder: string, file: string): string | null {
  if (folder === '.') return file;
  const start = `${folder.replace(/\/$/, '')}/`;
  const isThere = /^[a-z]:/i.test(start)
    ? file.toLowerCase().startsWith(start.toLowerCase())
    : file.startsWith(start);
  const rest = file.slice(start.length).replace(/\/$/, '');
  return isThere && rest !== '' ? rest : null;
}
