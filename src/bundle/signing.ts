import type { InspectedFile } from './binary/inspect.js';
import { inspectBundle } from './binary/inspect.js';
import { listBundle, type BundleEntry } from './walk.js';
import type { TargetPlatform } from '../target.js';

/** One thing inside a bundle that a code signer has to sign. */
export interface SigningItem {
  /** Relative to the bundle, `/` as separator. */
  readonly path: string;
  /** `bundle`: a folder that is signed as a whole (a macOS framework). */
  readonly type: 'mach-o' | 'bundle' | 'pe';
  /** What it is signed with now; a `bundle` has the signature of its own library. */
  readonly signature: 'none' | 'adhoc' | 'identity';
}

/**
 * List what has to be signed in a bundle, in the order in which to sign.
 *
 * macOS: every Mach-O file whatever its name, from the inside out, because a signature covers what is inside: files before the
 * framework around them, deeper ones first, programs last. A framework is listed instead of its own library. Links are left out:
 * the file they name is signed once. Windows: every program and library, `.pyd` included, which signing tools
 * that go by extension forget. Linux: nothing.
 *
 * @throws PyInstallerError `ERR_NOT_FOUND` when the folder is missing.
 */
export async function signingList(dir: string, platform: TargetPlatform): Promise<SigningItem[]> {
  const entries = await listBundle(dir);
  return orderForSigning(entries, await inspectBundle(dir, entries), platform);
}

/** The decisions of {@link signingList}. Pure. */
function orderForSigning(
  entries: readonly BundleEntry[],
  binaries: readonly InspectedFile[],
  platform: TargetPlatform,
): SigningItem[] {
  if (platform === 'win32') {
    return binaries.flatMap(({ path, info }) =>
      info.format === 'pe'
        ? [{ path, type: 'pe', signature: info.signed ? 'identity' : 'none' } as const]
        : [],
    );
  }
  if (platform !== 'darwin') return [];
  const paths = new Set(entries.map((entry) => entry.path));
  const items = new Map<string, SigningItem & { readonly isProgram: boolean }>();
  for (const { path, info } of binaries) {
    if (info.format !== 'mach-o') continue;
    const framework = frameworkOf(path, paths);
    const isProgram = info.slices.some((slice) => slice.type === 'executable');
    // A universal file is as well signed as its worst half.
    const signatures = info.slices.map((slice) => slice.signature);
    const signature = (['none', 'adhoc'] as const).find((one) => signatures.includes(one)) ?? 'identity';
    const item = framework ?? path;
    items.set(item, { path: item, type: framework === null ? 'mach-o' : 'bundle', signature, isProgram });
  }
  return [...items.values()]
    .sort(
      (a, b) =>
        depth(b.path) - depth(a.path) ||
        Number(a.isProgram) - Number(b.isProgram) ||
        (a.path < b.path ? -1 : 1),
    )
    .map(({ path, type, signature }) => ({ path, type, signature }));
}

/**
 * The framework whose own library a file is: `X.framework/Versions/A/X`. Only with the Info.plist that makes it a framework for
 * `codesign`; without, the library is signed as a file.
 */
function frameworkOf(file: string, paths: ReadonlySet<string>): string | null {
  const match = /^((?:.*\/)?([^/]+)\.framework)\/Versions\/([^/]+)\/\2$/.exec(file);
  if (match === null) return null;
  const [, folder = '', , version = ''] = match;
  return paths.has(`${folder}/Versions/${version}/Resources/Info.plist`) ? folder : null;
}

function depth(file: string): number {
  return file.split('/').length;
}
