import type { FailureContext, FailureRow } from '../runtime/life/failure-rows.js';
import type { BundlePlace } from './bundle-file.js';
import type { ProgramOrigins } from './origins.js';

/** Where a failure is met: installing packages, in PyInstaller, in the check of the frozen program, in the app. */
export type FailureStage = 'install' | 'build' | 'verify' | 'run';

/** What is known besides, when a build met the failure. */
export interface AdviceContext extends FailureContext {
  readonly origins?: ProgramOrigins | undefined;
  readonly bundle?: BundlePlace | undefined;
  /** Whether it is a console program; left out: not known. */
  readonly console?: boolean | undefined;
}

/** A known failure with what its documentation and its tests need. */
export interface AdviceRow extends FailureRow {
  readonly id: string;
  /** Heading in docs/troubleshooting.md. */
  readonly title: string;
  readonly at: readonly FailureStage[];
  /** What is really printed. */
  readonly example: string;
  /** Why no test here makes it happen; left out: one does. The example is then from PyInstaller's sources or reports. */
  readonly unseen?: string;
  /** Whether what matched is meant; left out: always. */
  readonly fits?: (groups: readonly string[], context: AdviceContext) => boolean;
  readonly cause: (groups: readonly string[], context: AdviceContext) => string;
  readonly edit: (groups: readonly string[], context: AdviceContext) => string;
}
