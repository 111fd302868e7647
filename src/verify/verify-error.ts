import { PyInstallerError } from '../errors.js';
import { isBackendError, type BackendError } from '../runtime/errors.js';
import { diagnose, formatDiagnoses, type Diagnosis } from '../advice/diagnose.js';
import { hasWholeTraceback } from './recent-output.js';
import type { Subject } from './subject.js';

/** Lines of output that go into a message. */
const shownLines = 20;
/** Causes that go into a message. */
const maxDiagnoses = 3;

/** What is known about a failed check. */
export interface FailedCheck {
  /** What was being done and what was seen, e.g. `it ended with exit code 1`. */
  readonly seen: string;
  /** Output of the program, the last lines last. */
  readonly output?: readonly string[];
  /** What to do when the output explains nothing. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The error of a frozen program that did not pass: what was seen, the cause and the edit where they are known, the last
 * lines of its output.
 */
export function verifyError(subject: Subject, failed: FailedCheck): PyInstallerError {
  const output = failed.output ?? [];
  const diagnoses = diagnose('verify', [...output, failed.seen].join('\n'), subject.context, maxDiagnoses);
  const hint = diagnoses.length > 0 ? formatDiagnoses(diagnoses) : failed.hint;
  return asError(subject, [failed.seen, ...shown(output)], hint, failed.cause);
}

/** A request of `verify.http` that was answered otherwise than expected. */
export interface FailedRequest {
  /** Such as `GET /report`. */
  readonly request: string;
  /** What was seen, a sentence. */
  readonly seen: string;
  /** Of the answer: servers in debug mode show the traceback there. */
  readonly body: string;
  /** What was printed since it was asked. */
  readonly output: readonly string[];
  readonly cause?: unknown;
}

/** {@link verifyError} for all requests that failed, each with its own output; what one edit mends is said once. */
export function requestsError(
  subject: Subject,
  failed: readonly FailedRequest[],
  output: readonly string[],
): PyInstallerError {
  const [only] = failed;
  const { configPath, configFile } = subject.context;
  const asked = subject.expected.http.length;
  const found = new Map<string, Diagnosis & { readonly requests: string[] }>();
  const parts =
    failed.length === 1 ? [] : [`${failed.length} of ${asked} requests of \`verify.http\` failed.`];
  let isExplained = true;
  let isHidden = false;
  for (const { request, seen, body, output: own } of failed) {
    const diagnoses = diagnose('verify', [...own, body, seen].join('\n'), subject.context, maxDiagnoses);
    for (const diagnosis of diagnoses) {
      const known = found.get(diagnosis.edit);
      if (known === undefined) found.set(diagnosis.edit, { ...diagnosis, requests: [request] });
      else known.requests.push(request);
    }
    isExplained &&= diagnoses.length > 0;
    isHidden ||= diagnoses.length === 0 && / answered 5\d\d\b/.test(seen) && !hasWholeTraceback(own);
    parts.push(seen, ...(failed.length === 1 && !hasText(own) ? shown(output) : shown(own)));
  }
  // What was printed before, at the start, may explain what nothing else does.
  const earlier = found.size > 0 ? [] : diagnose('verify', output.join('\n'), subject.context, maxDiagnoses);
  const several = failed.length > 1;
  const hints = [
    ...[...found.values()].map((diagnosis) =>
      several
        ? `${diagnosis.requests.join(', ')}: ${formatDiagnoses([diagnosis])}`
        : formatDiagnoses([diagnosis]),
    ),
    ...(earlier.length > 0 ? [formatDiagnoses(earlier)] : []),
    ...(isHidden
      ? [
          'It printed no traceback: some frameworks keep exceptions to themselves unless their debug mode or their logging of exceptions is on.',
        ]
      : []),
    ...(isExplained || earlier.length > 0 ? [] : [`See \`verify.http\` of ${configPath} in ${configFile}.`]),
  ];
  return asError(subject, parts, hints.join('\n'), only?.cause);
}

/** The last lines of an output, as a part of a message. */
function shown(output: readonly string[]): string[] {
  const last = output.filter((line) => line.trim() !== '').slice(-shownLines);
  return last.length === 0 ? [] : [`Its last output:\n${last.map((line) => `  | ${line}`).join('\n')}`];
}

function hasText(output: readonly string[]): boolean {
  return output.some((line) => line.trim() !== '');
}

function asError(
  subject: Subject,
  parts: readonly string[],
  hint: string | undefined,
  cause: unknown,
): PyInstallerError {
  return new PyInstallerError(
    'ERR_VERIFY',
    `Verifying the frozen backend ${subject.name}: ${parts.join('\n')}`,
    {
      backend: subject.name,
      file: subject.context.configFile,
      path: subject.context.configPath,
      hint,
      cause,
    },
  );
}

/** What the runtime says about a failure, without its advice. */
export function describeBackendError({
  message,
  hint,
  code,
}: Pick<BackendError, 'message' | 'hint' | 'code'>): string {
  return `${hint === null ? message : message.replace(`\n${hint}`, '')} (${code}).`;
}

/** {@link verifyError} for what the runtime threw. Its hint is for users of the app; a diagnosis of the output goes before it. */
export function fromBackendError(
  subject: Subject,
  doing: string,
  error: unknown,
  output: readonly string[],
): PyInstallerError {
  if (!isBackendError(error)) {
    return verifyError(subject, {
      seen: `${doing}: ${error instanceof Error ? error.message : String(error)}`,
      output,
      cause: error,
    });
  }
  const { hint, code } = error;
  return verifyError(subject, {
    seen: `${doing}: ${describeBackendError(error)}`,
    output: error.tail.length > output.length ? error.tail : output,
    cause: error,
    // Nobody calls the app's functions on a command line.
    ...(hint === null || code === 'E_CRASH_LOOP' ? {} : { hint }),
  });
}
