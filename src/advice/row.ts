import type { FailureRow } from '../runtime/life/failure-rows.js';

/** Where a failure is met: installing packages, in PyInstaller, in the check of the frozen program, in the app. */
export type FailureStage = 'install' | 'build' | 'verify' | 'run';

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
}
