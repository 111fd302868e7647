/** What vitest's JSON report says, in the lines that `npm test` repeats at its end. */
import path from 'node:path';

/** The parts of vitest's JSON report that are read here. */
export interface Report {
  readonly numPassedTests?: number;
  readonly numPendingTests?: number;
  readonly numTotalTests?: number;
  readonly testResults?: readonly {
    readonly name: string;
    readonly status: string;
    /** Why the file could not be loaded. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
      /** In milliseconds. */
      readonly meta?: { readonly whyNotOnWindows?: string };
    }[];
  }[];
}

/** A line for each failed test, and for each file that failed without a failed test. */
export function failuresOf(report: Report, root: string): string[] {
  return (report.testResults ?? []).flatMap((file) => {
    const failed = linesOf(file, root, 'failed');
    return failed.length === 0 && file.status === 'failed' ? [path.relative(root, file.name)] : failed;
  });
}

/** A line for each test that failed at first and passed when it was tried again, with the reason of the failure. */
export function retriedOf(report: Report, root: string): string[] {
  return (report.testResults ?? []).flatMap((file) => linesOf(file, root, 'passed'));
}

/** Of the tests with a status, those that failed at least once: vitest keeps the messages of all tries. */
function linesOf(file: NonNullable<Report['testResults']>[number], root: string, status: string): string[] {
  const name = path.relative(root, file.name);
  return file.assertionResults
    .filter(
      (test) => test.status === status && (status === 'failed' || (test.failureMessages ?? []).length > 0),
    )
    .map(({ fullName, failureMessages }) => {
      const [reason = ''] = (failureMessages?.[0] ?? '').split('\n');
      return `${name} > ${fullName}: ${reason}`;
    });
}
