import path from 'node:path';
import type { PythonEnvironment } from '../python/types.js';
import type { ResolvedBackend } from '../config/resolved.js';
import { isPyInstallerError, PyInstallerError } from '../errors.js';
import { withFileLock } from '../lib/file-lock.js';
import { hostTarget, targetName } from '../target.js';
import { cacheError } from '../advice/file-system.js';
import { lockFile, lookUp, settle, writeResult } from './cache/store.js';
import { assertWritable } from './cache/workspace.js';
import { cancelled } from './cancelled.js';
import { fingerprintKey, type Inputs } from './fingerprint/inputs.js';
import type { FreshResult } from './freeze-anew.js';
import { readHistory, writeHistory } from './fingerprint/history.js';
import { backendManifest } from './manifest.js';
import { assertPreflight } from './preflight/preflight.js';
import { prepare } from './prepare.js';
import { Progress } from './progress.js';
import type { FrozenBackend } from '../bundle/frozen.js';
import type { FreezeOptions } from './types.js';
import { checksDigest, verified } from './verification.js';
import { formatBytes } from '../lib/text.js';

/**
 * Freeze one backend: make its environment ready, and, unless the cache has a bundle of the same inputs, run
 * PyInstaller, check strictly what came out, put it into the cache, and run it. A bundle that does not pass its run stays in
 * the cache and is never returned: the next call runs it again, after a change of what only its run reads.
 *
 * With unchanged inputs no Python is started. Two builds of the same backend at once share one freeze. Whatever
 * happens (errors, cancellation, a killed process), the cache never has half a bundle.
 *
 * @throws PyInstallerError with code `ERR_TARGET`, `ERR_PYTHON`, `ERR_ENVIRONMENT`, `ERR_NOT_FOUND`, `ERR_FREEZE`,
 * `ERR_VERIFY`, `ERR_CACHE` or `ERR_CANCELLED`.
 */
export async function freezeBackend(
  backend: ResolvedBackend,
  options: FreezeOptions,
): Promise<FrozenBackend> {
  const progress = new Progress(backend.name, options.report);
  const { signal } = options;
  const stopBeating = progress.beat();
  try {
    if (signal?.aborted === true) throw cancelled(backend, signal.reason);
    const job =
      backend.prebuilt === null
        ? await freezeJob(backend, options, progress)
        : await prebuiltJob(backend, backend.prebuilt, options, progress);
    if (options.force !== true) {
      const found = await find(backend, job, options, progress, 'say');
      if (found !== null && isChecked(backend, found))
        return await conclude(backend, job, found, options, progress);
    }
    await assertWritable(options.cacheDir);
    const waiting = {
      signal,
      onWait: (holder: string) =>
        progress.stage('wait', `Waiting for ${holder}, which freezes the same backend`),
    };
    return await withFileLock(lockFile(options.cacheDir, job.key), waiting, async () => {
      // Whoever held the lock may have made it meanwhile.
      const kept = options.force === true ? null : await find(backend, job, options, progress, 'quiet');
      const bundle = kept ?? (await make(backend, job, options, progress));
      const checked = isChecked(backend, bundle)
        ? bundle
        : await check(backend, job, bundle, options, progress);
      return await conclude(backend, job, checked, options, progress);
    });
  } catch (error) {
    if (signal?.aborted === true && !(isPyInstallerError(error) && error.code === 'ERR_CANCELLED')) {
      throw cancelled(backend, error);
    }
    throw cacheError(`Freezing backend ${backend.name}`, options.cacheDir, error);
  } finally {
    stopBeating();
  }
}

/** A bundle to be had: under which key, and how it is made when the cache does not have it. */
interface Job {
  readonly key: string;
  readonly inputs: Inputs;
  /** Left out: made elsewhere. */
  readonly environment?: PythonEnvironment;
  make(): Promise<FreshResult>;
}

async function freezeJob(backend: ResolvedBackend, options: FreezeOptions, progress: Progress): Promise<Job> {
  assertFreezable(backend);
  const prepared = await prepare(backend, { ...options, report: (event) => progress.forward(event) });
  const { key, inputs, environment } = prepared;
  const make = async (): Promise<FreshResult> => {
    // Loaded when they are needed: mostly nothing changed.
    const [{ freezeAnew }, { layAnew }] = await Promise.all([
      import('./freeze-anew.js'),
      import('./lay-anew.js'),
    ]);
    const laid = options.force === true ? null : await layAnew(backend, prepared, options, progress);
    if (laid !== null) return { ...laid, isLaid: true };
    await assertPreflight(backend, environment, environment, options.signal);
    return await freezeAnew(backend, prepared, options, progress);
  };
  return { key, inputs, environment, make };
}

async function prebuiltJob(
  backend: ResolvedBackend,
  prebuilt: string,
  options: FreezeOptions,
  progress: Progress,
): Promise<Job> {
  const { prebuiltInputs, takePrebuilt } = await import('./prebuilt/prebuilt.js');
  const inputs = await prebuiltInputs(backend, prebuilt);
  const key = fingerprintKey(inputs);
  return { key, inputs, make: () => takePrebuilt(backend, prebuilt, inputs, key, options, progress) };
}

