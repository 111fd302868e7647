import type { ManifestFile } from '../runtime/manifest.js';

/**
 * Compare what a manifest says about a bundle with what {@link digestBundle} finds there now. Pure. Left to the system's own
 * signature (and not compared): contents of Mach-O files. Files that the manifest does not know are no difference.
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
  if (expected.algorithm === 'mach-o') return null;
  return found.digest === expected.digest && found.algorithm === expected.algorithm
    ? null
    : 'has other content';
}
