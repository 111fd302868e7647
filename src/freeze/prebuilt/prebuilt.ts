import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { contentsFolder } from '../../bundle/archive/contents-folder.js';
import { bundleFileCount, bundleSize, digestBundle, isSameContent, listBundle } from '../../bundle/index.js';
import type { ResolvedBackend } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { copyBundle } from '../../bundle/copy.js';
import type { ManifestFile } from '../../runtime/manifest.js';
import { targetName } from '../../target.js';
import { canonicalJson } from '../../lib/canonical.js';
import { sha256, sha256OfFile } from '../../lib/hash.js';
import { publish, stampBundle, type StoredResult } from '../cache/store.js';
import { openWorkspace } from '../cache/workspace.js';
import { descriptorName } from '../plan.js';
import type { Inputs } from '../fingerprint/inputs.js';
import type { FreshResult } from '../freeze-anew.js';
import { packageVersion } from '../../lib/package-root.js';
import type { Progress } from '../progress.js';
import type { FreezeOptions } from '../types.js';
import { findBundle, findRecord } from './find.js';
import { readRecord, recordName, type BundleRecord } from './record.js';
import { isArchive, unpack } from './unpack.js';
import { pathExists } from '../../lib/files.js';

/** What a prebuilt bundle depends on: its own bytes. An archive is hashed, of a folder sizes and times are enough. */
export async function prebuiltInputs(backend: ResolvedBackend, prebuilt: string): Promise<Inputs> {
  const target = targetName(backend.target);
  const stats = await stat(prebuilt).catch(() => null);
  if (stats === null) {
    const hint = 'Download it first, for example as an artifact of the workflow that freezes it.';
    throw refused('ERR_NOT_FOUND', backend, prebuilt, `: ${prebuilt} does not exist`, hint);
  }
  const content = stats.isDirectory() ? await folderDigest(prebuilt) : await sha256OfFile(prebuilt);
  return { 'electron-pyinstaller': packageVersion, target, prebuilt: content, name: backend.name };
}

async function folderDigest(folder: string): Promise<string> {
  const rows = await Promise.all(
    (await listBundle(folder)).map(async (entry) =>
      entry.type === 'file'
        ? [entry.path, entry.size, entry.mode, (await stat(path.join(folder, entry.path))).mtimeMs]
        : [entry.path, entry.type === 'link' ? entry.target : entry.mode],
    ),
  );
  return sha256(canonicalJson(rows));
}

/**
 * Take a bundle frozen elsewhere into the cache, as never run: unpack or copy it, and compare it with its record. The caller
 * holds the lock of the key, and checks it.
 *
 * @throws PyInstallerError `ERR_NOT_FOUND` when there is no program in it, `ERR_VERIFY` when it is not what it claims to be.
 */
export async function takePrebuilt(
  backend: ResolvedBackend,
  prebuilt: string,
  inputs: Inputs,
  key: string,
  options: FreezeOptions,
  progress: Progress,
): Promise<FreshResult> {
  progress.stage('prebuilt', `Taking the prebuilt bundle ${path.basename(prebuilt)}`);
  const workspace = await openWorkspace(options.cacheDir);
  try {
    let root = prebuilt;
    if (!(await stat(prebuilt)).isDirectory()) {
      if (!isArchive(prebuilt)) {
        const seen = `: ${prebuilt} is neither a folder nor a .zip, .tar, .tar.gz, .tar.xz, .tar.bz2 or .tgz file`;
        throw refused('ERR_NOT_FOUND', backend, prebuilt, seen);
      }
      root = path.join(workspace.directory, 'unpacked');
      await unpack(backend, prebuilt, root);
    }
    const { folder, record, executable } = await locate(backend, prebuilt, root);
    const entryDir = path.join(workspace.directory, 'entry-ready');
    const bundleDir = path.join(entryDir, 'bundle');
    await mkdir(entryDir, { recursive: true });
    await copyBundle(folder, bundleDir, { signal: options.signal });
    await rm(path.join(bundleDir, recordName), { force: true });
    const result = await describe(backend, { bundleDir, record, executable, inputs, key, progress });
    if (record !== null) assertSame(backend, prebuilt, record.files, result.files);
    return { bundleDir: await publish(options.cacheDir, entryDir, result, options.force), result };
  } finally {
    await workspace.dispose();
  }
}

interface Located {
  readonly folder: string;
  readonly record: BundleRecord | null;
  readonly executable: string;
}

