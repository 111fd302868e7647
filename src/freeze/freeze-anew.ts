import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { contentsFolder } from '../bundle/archive/contents-folder.js';
import { bundleFileCount, bundleSize, digestBundle, listBundle } from '../bundle/index.js';
import type { ResolvedBackend } from '../config/resolved.js';
import { layoutOf, takeBundle } from './assemble.js';
import { keepBounded } from './cache/keep-bounded.js';
import { shareWithLast } from './cache/share-bundles.js';
import { publish, stampBundle, type StoredResult } from './cache/store.js';
import { openWorkspace, type Workspace } from './cache/workspace.js';
import { cancelled } from './cancelled.js';
import { driverFailure, findingsFailure } from './failure.js';
import { readHistory } from './fingerprint/history.js';
import { writeLicenses } from './licenses.js';
import { newLogFile } from './log-file.js';
import { packageVersion } from '../lib/package-root.js';
import { outsideFiles, takenFiles } from './fingerprint/outside-files.js';
import type { Prepared } from './prepare.js';
import type { Progress } from './progress.js';
import { arrangeBeside, contentsOf, placeFiles, type Arrangement } from './data/arrange.js';
import { lay } from './data/lay.js';
import { takeApart } from './data/parts.js';
import { namesOf, rememberProgram, writeProgramRecord } from './data/program-record.js';
import { drive } from './drive.js';
import type { Audit } from './driver/records.js';
import { isJudged, judgeBuild } from './strict/strict.js';
import type { FreezeOptions } from './types.js';
import { withRun } from './verification.js';

/** What a fresh freeze gives: where the published bundle is, and what is recorded about it. */
export interface FreshResult {
  readonly bundleDir: string;
  readonly result: StoredResult;
  /** Its program is that of another bundle. Default false. */
  readonly isLaid?: boolean;
}

/**
 * Run PyInstaller in a private folder, check strictly what came out, and publish it as never run: what a failed run needs is
 * often no new freeze. The caller holds the lock of the key, and runs it.
 */
export async function freezeAnew(
  backend: ResolvedBackend,
  prepared: Prepared,
  options: FreezeOptions,
  progress: Progress,
): Promise<FreshResult> {
  const { cacheDir, signal } = options;
  progress.estimateMs = (await readHistory(cacheDir, backend))?.totalMs ?? undefined;
  const parts = await takeApart(backend, prepared.facts);
  const workspace = await openWorkspace(cacheDir);
  const logFile = await newLogFile(cacheDir, backend);
  try {
    const ruled = placeFiles(parts?.laid ?? []);
    const present = ruled.map(({ place }) => place);
    const context = { cacheDir, parts, present, knownCode: null, workspace, logFile, progress, signal };
    const outcome = await drive(backend, prepared, context);
    if (signal?.aborted === true) throw cancelled(backend, signal.reason);
    const { audit } = outcome;
    if (outcome.exitCode !== 0 || audit === null) throw driverFailure(backend, outcome, logFile);
    const expanded = placeFiles(audit.laid);
    const laying = arrangeBeside(backend, audit, [...ruled, ...expanded]);
    const { files, idleExclusions } = laying;
    const findings = judgeBuild(backend, outcome.records, { ...audit, files, idleExclusions });
    const errors = findings.filter((finding) => finding.severity === 'error');
    const refusal = errors.length === 0 ? null : findingsFailure(backend, errors, logFile);
    // Such a program can be run, and shows what else is missing.
    const isRunnable = errors.every(({ rule }) => rule === 'loaded-by-name') && backend.verify.run;
    if (refusal !== null && !isRunnable) throw refusal;
    const warnings = findings.map((finding) => `${finding.message} ${finding.fix}`);
    const entry = path.join(workspace.directory, 'entry-ready');
    const result = await gather(backend, prepared, {
      cacheDir,
      force: options.force === true,
      workspace,
      bundleDir: path.join(entry, 'bundle'),
      audit,
      laying,
      logFile,
      warnings,
      startedMs: progress.elapsedMs,
      signal,
    });
    if (refusal !== null) {
      const { environment } = prepared;
      const job = { options, progress, environment };
      const shown = await withRun(refusal, backend, result, path.join(entry, 'bundle'), job);
      throw options.signal?.aborted === true ? cancelled(backend, options.signal.reason) : shown;
    }
    // A file of the program's own that was replaced is gone: other data needs another freeze.
    const program = laying.replaced.length === 0 ? parts : null;
    if (program !== null) {
      await writeProgramRecord(entry, {
        version: 2,
        programKey: program.programKey,
        audit,
        records: outcome.records.filter(isJudged),
        laid: laying.laid,
        expanded,
        names: namesOf(program, ruled),
        taken: await takenFiles(audit, projectFolders(backend, prepared), backend.projectDir),
      });
    }
    const bundleDir = await publish(cacheDir, entry, result, options.force);
    if (program !== null) await rememberProgram(cacheDir, program.programKey, result.key);
    await keepBounded(cacheDir, progress);
    return { bundleDir, result };
  } finally {
    await workspace.dispose();
  }
}

