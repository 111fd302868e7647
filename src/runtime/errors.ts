/** Why a backend could not be started, kept running, talked to or stopped. */
export type BackendErrorCode =
  /** The manifest is missing, unreadable, of another version, or does not know this backend. */
  | 'E_MANIFEST'
  /** The program (or its working directory, or the interpreter it needs) does not exist. */
  | 'E_EXE_MISSING'
  /** The program exists but may not be executed. */
  | 'E_EXE_NOT_EXECUTABLE'
  /** The program is damaged: a file differs from the manifest, or the system or the bootloader cannot load it. */
  | 'E_EXE_CORRUPT'
  /** A onefile program could not unpack itself: the temporary folder is full or does not allow execution. */
  | 'E_TEMP_UNUSABLE'
  /** The system is out of processes, descriptors or memory. */
  | 'E_SPAWN_LIMIT'
  /** The program could not be spawned for another reason. */
  | 'E_SPAWN'
  /** The port the backend needs is taken by another program. */
  | 'E_PORT_BUSY'
  /** The backend did not become ready in time; `phase` says how far it came. */
  | 'E_START_TIMEOUT'
  /** The backend ended before it was ready. */
  | 'E_START_EXIT'
  /** The backend said itself that it cannot start and that trying again is useless. */
  | 'E_FATAL'
  /** What the backend said does not follow the protocol, or it could not prove that it is ours. */
  | 'E_HANDSHAKE'
  /** A ready backend ended by itself. */
  | 'E_CRASH'
  /** The backend ended too often; it is not restarted any more. */
  | 'E_CRASH_LOOP'
  /** The backend is alive but does not answer, and the policy is to restart it. */
  | 'E_UNHEALTHY'
  /** The backend is stopped, or was stopped while somebody waited for it. */
  | 'E_STOPPED'
  /** Processes survived SIGKILL; the message lists them. */
  | 'E_STOP_FAILED'
  /** The object was used after `dispose`. */
  | 'E_DISPOSED'
  /** The method does not fit the backend's kind, e.g. `fetch` on a job. */
  | 'E_KIND'
  /** A request to a `stdio` backend was answered with an error; `detail` carries it. */
  | 'E_REMOTE'
  /** A job or a request did not end in time. */
  | 'E_TIMEOUT'
  /** The caller may not do this, e.g. a page of another origin. */
  | 'E_FORBIDDEN';

/** Whether the supervisor may try again by itself after this error. */
const retryableCodes: ReadonlySet<BackendErrorCode> = new Set([
  'E_SPAWN_LIMIT',
  'E_PORT_BUSY',
  'E_START_TIMEOUT',
  'E_START_EXIT',
  'E_CRASH',
  'E_UNHEALTHY',
]);

/** Mistakes of the program that calls: where it does so helps. */
const callerCodes: ReadonlySet<BackendErrorCode> = new Set(['E_DISPOSED', 'E_KIND', 'E_FORBIDDEN']);

/** What else a {@link BackendError} knows. */
export interface BackendErrorDetails {
  /** Overrides what follows from the code. */
  readonly retryable?: boolean | undefined;
  /** What the supervisor was doing, e.g. `verifying` or `handshaking`. */
  readonly phase?: string | null | undefined;
  /** Which spawn it was; counts from 1. */
  readonly generation?: number | undefined;
  readonly exitCode?: number | null | undefined;
  readonly signal?: string | null | undefined;
  /** Last output lines of the backend, secrets removed. */
  readonly tail?: readonly string[] | undefined;
  /** What to do next. Also part of the message. */
  readonly hint?: string | undefined;
  /** Machine-readable extra, e.g. the answer of a remote error. */
  readonly detail?: unknown;
  readonly cause?: unknown;
}

/** A {@link BackendError} as plain data: what goes to a renderer over IPC. Holds no secret. */
export interface SerializedBackendError {
  readonly name: 'BackendError';
  readonly code: BackendErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly phase: string | null;
  readonly generation: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly hint: string | null;
  readonly tail: readonly string[];
}

/**
 * Error of the runtime.
 *
 * Compare `code`, not the class: an app may hold two copies of this package (ESM and CommonJS).
 *
 * @example
 * ```ts
 * try {
 *   await engine.start();
 * } catch (error) {
 *   if (isBackendError(error)) dialog.showErrorBox(error.code, `${error.message}\n${error.tail.join('\n')}`);
 * }
 * ```
 */
export class BackendError extends Error {
  override readonly name = 'BackendError';
  /** Stable, machine-readable reason. */
  readonly code: BackendErrorCode;
  /** True: the supervisor may try (or is already trying) again by itself. */
  readonly retryable: boolean;
  readonly phase: string | null;
  /** Which spawn failed, counted from 1; 0 when there was none. */
  readonly generation: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Last output lines of the backend, secrets removed. */
  readonly tail: readonly string[];
  readonly hint: string | null;
  readonly detail: unknown;

  constructor(code: BackendErrorCode, message: string, details: BackendErrorDetails = {}) {
    super(
      details.hint === undefined ? message : `${message}\n${details.hint}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.retryable = details.retryable ?? retryableCodes.has(code);
    this.phase = details.phase ?? null;
    this.generation = details.generation ?? 0;
    this.exitCode = details.exitCode ?? null;
    this.signal = details.signal ?? null;
    this.tail = details.tail ?? [];
    this.hint = details.hint ?? null;
    this.detail = details.detail;
    // Whoever does not catch it reads what happened, and no list of our own files; what is for programs is not printed either.
    if (!callerCodes.has(code)) this.stack = `${this.name} [${code}]: ${this.message}`;
    for (const key of Object.keys(this))
      if (key !== 'code') Object.defineProperty(this, key, { enumerable: false });
  }

  /** Plain data for IPC and logs. */
  toJSON(): SerializedBackendError {
    return {
      name: 'BackendError',
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      phase: this.phase,
      generation: this.generation,
      exitCode: this.exitCode,
      signal: this.signal,
      hint: this.hint,
      tail: this.tail,
    };
  }
}

/** Tell whether a value is a {@link BackendError}, also one of another copy of this package. */
export function isBackendError(value: unknown): value is BackendError {
  return value instanceof Error && value.name === 'BackendError' && 'code' in value;
}

/** What anything thrown says. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Beginning of most messages. */
export function starting(name: string): string {
  return `Starting the backend "${name}"`;
}

/** Beginning of the others. */
export function theBackend(name: string): string {
  return `The backend "${name}"`;
}

/** Turn anything thrown into a {@link BackendError}, keeping it as `cause`. */
export function toBackendError(
  value: unknown,
  code: BackendErrorCode,
  doing: string,
  details: BackendErrorDetails = {},
): BackendError {
  if (isBackendError(value)) return value;
  return new BackendError(code, `${doing}: ${messageOf(value)}`, { ...details, cause: value });
}
