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
    readonly known: KnownOrigins | undefined;
  },
  options: {
    readonly report: Report;
    readonly signal: AbortSignal | undefined;
    readonly cacheDir: string;
  },
) => Promise<ChecksResult>;

/** What a bundle was frozen from. */
export type KnownOrigins = Pick<AdvicePlace, 'installed' | 'origins'> & { readonly lender: Lender };

/** Where what a bundle lacks can be had, to find out what else it lacks. Absolute paths. */
export interface Lender {
  readonly interpreter: string;
  /** Source folders, where imports start. */
  readonly roots: readonly string[];
  readonly sitePackages: readonly string[];
  readonly project: Pick<ResolvedBackend, 'projectDir' | 'source'>;
}

/** What running a bundle told. */
export interface ChecksResult {
  readonly startupMs: number | null;
  readonly warnings: readonly string[];
  /** The OpenAPI document of the program, when types are made of it. */
  readonly document?: Readonly<Record<string, unknown>> | undefined;
}
