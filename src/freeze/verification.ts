import path from 'node:path';
import type { ResolvedBackend } from '../config/resolved.js';
import type { PythonEnvironment } from '../python/types.js';
import { canonicalJson } from '../lib/canonical.js';
import { sha256 } from '../lib/hash.js';
import { isPyInstallerError } from '../errors.js';
import { withKeptBundle } from './kept-bundle.js';
import { challengerDir, type StoredResult } from './cache/store.js';
import { backendManifest } from './manifest.js';
import { originsOf } from './origins.js';
import type { Progress } from './progress.js';
import type { FreezeOptions } from './types.js';

/** Digest of everything a verification depends on besides the bundle: changed settings mean a new check, not a new freeze. */
export function checksDigest(backend: ResolvedBackend): string {
  return sha256(canonicalJson({ verify: backend.verify, settings: backend.settings, kind: backend.kind }));
}

/**
 * Run a bundle of the cache and check it.
 *
 * @returns its record, with what the run showed.
 * @throws PyInstallerError `ERR_VERIFY` when it does not pass (with the command that starts it by hand), `ERR_CANCELLED`.
 */
export async function verified(
  backend: ResolvedBackend,
  result: StoredResult,
  bundleDir: string,
  job: {
    readonly options: FreezeOptions;
    readonly progress: Progress;
    /** What it was frozen from, as far as it is known. */
    readonly environment?: Pick<PythonEnvironment, 'distributions' | 'probe'> | undefined;
  },
): Promise<StoredResult> {
  const { options, progress, environment } = job;
  const input = {
    backend,
    bundleDir,
    manifest: backendManifest(backend, result),
    known: environment && {
      installed: new Set(environment.distributions.map(({ name }) => name)),
      origins: originsOf(backend, environment.probe),
    },
  };
  const { startupMs, warnings } = await options
    .verify(input, {
      report: (event) => progress.forward(event),
      signal: options.signal,
      cacheDir: options.cacheDir,
    })
    .catch((error: unknown) => {
      if (!isPyInstallerError(error) || error.code !== 'ERR_VERIFY') throw error;
      throw withKeptBundle(error, backend, {
        program: path.join(bundleDir, result.executable),
        contents: result.contents ?? '.',
        isChallenger: path.dirname(bundleDir) === challengerDir(options.cacheDir, result.key),
      });
    });
  return { ...result, verified: checksDigest(backend), startupMs, checkWarnings: warnings };
}
