import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { FileHandle } from 'node:fs/promises';
import { machRanges } from '../runtime/integrity/mach-layout.js';
import type { ManifestFile } from '../runtime/manifest.js';
import { hostTarget, type TargetPlatform } from '../target.js';
import { binaryFormat } from './binary/inspect.js';
import { assertLinks } from './links.js';
import { mapLimited } from '../lib/map-limited.js';
import { readPeDigestPlan, type ByteRange } from './binary/pe-digest.js';
import { withReader, type ByteReader } from './binary/reader.js';
import { sha256 } from '../lib/hash.js';
import { plistContent } from './plist.js';
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
 * signature, a lower bound), macOS programs and libraries without their signature (`size` is what was hashed). `_CodeSignature`
 * folders and each `Info.plist` of a macOS bundle are `sealed`: the latter is hashed by what it says.
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
      return {
        type: 'file',
        path: entry.path,
        ...digested,
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
  return withReader(file, async (reader, handle): Promise<FileDigest> => {
    const format = reader.size < 4 ? null : binaryFormat(await reader.read(0, 4));
    if (platform === 'win32' && format === 'pe') {
      const plan = await readPeDigestPlan(reader);
      if (plan !== null) {
        const digest = await hashRanges(handle, plan.ranges, plan.padding);
        return { digest, algorithm: 'pe-sha256', size: plan.contentSize };
      }
    }
    if (platform === 'darwin' && format === 'mach-o') {
      const parts = await machRanges((at, length) => readUpTo(reader, at, length), reader.size);
      if (parts !== null) {
        const ranges = parts.ranges.map(([start, end]) => ({ start, end }));
        const size = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
        return { digest: await hashRanges(handle, ranges, parts.padding), algorithm: 'mach-o-sha256', size };
      }
    }
    if (platform === 'darwin' && path.basename(file) === 'Info.plist' && reader.size < chunkBytes) {
      const text = (await reader.read(0, reader.size)).toString('utf8');
      return { digest: sha256(plistContent(text) ?? text), algorithm: 'sealed', size: reader.size };
    }
    const digest = await hashRanges(handle, [{ start: 0, end: reader.size }], 0);
    const isSignature = platform === 'darwin' && path.basename(path.dirname(file)) === '_CodeSignature';
    return { digest, algorithm: isSignature ? 'sealed' : 'sha256', size: reader.size };
  });
}

/** Fewer bytes at the end of the file. */
async function readUpTo(reader: ByteReader, at: number, length: number): Promise<Buffer> {
  const from = Math.min(at, reader.size);
  return await reader.read(from, Math.min(length, reader.size - from));
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
    /(?:^|\/)(Python[3T]?)\.framework\/Versions\/[^/]+\/\1$/.test(file)
  );
}

function isExecutable(entry: BundleFile, executable: string, platform: TargetPlatform): boolean {
  if (entry.path === executable) return true;
  if (platform === 'win32') return /\.exe$/i.test(entry.path);
  // A Windows machine knows no permission bits and shows every file as executable or none.
  return process.platform !== 'win32' && (entry.mode & 0o111) !== 0;
}
