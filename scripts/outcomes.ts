/** The outcomes of one run of vitest on one level, for the pages that such runs write. */
import type { Report } from './test-results.ts';

/** One test. */
export interface Outcome {
  readonly test: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped; empty when it passed. */
  readonly reason: string;
}

/**
 * All tests of a report.
 *
 * @param nothing What to name when no test was run.
 * @param whySkipped Reason of each that was skipped.
 */
export function outcomesOf(report: Report, nothing: string, whySkipped: string): readonly Outcome[] {
  const outcomes = (report.testResults ?? []).flatMap((file) =>
    file.assertionResults.map(({ status, fullName, failureMessages }): Outcome => {
      if (status === 'passed') return { test: fullName, status, reason: '' };
      if (status !== 'failed') return { test: fullName, status: 'skipped', reason: whySkipped };
      return { test: fullName, status, reason: failureMessages?.[0]?.split('\n')[0] ?? '' };
    }),
  );
  const [file] = report.testResults ?? [];
  const reason = file?.message?.split('\n')[0] ?? 'the run ended without results';
  return outcomes.length > 0 ? outcomes : [{ test: nothing, status: 'failed', reason }];
}

/** `3 passed, 0 failed, 0 skipped` */
export function summary(outcomes: readonly Outcome[]): string {
  const numbers = (['passed', 'failed', 'skipped'] as const).map(
    (status) => `${outcomes.filter((one) => one.status === status).length} ${status}`,
  );
  return numbers.join(', ');
}