async function locate(backend: ResolvedBackend, prebuilt: string, root: string): Promise<Located> {
  const recorded = await findRecord(root);
  if (recorded !== null) {
    const record = await readRecord(recorded).catch((error: unknown) => {
      throw wrong(backend, prebuilt, (error as Error).message);
    });
    if (record !== null) {
      const target = targetName(backend.target);
      if (record.name !== backend.name || record.target !== target) {
        throw wrong(
          backend,
          prebuilt,
          `it is ${record.name} for ${record.target}, wanted is ${backend.name} for ${target}`,
        );
      }
      return { folder: recorded, record, executable: record.executable };
    }
  }
  const suffix = backend.target.platform === 'win32' ? '.exe' : '';
  const names = [...new Set([`${backend.pyinstaller.name}${suffix}`, `${backend.name}${suffix}`])];
  const found = await findBundle(root, names);
  if (found === null) {
    const seen = `: no program ${names.join(' or ')} in ${prebuilt}`;
    const hint = `Give the folder with the program directly inside, or set pyinstaller.name of ${backend.configPath} to the program's name.`;
    throw refused('ERR_NOT_FOUND', backend, prebuilt, seen, hint);
  }
  return { ...found, record: null };
}

interface DescribeContext {
  readonly bundleDir: string;
  readonly record: BundleRecord | null;
  readonly executable: string;
  readonly inputs: Inputs;
  readonly key: string;
  readonly progress: Progress;
}

async function describe(backend: ResolvedBackend, context: DescribeContext): Promise<StoredResult> {
  const { bundleDir, record, executable, inputs, key, progress } = context;
  const files = await digestBundle(bundleDir, { executable, platform: backend.target.platform });
  const entries = await listBundle(bundleDir);
  const inside = await contentsFolder(bundleDir, executable);
  const contents = path.join(bundleDir, inside);
  const isFolder = await pathExists(path.join(contents, 'base_library.zip'));
  const ours = await pathExists(path.join(contents, descriptorName));
  const mode = record?.mode ?? (isFolder ? 'onedir' : 'onefile');
  return {
    version: 1,
    key,
    inputs,
    mode,
    executable,
    ...(mode === 'onefile' ? {} : { contents: inside }),
    companion: record?.companion ?? (ours ? companionByEntry(backend) : 'none'),
    versions: record?.versions ?? { python: 'unknown', pyinstaller: 'unknown', package: 'unknown' },
    files,
    stamps: await stampBundle(bundleDir, files),
    systemFiles: [],
    sizeBytes: bundleSize(entries),
    fileCount: bundleFileCount(entries),
    warnings: [],
    checkWarnings: [],
    verified: null,
    startupMs: null,
    frozenMs: progress.elapsedMs,
  };
}

function companionByEntry(backend: ResolvedBackend): StoredResult['companion'] {
  return backend.entry.type === 'asgi' || backend.entry.type === 'wsgi' ? 'full' : 'lifeline';
}

/** Compare what came with what was sent: a lost link or permission, a changed or missing file. */
function assertSame(
  backend: ResolvedBackend,
  prebuilt: string,
  recorded: readonly ManifestFile[],
  found: readonly ManifestFile[],
): void {
  const present = new Map(found.map((file) => [file.path, file]));
  for (const file of recorded) {
    const other = present.get(file.path);
    present.delete(file.path);
    if (other === undefined) throw wrong(backend, prebuilt, `${file.path} is missing`);
    if (file.type === 'link' || other.type === 'link') {
      if (file.type !== other.type)
        throw wrong(backend, prebuilt, `the link ${file.path} became a copy (archive it with tar or zip -y)`);
      continue;
    }
    // Bits of permission do not exist on Windows.
    if (file.executable && !other.executable && process.platform !== 'win32') {
      throw wrong(backend, prebuilt, `${file.path} is not executable any more (archive it with tar)`);
    }
    if (!isSameContent(file, other)) {
      throw wrong(backend, prebuilt, `${file.path} was changed`);
    }
  }
  // Signed since: frameworks have a seal now.
  const extra = [...present.keys()].find((file) => !/(?:^|\/)_CodeSignature\/[^/]+$/.test(file));
  if (extra !== undefined) throw wrong(backend, prebuilt, `${extra} does not belong to it`);
}

function wrong(backend: ResolvedBackend, prebuilt: string, detail: string): PyInstallerError {
  return refused(
    'ERR_VERIFY',
    backend,
    prebuilt,
    ` from ${prebuilt}: ${detail}`,
    'Make it again with `npx electron-pyinstaller build --out <folder>` on the other machine and bring it over unchanged.',
  );
}

/** @param seen Ends the sentence that begins with what was being done. */
function refused(
  code: 'ERR_VERIFY' | 'ERR_NOT_FOUND',
  { name, configPath }: ResolvedBackend,
  prebuilt: string,
  seen: string,
  hint?: string,
): PyInstallerError {
  return new PyInstallerError(code, `Taking the prebuilt bundle of backend ${name}${seen}.`, {
    backend: name,
    file: prebuilt,
    path: `${configPath}.prebuilt`,
    hint,
  });
}
