import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { bundleFileCount, bundleSize, digestBundle, listBundle } from '../bundle/index.js';
import type { ResolvedBackend } from '../config/resolved.js';
import { assemble, layoutOf, takeBundle } from './assemble.js';
import { keepBounded } from './cache/keep-bounded.js';
import { shareWithLast } from './cache/share-bundles.js';
import { publish, removeEntry, stampBundle, type StoredResult } from './cache/store.js';
import { openWorkspace, type Workspace } from './cache/workspace.js';
import { cancelled } from './cancelled.js';
import { driverEnvironment } from './driver/driver-environment.js';
import { runDriver, type DriverOutcome } from './driver/driver.js';
import { driverFailure, findingsFailure } from './failure.js';
import { readHistory } from './fingerprint/history.js';
import { activityOf, stageOf } from './driver/stages.js';
import { newLogFile } from './log-file.js';
import { packageVersion } from '../lib/package-root.js';
import { namedRequirements } from '../python/index.js';
import { outsideFiles } from './fingerprint/outside-files.js';
import { planFreeze } from './plan.js';
import type { Prepared } from './prepare.js';
import type { Progress } from './progress.js';
import type { Audit } from './driver/records.js';
import { sourceTrees } from './sources.js';
import { judgeBuild } from './strict/strict.js';
import type { FreezeOptions } from './types.js';

/** What a fresh freeze gives: where the published bundle is, and what is recorded about it. */
export interface FreshResult {
  readonly bundleDir: string;
  readonly result: StoredResult;
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
  const workspace = await openWorkspace(cacheDir);
  const logFile = await newLogFile(cacheDir, backend);
  try {
    const outcome = await drive(backend, prepared, { workspace, logFile, progress, signal });
    if (signal?.aborted === true) throw cancelled(backend, signal.reason);
    const { audit } = outcome;
    if (outcome.exitCode !== 0 || audit === null) throw driverFailure(backend, outcome, logFile);
    const findings = judgeBuild(backend, outcome.records, audit);
    const errors = findings.filter((finding) => finding.severity === 'error');
    if (errors.length > 0) throw findingsFailure(backend, errors, logFile);
    const warnings = findings.map((finding) => `${finding.message} ${finding.fix}`);
    const result = await gather(backend, prepared, {
      cacheDir,
      workspace,
      audit,
      logFile,
      warnings,
      startedMs: progress.elapsedMs,
    });
    if (options.force === true) await removeEntry(cacheDir, prepared.key);
    const bundleDir = await publish(cacheDir, path.join(workspace.directory, 'entry-ready'), result);
    await keepBounded(cacheDir, progress);
    return { bundleDir, result };
  } finally {
    await workspace.dispose();
  }
}

interface DriveContext {
  readonly workspace: Workspace;
  readonly logFile: string;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

async function drive(
  backend: ResolvedBackend,
  prepared: Prepared,
  context: DriveContext,
): Promise<DriverOutcome> {
  const { workspace, logFile, progress, signal } = context;
  const layout = layoutOf(workspace.directory);
  await assemble(backend, layout);
  const sources = await sourceTrees(backend);
  const named = { distribution: null, requirements: await namedRequirements(backend.requirements) };
  const job = planFreeze(backend, layout, prepared.files, prepared.presets, sources, named);
  const { interpreter } = prepared.environment;
  progress.stage('start', 'Starting Python');
  return await runDriver(job, {
    interpreter,
    env: driverEnvironment(process.env, {
      interpreter,
      // Private to this run: PyInstaller's own cache of rewritten binaries is not safe under parallel builds.
      configDir: path.join(workspace.directory, 'config'),
      platform: backend.target.platform,
    }),
    // A hand-written spec expects to stand in its own folder; relative paths in it are found from there.
    cwd: backend.entry.type === 'spec' ? path.dirname(backend.entry.file) : workspace.directory,
    jobFile: path.join(layout.specDir, 'job.json'),
    logFile,
    signal,
    onRecord: (record) => {
      const step = stageOf(record);
      if (step !== null) progress.stage(step.stage, step.title);
      const activity = activityOf(record);
      if (activity !== null) progress.activity(activity);
    },
  });
}

interface GatherContext {
  readonly cacheDir: string;
  readonly workspace: Workspace;
  readonly audit: Audit;
  readonly logFile: string;
  readonly warnings: readonly string[];
  readonly startedMs: number;
}

/** Move the bundle to where it will be published from, and record everything about it. */
async function gather(
  backend: ResolvedBackend,
  prepared: Prepared,
  context: GatherContext,
): Promise<StoredResult> {
  const { workspace, audit, logFile, warnings } = context;
  const { environment } = prepared;
  const layout = layoutOf(workspace.directory);
  const bundleDir = path.join(workspace.directory, 'entry-ready', 'bundle');
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
  const entries = await listBundle(bundleDir);
  const files = await digestBundle(bundleDir, {
    executable: built.executable,
    platform: backend.target.platform,
  });
  await shareWithLast(context.cacheDir, backend, bundleDir, files);
  return {
    version: 1,
    key: prepared.key,
    inputs: prepared.inputs,
    mode: built.mode,
    executable: built.executable,
    companion: companionOf(backend),
    versions: {
      python: environment.probe.version.join('.'),
      pyinstaller: environment.pyinstallerVersion,
      package: packageVersion,
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
