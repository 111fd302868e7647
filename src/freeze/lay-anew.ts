import { lstat, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { linkType } from '../bundle/copy.js';
import { bundleFileCount, bundleSize, digestBundle, listBundle } from '../bundle/index.js';
import { shareFile } from '../bundle/share-file.js';
import type { ResolvedBackend } from '../config/resolved.js';
import { canonicalJson } from '../lib/canonical.js';
import { errorCode, isExecutable } from '../lib/files.js';
import { mapLimited } from '../lib/map-limited.js';
import type { ManifestFile } from '../runtime/manifest.js';
import { keepBounded } from './cache/keep-bounded.js';
import { publish, stampBundle, type StoredResult } from './cache/store.js';
import { openWorkspace, type Workspace } from './cache/workspace.js';
import { cancelled } from './cancelled.js';
import { arrangeBeside, contentsOf, placeFiles, type LaidFile } from './data/arrange.js';
import { lay } from './data/lay.js';
import { takeApart, type BuildParts } from './data/parts.js';
import {
  findProgram,
  namesOf,
  rememberProgram,
  writeProgramRecord,
  type ProgramBundle,
} from './data/program-record.js';
import { drive } from './drive.js';
import type { Audit } from './driver/records.js';
import type { FreshResult } from './freeze-anew.js';
import { newLogFile } from './log-file.js';
import type { Prepared } from './prepare.js';
import type { Progress } from './progress.js';
import { judgeBuild } from './strict/strict.js';
import type { FreezeOptions } from './types.js';

/** A program of the cache beside which the data of today can be laid in; null: PyInstaller has to run. */
export async function reusableProgram(
  backend: ResolvedBackend,
  prepared: Prepared,
  cacheDir: string,
): Promise<{ readonly parts: BuildParts; readonly program: ProgramBundle } | null> {
  const parts = await takeApart(backend, prepared.facts);
  if (parts === null) return null;
  const program = await findProgram(cacheDir, parts.programKey, backend.target.platform);
  return program === null ? null : { parts, program };
}

/**
 * Make a bundle of the program of another one and the data of today, with the checks and the digests of a whole freeze. The caller
 * holds the lock of the key.
 *
 * @returns null when only a freeze can tell what is wrong, or when the other bundle was removed meanwhile.
 */
export async function layAnew(
  backend: ResolvedBackend,
  prepared: Prepared,
  options: FreezeOptions,
  progress: Progress,
): Promise<FreshResult | null> {
  const { cacheDir, signal } = options;
  const found = await reusableProgram(backend, prepared, cacheDir);
  if (found === null) return null;
  progress.stage('data', 'Laying in the data');
  const workspace = await openWorkspace(cacheDir);
  try {
    return await layIn(backend, prepared, { ...found, workspace, progress, cacheDir, signal });
  } catch (error) {
    if (signal?.aborted === true) throw cancelled(backend, signal.reason);
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  } finally {
    await workspace.dispose();
  }
}

interface LayContext {
  readonly parts: BuildParts;
  readonly program: ProgramBundle;
  readonly workspace: Workspace;
  readonly progress: Progress;
  readonly cacheDir: string;
  readonly signal: AbortSignal | undefined;
}

async function layIn(
  backend: ResolvedBackend,
  prepared: Prepared,
  context: LayContext,
): Promise<FreshResult | null> {
  const { parts, program, workspace, cacheDir, signal } = context;
  const { record, result: before } = program;
  const ruled = placeFiles(parts.laid);
  const told = await tell(backend, prepared, ruled, context);
  if (told === null) return null;
  const { expanded, namedFiles } = told;
  const audit = { ...record.audit, namedFiles };
  const laying = arrangeBeside(backend, audit, [...ruled, ...expanded]);
  const findings = judgeBuild(backend, record.records, {
    ...audit,
    files: laying.files,
    idleExclusions: laying.idleExclusions,
  });
  if (findings.some((finding) => finding.severity === 'error')) return null;

  const entry = path.join(workspace.directory, 'entry-ready');
  const bundleDir = path.join(entry, 'bundle');
  const contents = contentsOf(backend);
  const unchanged = await unchangedPlaces(laying.laid, contents, context);
  const gone = new Set(
    [...record.laid.map(({ place }) => place), ...laying.replaced]
      .filter((place) => !unchanged.has(place))
      .map((place) => path.posix.join(contents, place)),
  );
  const shared = before.files.filter((file) => !gone.has(file.path));
  await shareFiles(program.bundleDir, bundleDir, shared, signal);
  const changed = laying.laid.filter(({ place }) => !unchanged.has(place));
  await lay(path.join(bundleDir, contents), { ...laying, laid: changed, replaced: [] }, signal);

  const entries = await listBundle(bundleDir);
  const files = await digestBundle(bundleDir, {
    executable: before.executable,
    platform: backend.target.platform,
    known: new Map(shared.map((file) => [file.path, file])),
    signal,
  });
  // What passed its checks and is the same in every byte has passed them.
  const isSame = canonicalJson(before.files) === canonicalJson(files);
  const result: StoredResult = {
    ...before,
    key: prepared.key,
    inputs: prepared.inputs,
    files,
    stamps: await stampBundle(bundleDir, files),
    sizeBytes: bundleSize(entries),
    fileCount: bundleFileCount(entries),
    warnings: findings.map((finding) => `${finding.message} ${finding.fix}`),
    ...(isSame ? {} : { checkWarnings: [], verified: null, startupMs: null }),
  };
  const isWhole = laying.replaced.length === 0;
  if (isWhole) {
    await writeProgramRecord(entry, {
      ...record,
      audit,
      laid: laying.laid,
      expanded,
      names: namesOf(parts, ruled),
    });
  }
  const published = await publish(cacheDir, entry, result);
  if (isWhole) await rememberProgram(cacheDir, parts.programKey, result.key);
  await keepBounded(cacheDir, context.progress);
  return { bundleDir: published, result };
}

interface Told {
  /** Files that packages are asked for. */
  readonly expanded: readonly LaidFile[];
  /** Files that code names and the program would not find. */
  readonly namedFiles: Audit['namedFiles'];
}

/** What only Python can tell of the data: known as long as there are the same files. null: it could not. */
async function tell(
  backend: ResolvedBackend,
  prepared: Prepared,
  ruled: readonly LaidFile[],
  { parts, program, workspace, progress, cacheDir, signal }: LayContext,
): Promise<Told | null> {
  const { record } = program;
  const { expanded, audit } = record;
  if (namesOf(parts, ruled) === record.names) return { expanded, namedFiles: audit.namedFiles };
  const logFile = await newLogFile(cacheDir, backend);
  const present = [...audit.files.map(([place]) => place), ...ruled.map(({ place }) => place)];
  const context = { cacheDir, parts, present, knownCode: audit.code, workspace, logFile, progress, signal };
  const outcome = await drive(backend, prepared, context);
  if (outcome.exitCode !== 0 || outcome.audit === null) return null;
  return { expanded: placeFiles(outcome.audit.laid), namedFiles: outcome.audit.namedFiles };
}

/** Places in which the other bundle has the same file already. */
async function unchangedPlaces(
  laid: readonly LaidFile[],
  contents: string,
  { parts, program }: LayContext,
): Promise<ReadonlySet<string>> {
  const { record, result } = program;
  const laidBefore = new Set(record.laid.map(({ place }) => place));
  const files = new Map(result.files.map((file) => [file.path, file]));
  const isUnchanged = await mapLimited(laid, 16, async ({ source, place }) => {
    const file = files.get(path.posix.join(contents, place));
    if (file?.type !== 'file' || !laidBefore.has(place)) return false;
    if (file.digest !== parts.digests.get(source) || (await lstat(source)).isSymbolicLink()) return false;
    return process.platform === 'win32' || file.executable === (await isExecutable(source));
  });
  return new Set(laid.filter((_, index) => isUnchanged[index]).map(({ place }) => place));
}

/** Give files of a bundle a second place; folders are made as they are needed. */
async function shareFiles(
  from: string,
  to: string,
  files: readonly ManifestFile[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const folders = new Set(files.map((file) => path.dirname(path.join(to, file.path))));
  for (const folder of [to, ...folders]) await mkdir(folder, { recursive: true });
  await mapLimited(
    files,
    16,
    async (file) => {
      const target = path.join(to, file.path);
      if (file.type === 'file') await shareFile(path.join(from, file.path), target);
      else await symlink(file.target, target, await linkType(from, file.path));
    },
    signal,
  );
}
