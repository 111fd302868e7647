import { BackendError, starting, theBackend } from '../errors.js';
import { diagnoseExit } from './exit-diagnosis.js';
import type { ExitEvidence } from './exit-diagnosis.js';
import type { Failure } from './machine.js';

/** Advice when the program and the app do not understand each other. */
export const buildAgain = 'Build the app again with the installed version of electron-pyinstaller.';

/** What is known about the generation a failure happened in. */
export interface FailureEvidence extends Pick<ExitEvidence, 'crash' | 'outOfMemory' | 'builtFor'> {
  readonly name: string;
  readonly tail: readonly string[];
  readonly logFile?: string | null;
  readonly greeted: boolean;
  /** What the backend last said it was doing. */
  readonly lastStatus: string | null;
  /** What came of the last question whether it is ready. */
  readonly lastAnswer?: string | null;
  /** What the system said when it would not end a process. */
  readonly refusal?: string | null | undefined;
  /** The system chooses the port. */
  readonly announces?: boolean;
  /** A program that serves by itself has yet to say where. */
  readonly awaitsAddress?: boolean;
  readonly program: 'frozen' | 'development';
  readonly mode: 'onedir' | 'onefile' | null;
}

/** Turn a failure the state machine found into an error that says what was done, what was seen and what to do. Pure. */
export function describeFailure(failure: Failure, evidence: FailureEvidence): BackendError {
  const { name } = evidence;
  const common = {
    phase: failure.phase,
    generation: failure.generation,
    exitCode: failure.exitCode,
    signal: failure.signal,
    tail: evidence.tail,
    cause: failure.cause ?? undefined,
  };
  switch (failure.code) {
    case 'E_START_TIMEOUT': {
      const doing = evidence.lastStatus === null ? '' : `; it last said: ${evidence.lastStatus}`;
      const answer = typeof evidence.lastAnswer === 'string' ? `: ${evidence.lastAnswer}` : '';
      return new BackendError(
        failure.code,
        `${starting(name)}: not ready after ${seconds(failure.elapsedMs)} (phase: ${failure.phase ?? '?'}${doing})${answer}`,
        { ...common, hint: timeoutHints[failure.phase ?? ''] ?? timeoutHint(evidence) },
      );
    }
    case 'E_START_EXIT':
    case 'E_CRASH': {
      const isStart = failure.code === 'E_START_EXIT';
      const { exitCode, signal } = failure;
      const ended = signal === null ? `exit code ${exitCode ?? '?'}` : `signal ${signal}`;
      const diagnosis = diagnoseExit({ ...evidence, exitCode, signal });
      const doing = isStart ? `${starting(name)}: it ended` : `${theBackend(name)} ended by itself`;
      const lastLine = evidence.tail.findLast((line) => line.trim() !== '' && !pointsUp.test(line));
      const why = diagnosis?.reason ?? (lastLine === undefined ? null : `its last words: ${lastLine.trim()}`);
      return new BackendError(
        isStart ? (diagnosis?.code ?? 'E_START_EXIT') : 'E_CRASH',
        `${doing} after ${seconds(failure.elapsedMs)} with ${ended}${why === null ? '' : `: ${why}`}`,
        {
          ...common,
          detail: diagnosis?.stack && { stack: diagnosis.stack },
          // After a successful start the same words are more likely about something optional.
          retryable: isStart ? (diagnosis?.retryable ?? undefined) : undefined,
          hint:
            diagnosis?.hint ??
            (evidence.logFile ? `See ${evidence.logFile} for its last output.` : undefined),
        },
      );
    }
    case 'E_CRASH_LOOP':
      return new BackendError(
        failure.code,
        `${theBackend(name)} ended too often and is not restarted any more; last: ${failure.cause?.message ?? 'unknown'}`,
        { ...common, hint: 'Call start() to try again.' },
      );
    case 'E_UNHEALTHY':
      return new BackendError(
        failure.code,
        `${theBackend(name)} is alive but does not answer: ${failure.lastProbe ?? 'health probes failed'}`,
        {
          ...common,
          hint: 'It is restarted. If it is busy rather than stuck, set `health.timeoutMs` higher.',
        },
      );
    case 'E_STOP_FAILED':
      return new BackendError(
        failure.code,
        `Stopping the backend "${name}": after ${seconds(failure.elapsedMs)} these processes are still alive: ${failure.survivors.join(', ')}`,
        {
          ...common,
          detail: failure.survivors,
          hint: evidence.refusal
            ? `The system would not end them: ${evidence.refusal}`
            : 'They wait for a device or a network drive; they end when it answers.',
        },
      );
    case 'E_STOPPED':
    default:
      return new BackendError('E_STOPPED', `${theBackend(name)} was stopped`, common);
  }
}

/** Lines that follow the reason instead of being it: uvicorn's, the companion's, PyInstaller's. */
const pointsUp = /Application startup failed|the reason is above$|Failed to execute script/;

const timeoutHints: Readonly<Record<string, string>> = {
  verifying: "Comparing the bundle with the manifest took too long: use integrity 'exe' or 'cached'.",
  probing:
    'Python runs: check that `ready.http` answers with a status below 400 (or `ready.status`), and that it listens on 127.0.0.1, at the port it announced or was given with {port}.',
};

function timeoutHint({ greeted, awaitsAddress }: FailureEvidence): string {
  if (greeted && awaitsAddress === true)
    return 'It never announced an address: call electron_pyinstaller.ready(port), or set `address: { port: … }` and pass {port} in `run.args`. If it is slow: raise `ready.timeoutMs`.';
  return greeted
    ? 'Python runs but the application is not ready: move slow work out of the import, call extend(), or raise `ready.timeoutMs`.'
    : 'Python did not even begin: a virus scanner may be looking at it, or it does not speak the protocol.';
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