interface GatherContext {
  readonly cacheDir: string;
  /** Made anew although it is there: nothing of the last bundle is trusted. */
  readonly force: boolean;
  readonly workspace: Workspace;
  /** Where the bundle goes. */
  readonly bundleDir: string;
  readonly audit: Audit;
  readonly laying: Arrangement;
  readonly logFile: string;
  readonly warnings: readonly string[];
  readonly startedMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Move the bundle to where it will be published from, lay the data in, and record everything about it. */
async function gather(
  backend: ResolvedBackend,
  prepared: Prepared,
  context: GatherContext,
): Promise<StoredResult> {
  const { workspace, bundleDir, audit, laying, logFile, warnings, signal } = context;
  const { environment } = prepared;
  const layout = layoutOf(workspace.directory);
  await mkdir(path.dirname(bundleDir), { recursive: true });
  const built = await takeBundle(layout.distDir, audit.programs, backend.pyinstaller.name, bundleDir);
  if (built === null) {
    throw findingsFailure(
      backend,
      [
        {
          severity: 'error',
          rule: 'program',
          message: `PyInstaller reported success, but the program ${audit.programs.join(', ')} is not in its output.`,
          fix: 'A virus scanner may have removed it: exclude the cache folder from scanning. Otherwise read the full log.',
        },
      ],
      logFile,
    );
  }
  await lay(path.join(bundleDir, contentsOf(backend)), laying, signal);
  const contents = built.mode === 'onefile' ? '.' : await contentsFolder(bundleDir, built.executable);
  await writeLicenses(backend, { bundleDir, executable: built.executable, contents }, environment);
  const entries = await listBundle(bundleDir);
  const files = await digestBundle(bundleDir, {
    executable: built.executable,
    platform: backend.target.platform,
  });
  if (!context.force) await shareWithLast(context.cacheDir, backend, bundleDir, files);
  return {
    version: 1,
    key: prepared.key,
    inputs: prepared.inputs,
    mode: built.mode,
    executable: built.executable,
    ...(built.mode === 'onefile' ? {} : { contents }),
    companion: companionOf(backend),
    versions: {
      python: environment.probe.version.join('.'),
      pyinstaller: environment.pyinstallerVersion,
      package: packageVersion,
      ...(Object.keys(audit.builtFor).length === 0 ? {} : { builtFor: audit.builtFor }),
    },
    files,
    stamps: await stampBundle(bundleDir, files),
    systemFiles: await outsideFiles(audit, coveredFolders(backend, prepared, workspace), backend.projectDir),
    sizeBytes: bundleSize(entries),
    fileCount: bundleFileCount(entries),
    warnings,
    checkWarnings: [],
    verified: null,
    startupMs: null,
    frozenMs: context.startedMs,
  };
}

function coveredFolders(backend: ResolvedBackend, prepared: Prepared, workspace: Workspace): string[] {
  const { environment } = prepared;
  const { probe } = environment;
  return [
    ...backend.source,
    ...backend.pyinstaller.paths,
    environment.directory ?? '',
    probe.prefix,
    ...probe.sitePackages,
    // The interpreter's own files come with its version and library; /usr is everybody's.
    probe.basePrefix === '/usr' ? `/usr/lib/python${probe.version.slice(0, 2).join('.')}` : probe.basePrefix,
    workspace.directory,
  ];
}

/** Where files of the project's own lie, which may change without an installer. */
function projectFolders(backend: ResolvedBackend, prepared: Prepared): string[] {
  const trees = prepared.environment.distributions.flatMap(({ tree }) => tree?.directory ?? []);
  return [...backend.source, ...backend.pyinstaller.paths, ...trees];
}

function companionOf(backend: ResolvedBackend): StoredResult['companion'] {
  switch (backend.entry.type) {
    case 'asgi':
    case 'wsgi':
      return 'full';
    case 'call':
    case 'module':
    case 'consoleScript':
    case 'script':
      return 'lifeline';
    case 'spec':
      return 'none';
    default:
      return backend.entry satisfies never;
  }
}
