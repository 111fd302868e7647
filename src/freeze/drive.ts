import path from 'node:path';
import { sha256 } from '../lib/hash.js';
import type { ResolvedBackend } from '../config/resolved.js';
import { namedRequirements } from '../python/index.js';
import { assemble, layoutOf } from './assemble.js';
import type { Workspace } from './cache/workspace.js';
import type { BuildParts } from './data/parts.js';
import { driverEnvironment } from './driver/driver-environment.js';
import { runDriver, type DriverOutcome } from './driver/driver.js';
import { activityOf, stageOf } from './driver/stages.js';
import { planFreeze, type DriverJob } from './plan.js';
import type { Prepared } from './prepare.js';
import type { Progress } from './progress.js';
import { sourceTrees } from './sources.js';

/** Where and how the driver works. */
export interface DriveContext {
  readonly cacheDir: string;
  /** null: everything goes through PyInstaller. */
  readonly parts: BuildParts | null;
  /** {@link DriverJob.present}. */
  readonly present: readonly string[];
  /** {@link DriverJob.knownCode}. */
  readonly knownCode: DriverJob['knownCode'];
  readonly workspace: Workspace;
  readonly logFile: string;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

/** Put everything in place in a private folder and run the driver there. */
export async function drive(
  backend: ResolvedBackend,
  prepared: Prepared,
  context: DriveContext,
): Promise<DriverOutcome> {
  const { cacheDir, parts, present, knownCode, workspace, logFile, progress, signal } = context;
  const layout = layoutOf(workspace.directory);
  await assemble(backend, layout);
  const sources = await sourceTrees(backend);
  const files = parts === null ? prepared.files : { ...prepared.files, data: parts.collected };
  const installedHooks = installedHooksOf(cacheDir, prepared);
  const given = { laidFiles: [...(parts?.files ?? [])], present, knownCode, installedHooks };
  const { own } = prepared;
  const named = {
    distribution: own?.isPackage === true ? own.name : null,
    project: own?.name ?? null,
    requirements: await namedRequirements(backend.requirements),
  };
  const job = planFreeze(backend, layout, files, prepared.presets, sources, named, given);
  const { interpreter } = prepared.environment;
  progress.stage('start', 'Starting Python');
  return await runDriver(job, {
    interpreter,
    env: driverEnvironment(process.env, {
      interpreter,
      // Private to this run: PyInstaller's own cache of rewritten binaries is not safe under parallel builds.
      configDir: path.join(workspace.directory, 'config'),
      platform: backend.target.platform,
      isFolder: backend.entry.type !== 'spec' && backend.pyinstaller.mode === 'onedir',
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

/** The hooks for what is installed depend on what is installed, and where, and on what reads it. */
function installedHooksOf(cacheDir: string, { inputs, environment }: Prepared): DriverJob['installedHooks'] {
  const { sitePackages } = environment.probe;
  const names = ['electron-pyinstaller', 'interpreter', 'pyinstaller', 'pyinstaller-hooks-contrib'];
  const read = Object.entries(inputs).filter(([name]) => names.includes(name) || name.startsWith('package '));
  return {
    file: path.join(cacheDir, 'hooks', `${sha256(JSON.stringify(sitePackages)).slice(0, 24)}.json`),
    key: sha256(JSON.stringify([sitePackages, read])),
  };
}
