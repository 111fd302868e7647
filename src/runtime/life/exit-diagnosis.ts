import type { BackendErrorCode } from '../errors.js';
import { stripAnsi } from '../log/ansi.js';
import { failureRows, findFailures, installAgain } from './failure-rows.js';
import type { FailureContext, FailureRow, FoundFailure } from './failure-rows.js';
import { nativeCrash } from './native-crash.js';
import type { BuiltFor, CrashOutput } from './native-crash.js';

/** What an exit and the last words of a backend say about the cause. */
export interface ExitDiagnosis {
  /** A more telling code than the general one; null: keep it. */
  readonly code: BackendErrorCode | null;
  /** False: trying again cannot help. Null: as the code says. */
  readonly retryable: boolean | null;
  /** A clause: what happened. */
  readonly reason: string;
  /** What to do next, with the configuration's own words; left out: look into the log. */
  readonly hint?: string;
  /** Of Python, where native code crashed; the innermost frame first. */
  readonly stack?: readonly string[] | undefined;
}

/** What is known about the end of a backend. */
export interface ExitEvidence extends Pick<FailureContext, 'program' | 'mode' | 'greeted' | 'announces'> {
  readonly name: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly tail: readonly string[];
  /** What Python's faulthandler printed. */
  readonly crash?: CrashOutput | undefined;
  /** What the packages in the bundle ask of the processor. */
  readonly builtFor?: BuiltFor | undefined;
  /** The system's out-of-memory killer was at work while it ran. */
  readonly outOfMemory?: boolean;
}

/** Find the cause of an end in what was seen. Pure; null when nothing is known. */
export function diagnoseExit(evidence: ExitEvidence): ExitDiagnosis | null {
  const { exitCode, signal, greeted, tail, program } = evidence;
  const crash = nativeCrash(exitCode, signal, evidence.crash, evidence.builtFor);
  if (crash !== null)
    return {
      code: null,
      retryable: crash.isFinal ? false : null,
      reason: crash.reason,
      stack: evidence.crash?.stack,
    };
  const text = stripAnsi(tail.join('\n'));
  // What nobody caught has the last traceback: what it was raised from, or was logged before, counts only when that says nothing.
  const found =
    firstFailure(text.slice(text.lastIndexOf('Traceback (most') + 1), evidence) ??
    firstFailure(text, evidence);
  if (found !== null) {
    const { row, match, cause, edit } = found;
    const isFinal =
      row.isFinal === 'always' ||
      (row.isFinal === 'last' && tail.slice(-5).some((line) => stripAnsi(line).includes(match)));
    return { code: row.code ?? null, retryable: isFinal ? false : null, reason: cause, hint: edit };
  }
  if (!greeted && program === 'frozen' && (exitCode === 126 || exitCode === 127 || exitCode === 255)) {
    return {
      code: 'E_EXE_CORRUPT',
      retryable: false,
      reason: 'the program could not be loaded',
      hint: installAgain,
    };
  }
  if (signal === 'SIGKILL') {
    return {
      code: null,
      retryable: null,
      reason: `${evidence.outOfMemory ? 'the system killed it' : 'something killed it; often the system,'} for lack of memory`,
      hint: 'Look into the system log for the out-of-memory killer.',
    };
  }
  return null;
}

/** By the order of the table; of the places that its row matches the last, because the ones before may have been dealt with. */
function firstFailure(text: string, evidence: ExitEvidence): FoundFailure<FailureRow> | null {
  let found: FoundFailure<FailureRow> | null = null;
  for (const next of findFailures<FailureRow>(Object.values(failureRows), text, runtimeContext(evidence))) {
    if (found !== null && found.row !== next.row) break;
    found = next;
  }
  return found;
}

/** What to do about a module that a backend itself says it misses. */
export function missingModuleHint(module: string, name: string, program: ExitEvidence['program']): string {
  const context = runtimeContext({ name, program, mode: null, greeted: true });
  return failureRows['missing-module'].edit([module], context);
}

function runtimeContext({
  name,
  program,
  mode,
  greeted,
  announces,
}: Pick<ExitEvidence, 'name' | 'program' | 'mode' | 'greeted' | 'announces'>): FailureContext {
  const place = `backends.${name}`;
  const again = program === 'frozen' ? ', and build again' : '';
  return {
    place,
    program,
    mode,
    greeted,
    announces,
    add: (line) => `Add \`${line}\` to ${place} in the configuration${again}.`,
    packageOf: (module) => `the package ${module} is from`,
  };
}
