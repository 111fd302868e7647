/** What the reports of vitest say about each test, with the reason of each that did not run. */
import type { Report } from '../test-results.ts';
import type { Part } from './parts.ts';

/** One test. */
export interface Outcome {
  /** `file > title` */
  readonly test: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped; empty when it passed. */
  readonly reason: string;
}

/** What one part came to. */
export interface PartResult {
  readonly part: Part;
  readonly outcomes: readonly Outcome[];
  readonly seconds: number;
}

const untold = 'the test leaves itself out and does not say why';

/**
 * The outcomes in one report.
 *
 * @param root Folder of the repository, as vitest names it.
 * @param text Report as JSON; null when vitest did not write one.
 */
export function outcomesOf(text: string | null, root: string, part: Part): readonly Outcome[] {
  const report = text === null ? {} : (JSON.parse(text) as Report);
  if (report.testResults === undefined || report.testResults.length === 0)
    return [failed(part.filter, 'the run ended without results')];
  return report.testResults.flatMap((file) => {
    const name = file.name.replace(root, '').replaceAll('\\', '/').replace(/^\//, '');
    const outcomes = file.assertionResults.map((one): Outcome => {
      const { status } = one;
      const test = `${name} > ${one.fullName}`;
      if (status === 'passed') return { test, status, reason: '' };
      if (status === 'failed') return failed(test, one.failureMessages?.[0] ?? '');
      return { test, status: 'skipped', reason: one.meta?.whyNotOnWindows ?? untold };
    });
    // A file that could not be loaded.
    return outcomes.length === 0 && file.status === 'failed' ? [failed(name, file.message ?? '')] : outcomes;
  });
}

function failed(test: string, message: string): Outcome {
  return { test, status: 'failed', reason: message.split('\n')[0] ?? '' };
}

/** How many tests have a status. */
export function count(results: readonly PartResult[], status: Outcome['status']): number {
  return results.flatMap(({ outcomes }) => outcomes).filter((one) => one.status === status).length;
}

/** The reasons of what was skipped, with the tests of each. */
export function skippedByReason(results: readonly PartResult[]): ReadonlyMap<string, readonly string[]> {
  const reasons = new Map<string, string[]>();
  for (const { test, status, reason } of results.flatMap(({ outcomes }) => outcomes)) {
    if (status !== 'skipped') continue;
    reasons.set(reason, [...(reasons.get(reason) ?? []), test]);
  }
  return reasons;
}
