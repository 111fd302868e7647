import type { AdvicePlace } from '../advice/diagnose.js';
import type { ResolvedBackend } from '../config/resolved.js';
import type { Report, WorkOptions } from '../report.js';
import type { BackendManifest } from '../runtime/manifest.js';

/** How to freeze, besides what the configuration says. */
export interface FreezeOptions extends WorkOptions {
  /** Freeze although the cache has it. Default false. */
  readonly force?: boolean | undefined;
  /** Runs what was frozen, the last step: `verifyBundle`, which this room knows nothing of. */
  readonly verify: VerifyFrozen;
}

/** Run a bundle and check it. Rejects with `ERR_VERIFY` when it does not pass, with `ERR_CANCELLED`. */
export type VerifyFrozen = (
  input: {
    readonly backend: ResolvedBackend;
    readonly bundleDir: string;
    readonly manifest: BackendManifest;
    /** What it was frozen from; undefined: not known. */
    readonly known: Pick<AdvicePlace, 'installed' | 'origins'> | undefined;
  },
  options: {
    readonly report: Report;
    readonly signal: AbortSignal | undefined;
    readonly cacheDir: string;
  },
) => Promise<ChecksResult>;

/** What running a bundle told. */
export interface ChecksResult {
  readonly startupMs: number | null;
  readonly warnings: readonly string[];
}
