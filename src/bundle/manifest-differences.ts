import type { ManifestFile } from '../runtime/manifest.js';

/**
 * Compare what a manifest says about a bundle with what {@link digestBundle} finds there now. Pure. Files that the manifest does not
 * know are no difference.
 *
 * @returns one phrase for each difference, e.g. `_internal/x.so is missing`.
 */
export function manifestDifferences(
  expected: readonly ManifestFile[],
  found: readonly ManifestFile[],
): string[] {
  const byPath = new Map(found.map((file) => [file.path, file]));
  return expected.flatMap((file) => {
    const problem = difference(file, byPath.get(file.path));
    return problem === null ? [] : [`${file.path} ${problem}`];
  });
}

function difference(expected: ManifestFile, found: ManifestFile | undefined): string | null {
  if (found === undefined) return 'is missing';
  if (expected.type === 'link') {
    if (found.type !== 'link') return 'is no link any more';
    return found.target === expected.target ? null : `links to ${found.target} instead of ${expected.target}`;
  }
  if (found.type === 'link') return 'has become a link';
  if (expected.executable && !found.executable) return 'is not executable';
  return isSameContent(expected, found) ? null : 'has other content';
}

/** A file as a manifest or {@link digestFile} describes it. */
type Content = Pick<Extract<ManifestFile, { type: 'file' }>, 'digest' | 'algorithm'>;

/**
 * Tell whether a file holds what was written down of it. Pure. Signing is no difference: signatures are not compared, and neither is what an
 * earlier version wrote down of files that signing changes.
 */
export function isSameContent(expected: Content & { readonly path: string }, found: Content): boolean {
  if (expected.algorithm === 'mach-o') return true;
  const isPlist = /(?:^|\/)Info\.plist$/.test(expected.path);
  if (expected.algorithm === 'sealed') return !isPlist || expected.digest === found.digest;
  // Earlier versions compared every byte of it, which joining two architectures changes.
  if (isPlist && found.algorithm === 'sealed') return true;
  return found.digest === expected.digest && found.algorithm === expected.algorithm;
}
