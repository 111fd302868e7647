import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { FileHandle } from 'node:fs/promises';
import type { ManifestFile } from '../runtime/manifest.js';
import { hostTarget, type TargetPlatform } from '../target.js';
import { binaryFormat } from './binary/inspect.js';
import { assertLinks } from './links.js';
import { mapLimited } from '../lib/map-limited.js';
import { readPeDigestPlan, type ByteRange } from './binary/pe-digest.js';
import { withReader } from './binary/reader.js';
import { listBundle, type BundleFile } from './walk.js';

/** What {@link digestBundle} needs to know. */
export interface DigestOptions {
  /** The program, relative to the bundle, `/` as separator, with its `.exe`. */
  readonly executable: string;
  /** Platform the bundle is for. Default: this machine's. */
  readonly platform?: TargetPlatform;
  /** More files that count as core, relative to the bundle. */
  readonly core?: readonly string[];
  /** Rows of files that are known to be the same as when these were made, by path: taken as they are. */
  readonly known?: ReadonlyMap<string, ManifestFile>;
  readonly signal?: AbortSignal | undefined;
}

const chunkBytes = 1024 * 1024;

/**
 * Digest every file of a bundle for the manifest.
 *
 * Files that a code signer changes after the bundle was placed are treated so that the digests stay true: Windows
 * programs and libraries are hashed the Authenticode way (see {@link planPeDigest}; `size` is then the size without
 * signature, a lower bound), Mach-O files and `_CodeSignature` folders are marked as the operating system's business.
 *
 * @throws PyInstallerError `ERR_NOT_FOUND` when the folder is missing, `ERR_FREEZE` when it has links that leave it or
 * lead nowhere.
 */
export async function digestBundle(dir: string, options: DigestOptions): Promise<ManifestFile[]> {
  const platform = options.platform ?? hostTarget().platform;
  const entries = await listBundle(dir);
  assertLinks(dir, entries);
  const listed = entries.filter((entry) => entry.type !== 'directory');
  return mapLimited(
    listed,
    Math.max(4, availableParallelism()),
    async (entry): Promise<ManifestFile> => {
      const known = options.known?.get(entry.path);
      if (known !== undefined) return known;
      if (entry.type === 'link') return { type: 'link', path: entry.path, target: entry.target };
      const digested = await digestFile(path.join(dir, entry.path), platform);
      const isSignature = platform === 'darwin' && entry.path.includes('_CodeSignature/');
      return {
        type: 'file',
        path: entry.path,
        ...digested,
        algorithm: isSignature ? 'mach-o' : digested.algorithm,
        core: isCoreFile(entry.path, options.executable) || (options.core?.includes(entry.path) ?? false),
        executable: isExecutable(entry, options.executable, platform),
      };
    },
    options.signal,
  );
}

/** Digest, algorithm and size of one file as the manifest has them. */
export type FileDigest = Pick<Extract<ManifestFile, { type: 'file' }>, 'digest' | 'algorithm' | 'size'>;

/** Digest one file the way its kind asks for; see {@link digestBundle}. */
export function digestFile(file: string, platform: TargetPlatform): Promise<FileDigest> {
  return withReader(file, async (reader, handle) => {
    const format = reader.size < 4 ? null : binaryFormat(await reader.read(0, 4));
    if (platform === 'win32' && format === 'pe') {
      const plan = await readPeDigestPlan(reader);
      if (plan !== null) {
        const digest = await hashRanges(handle, plan.ranges, plan.padding);
        return { digest, algorithm: 'pe-sha256', size: plan.contentSize };
      }
    }
    const digest = await hashRanges(handle, [{ start: 0, end: reader.size }], 0);
    const algorithm = platform === 'darwin' && format === 'mach-o' ? 'mach-o' : 'sha256';
    return { digest, algorithm, size: reader.size };
  });
}

async function hashRanges(
  handle: FileHandle,
  ranges: readonly ByteRange[],
  padding: number,
): Promise<string> {
  const hash = createHash('sha256');
  const longest = Math.max(0, ...ranges.map((range) => range.end - range.start));
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, longest));
  for (const range of ranges) {
    let at = range.start;
    while (at < range.end) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, range.end - at), at);
      if (bytesRead === 0) throw new Error(`the file became shorter while it was read (at byte ${at})`);
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  }
  hash.update(Buffer.alloc(padding));
  return hash.digest('hex');
}

/** The files without which Python does not start: checked by digest even at level `exe`. */
export function isCoreFile(file: string, executable: string): boolean {
  if (file === executable) return true;
  const name = file.slice(file.lastIndexOf('/') + 1);
  return (
    name === 'base_library.zip' ||
    /^libpython[\d.]+[a-z]*\.(?:so|dylib)(?:\.[\d.]+)?$/.test(name) ||
    /^python3\d*t?\.dll$/i.test(name) ||
    /(?:^|\/)Python\.framework\/Versions\/[\d.]+\/Python$/.test(file)
  );
}

function isExecutable(entry: BundleFile, executable: string, platform: TargetPlatform): boolean {
  if (entry.path === executable) return true;
  if (platform === 'win32') return /\.exe$/i.test(entry.path);
  // A Windows machine knows no permission bits and shows every file as executable or none.
  return process.platform !== 'win32' && (entry.mode & 0o111) !== 0;
}
