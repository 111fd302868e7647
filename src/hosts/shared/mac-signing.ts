import { closeSync, lstatSync, openSync, readSync } from 'node:fs';

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

/**
 * Tell whether a path inside a backend needs no signature of its own: it is a plain file and not Mach-O, or a link to a file that is signed
 * where it lies. Such files are sealed by the app's signature anyway; signing each costs a `codesign` call.
 *
 * Synchronous, because the signing tools ask synchronously.
 */
export function isSealedResource(file: string): boolean {
  let descriptor: number | undefined;
  try {
    const stat = lstatSync(file);
    if (stat.isSymbolicLink()) return true;
    if (!stat.isFile()) return false;
    descriptor = openSync(file, 'r');
    const head = readAt(descriptor, 0, 24);
    if (head.length < 4) return true;
    const magic = head.readUInt32BE(0);
    if (magic !== 0xca_fe_ba_be && magic !== 0xca_fe_ba_bf) return !thinMagics.has(magic);
    // A Java class begins alike; its version stands where the number of architectures is.
    if (head.length < 8 || head.readUInt32BE(4) > maxSlices) return true;
    const isWide = magic === 0xca_fe_ba_bf;
    if (head.length < (isWide ? 24 : 20)) return false;
    const first = isWide ? Number(head.readBigUInt64BE(16)) : head.readUInt32BE(16);
    const slice = readAt(descriptor, first, 4);
    // A universal archive of object files is no program either.
    return slice.length === 4 && !thinMagics.has(slice.readUInt32BE(0));
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** First four bytes of a Mach-O file for one architecture, of 32 and 64 bit. */
const thinMagics = new Set([0xce_fa_ed_fe, 0xcf_fa_ed_fe]);
const maxSlices = 20;

function readAt(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
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
