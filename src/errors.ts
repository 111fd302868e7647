/**
 * Every code a {@link PyInstallerError} can carry. Build time only; the runtime has its own list in
 * `runtime/errors.ts`.
 */
export type PyInstallerErrorCode =
  /** The configuration is missing, unreadable, or has an unknown key, a wrong type or an impossible combination. */
  | 'ERR_CONFIG'
  /** No usable Python interpreter was found, or the one found is unusable (version, architecture, no libpython). */
  | 'ERR_PYTHON'
  /** The Python environment could not be created or filled. */
  | 'ERR_ENVIRONMENT'
  /** Something the configuration names (module, data file, hook, distribution) does not exist. */
  | 'ERR_NOT_FOUND'
  /** PyInstaller failed, or reported success for a bundle that cannot work. */
  | 'ERR_FREEZE'
  /** The frozen program was run and did not pass. */
  | 'ERR_VERIFY'
  /** The bundle cannot be made for the requested platform and architecture on this machine. */
  | 'ERR_TARGET'
  /** A frozen backend could not be put into, or was not found in, the packaged app. */
  | 'ERR_PLACE'
  /** The cache folder cannot be used (read-only, disk full, damaged). */
  | 'ERR_CACHE'
  /** The operation was cancelled. */
  | 'ERR_CANCELLED';

/** What else a {@link PyInstallerError} knows; programs may read it, people read the message. */
export interface PyInstallerErrorDetails {
  /** Name of the backend concerned. */
  readonly backend?: string | undefined;
  /** Configuration file (or other place) concerned, absolute. */
  readonly file?: string | undefined;
  /** Path inside the configuration, for example `backends.engine.hiddenImports[2]`. */
  readonly path?: string | undefined;
  /** What to do next: one or more complete sentences or edits. Also part of the message. */
  readonly hint?: string | undefined;
  /** Absolute path of the full log. */
  readonly log?: string | undefined;
  /** The error underneath. */
  readonly cause?: unknown;
}

/**
 * Error of the build side (freezing, placing, verifying).
 *
 * The message has three parts: what was being done, what was seen, what to do next. Compare `code`, not the class:
 * two copies of the package may be loaded.
 * The hosts reject with a plain error of the same message and `code` (`src/hosts/shared/plain-error.ts`).
 */
export class PyInstallerError extends Error {
  override readonly name = 'PyInstallerError';
  /** Stable, machine-readable reason. */
  readonly code: PyInstallerErrorCode;
  readonly backend: string | undefined;
  readonly file: string | undefined;
  readonly path: string | undefined;
  readonly hint: string | undefined;
  readonly log: string | undefined;

  constructor(code: PyInstallerErrorCode, message: string, details: PyInstallerErrorDetails = {}) {
    const parts = [message];
    if (details.hint !== undefined) parts.push(details.hint);
    if (details.log !== undefined) parts.push(`Full log: ${details.log}`);
    super(parts.join('\n'), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.backend = details.backend;
    this.file = details.file;
    this.path = details.path;
    this.hint = details.hint;
    this.log = details.log;
  }
}

/** Tell whether a value is a {@link PyInstallerError}, also one of another copy of this package. */
export function isPyInstallerError(value: unknown): value is PyInstallerError {
  return value instanceof Error && value.name === 'PyInstallerError' && 'code' in value;
}
