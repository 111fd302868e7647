import { PyInstallerError } from '../errors.js';
import { isBackendError } from '../runtime/errors.js';
import { diagnose, formatDiagnoses } from '../advice/diagnose.js';
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
  const last = output.filter((line) => line.trim() !== '').slice(-shownLines);
  const parts = [`Verifying the frozen backend ${subject.name}: ${failed.seen}`];
  if (last.length > 0) parts.push(`Its last output:\n${last.map((line) => `  | ${line}`).join('\n')}`);
  const hint = diagnoses.length > 0 ? formatDiagnoses(diagnoses) : failed.hint;
  return new PyInstallerError('ERR_VERIFY', parts.join('\n'), {
    backend: subject.name,
    file: subject.context.configFile,
    path: subject.context.configPath,
    ...(hint === undefined ? {} : { hint }),
    ...(failed.cause === undefined ? {} : { cause: failed.cause }),
  });
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
  const { hint, message } = error;
  const seen = hint === null ? message : message.replace(`\n${hint}`, '');
  return verifyError(subject, {
    seen: `${doing}: ${seen} (${error.code}).`,
    output: error.tail.length > output.length ? error.tail : output,
    cause: error,
    ...(hint === null ? {} : { hint }),
  });
}
