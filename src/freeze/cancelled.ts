import type { ResolvedBackend } from '../config/resolved.js';
import { PyInstallerError } from '../errors.js';

/** The error of a freeze that somebody cancelled. */
export function cancelled(backend: ResolvedBackend, cause: unknown): PyInstallerError {
  return new PyInstallerError(
    'ERR_CANCELLED',
    `Freezing backend ${backend.name} was cancelled; nothing half made was kept.`,
    { backend: backend.name, cause },
  );
}
