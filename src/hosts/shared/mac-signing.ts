import { closeSync, openSync, readSync, statSync } from 'node:fs';

/**
 * Entitlements a Python program needs under the hardened runtime: code made at run time (ctypes and cffi callbacks,
 * numba). Deliberately without the app's own (camera, location, …), which a default signature would hand down.
 */
export const pythonEntitlements: readonly string[] = [
  'com.apple.security.cs.allow-jit',
  'com.apple.security.cs.allow-unsigned-executable-memory',
];

/**
 * Further entitlement of a one-file program: the libraries it unpacks carry no signature of the app's team.
 */
export const onefileEntitlement = 'com.apple.security.cs.disable-library-validation';

/** Folder name under the app's resources that a path of a macOS app lies in, or null. */
export function resourceFolderOf(file: string): string | null {
  return /\.app\/Contents\/Resources\/([^/]+)\//.exec(file.replaceAll('\\', '/'))?.[1] ?? null;
}

/** Names a backend's folder can have: its own, and one per architecture in a universal app. */
export function folderNames(backend: string): string[] {
  return [backend, `${backend}-x64`, `${backend}-arm64`];
}

/** First four bytes of Mach-O files: 32 and 64 bit in both byte orders, and universal ones. */
const machMagics = new Set([
  0xfe_ed_fa_ce, 0xfe_ed_fa_cf, 0xce_fa_ed_fe, 0xcf_fa_ed_fe, 0xca_fe_ba_be, 0xbe_ba_fe_ca,
]);

/**
 * Tell whether a path inside a backend needs no signature of its own: it is a plain file and not Mach-O. Such files are
 * sealed by the app's signature anyway; signing each costs a `codesign` call.
 *
 * Synchronous, because the signing tools ask synchronously.
 */
export function isSealedResource(file: string): boolean {
  let descriptor: number | undefined;
  try {
    if (!statSync(file).isFile()) return false;
    descriptor = openSync(file, 'r');
    const head = Buffer.alloc(4);
    if (readSync(descriptor, head, 0, 4, 0) < 4) return true;
    return !machMagics.has(head.readUInt32BE(0));
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Glob for `x64ArchFiles`: both architectures' folders stand unchanged in both slices, so the merge must take them as
 * they are instead of trying to join identical single-architecture files.
 *
 * @param backends - names of the backends
 * @param existing - glob the user set already
 */
export function universalGlob(backends: readonly string[], existing?: string): string | undefined {
  if (backends.length === 0) return existing;
  const folders = backends.flatMap((name) => [`${name}-x64`, `${name}-arm64`]).join(',');
  const ours = `Contents/Resources/{${folders}}/{**,**/.*/**}`;
  if (existing === undefined || existing === '' || existing === ours) return ours;
  return existing.includes(ours) ? existing : `{${existing},${ours}}`;
}