/** A bundle in the cache, whether it passed its checks or not. */
interface CachedBundle extends FreshResult {
  /** True: it was there already. */
  readonly cached: boolean;
}

/** Whether it passed the checks that are asked for now. What did not is kept, and never leaves this file. */
function isChecked(backend: ResolvedBackend, { result }: CachedBundle): boolean {
  return result.verified === checksDigest(backend);
}

/** Take the bundle from the cache; null: it is not there. */
async function find(
  backend: ResolvedBackend,
  job: Job,
  { cacheDir }: FreezeOptions,
  progress: Progress,
  miss: 'say' | 'quiet',
): Promise<CachedBundle | null> {
  const found = await lookUp(cacheDir, job.key, backend.target.platform);
  if (found.state === 'hit') return { ...found, cached: true };
  if (miss === 'say') {
    const { explainMiss } = await import('./explain-backend.js');
    const { reason } = await explainMiss(backend, job, cacheDir, found.reason);
    progress.detail(`Freezing, because ${reason}`);
  }
  return null;
}

async function make(
  backend: ResolvedBackend,
  job: Job,
  { cacheDir }: FreezeOptions,
  progress: Progress,
): Promise<CachedBundle> {
  const made = await job.make();
  await remember(
    backend,
    job,
    cacheDir,
    made.isLaid === true ? await lastTotalMs(backend, cacheDir) : progress.elapsedMs,
  );
  return { ...made, cached: false };
}

/** Run the bundle and check it; it stays where it is when it does not pass. The caller holds the lock. */
async function check(
  backend: ResolvedBackend,
  job: Job,
  bundle: CachedBundle,
  options: FreezeOptions,
  progress: Progress,
): Promise<CachedBundle> {
  const { environment } = job;
  const { bundleDir, cached, isLaid = false } = bundle;
  const checked = await verified(backend, bundle.result, bundleDir, { options, progress, environment });
  const result = cached || isLaid ? checked : { ...checked, frozenMs: progress.elapsedMs };
  await writeResult(path.dirname(bundleDir), result);
  return { ...bundle, result, bundleDir: await settle(options.cacheDir, job.key, bundleDir) };
}

/** Of the last whole freeze: what the next one is estimated by. */
async function lastTotalMs(backend: ResolvedBackend, cacheDir: string): Promise<number | null> {
  return (await readHistory(cacheDir, backend))?.totalMs ?? null;
}

async function remember(
  backend: ResolvedBackend,
  { key, inputs }: Job,
  cacheDir: string,
  totalMs: number | null,
): Promise<void> {
  await writeHistory(cacheDir, backend, { key, inputs, totalMs });
}

async function conclude(
  backend: ResolvedBackend,
  job: Job,
  { bundleDir, result, cached, isLaid = false }: CachedBundle,
  { cacheDir }: FreezeOptions,
  progress: Progress,
): Promise<FrozenBackend> {
  const beforeMs = cached || isLaid ? await lastTotalMs(backend, cacheDir) : null;
  await remember(backend, job, cacheDir, beforeMs ?? result.frozenMs);
  const { sizeBytes, fileCount, key } = result;
  const warnings = [...result.warnings, ...result.checkWarnings];
  const size = `${formatBytes(sizeBytes)}, ${fileCount} ${fileCount === 1 ? 'file' : 'files'}`;
  const how =
    backend.prebuilt !== null
      ? 'prebuilt, used as it is'
      : cached
        ? 'unchanged, taken from the cache'
        : isLaid
          ? 'program unchanged, data laid in'
          : `frozen in ${Math.round(progress.elapsedMs / 1000)} s`;
  const summary = `${backend.name}: ${how} (${size})`;
  for (const warning of warnings) progress.warning(warning);
  progress.done({ cached, sizeBytes, fileCount, summary });
  return {
    backend,
    bundleDir,
    manifest: backendManifest(backend, result),
    key,
    cached,
    elapsedMs: progress.elapsedMs,
    sizeBytes,
    fileCount,
    warnings,
    document: result.document,
  };
}

function assertFreezable(backend: ResolvedBackend): void {
  const host = hostTarget();
  if (backend.target.platform === host.platform) return;
  const wanted = targetName(backend.target);
  throw new PyInstallerError(
    'ERR_TARGET',
    `Freezing backend ${backend.name} for ${wanted}: this machine is ${targetName(host)}, and PyInstaller freezes only for the system it runs on.`,
    {
      backend: backend.name,
      file: backend.configFile,
      path: `${backend.configPath}.prebuilt`,
      hint: `Freeze it on a machine with that system (\`npx electron-pyinstaller init --ci github\` writes a workflow) and name the result: ${backend.configPath}.prebuilt: { '${wanted}': 'path/to/bundle' }.`,
    },
  );
}
