import type { ResolvedBackend } from '../config/resolved.js';
import type { PythonEnvironment } from '../python/types.js';
import { verifyBundle } from '../verify/index.js';
import { canonicalJson } from '../lib/canonical.js';
import { sha256 } from '../lib/hash.js';
import type { StoredResult } from './cache/store.js';
import { backendManifest } from './manifest.js';
import type { Progress } from './progress.js';

/** What running a bundle told. */
export interface ChecksResult {
  readonly startupMs: number | null;
  readonly warnings: readonly string[];
}

/** Digest of everything a verification depends on besides the bundle: changed settings mean a new check, not a new freeze. */
export function checksDigest(backend: ResolvedBackend): string {
  return sha256(canonicalJson({ verify: backend.verify, settings: backend.settings, kind: backend.kind }));
}

/**
 * Run a bundle and check it.
 *
 * @throws PyInstallerError `ERR_VERIFY` when it does not pass, `ERR_CANCELLED`.
 */
export async function runChecks(
  backend: ResolvedBackend,
  result: StoredResult,
  bundleDir: string,
  options: {
    readonly progress: Progress;
    readonly signal?: AbortSignal;
    /** What it was frozen from, as far as it is known. */
    readonly environment?: Pick<PythonEnvironment, 'distributions'>;
  },
): Promise<ChecksResult> {
  const { startupMs, warnings } = await verifyBundle(
    {
      backend,
      bundleDir,
      manifest: backendManifest(backend, result),
      ...(options.environment === undefined
        ? {}
        : { installed: new Set(options.environment.distributions.map(({ name }) => name)) }),
    },
    {
      report: (event) => options.progress.forward(event),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
  );
  return { startupMs, warnings };
}
