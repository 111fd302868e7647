import type { SerializedBackendError } from '../errors.js';
import type { BackendPhase, BackendState } from '../events.js';
import type { BackendKind } from '../manifest.js';

/** Snapshot of a backend as plain data: may be sent to a renderer. Never holds the token. */
export interface BackendStatus {
  readonly name: string;
  readonly kind: BackendKind;
  readonly state: BackendState;
  readonly phase: BackendPhase | null;
  /** Number of the current or last spawn; 0: none yet. */
  readonly generation: number;
  /** Base URL while it answers over TCP. */
  readonly url: string | null;
  readonly socketPath: string | null;
  /** Process id of Python. */
  readonly pid: number | null;
  readonly bootPid: number | null;
  /** Wall-clock milliseconds of the last change of state; for display. */
  readonly since: number;
  /** What the backend last said it was doing. */
  readonly text: string | null;
  readonly percent: number | null;
  /** Why it failed, or why it is being restarted. */
  readonly error: SerializedBackendError | null;
  /** A backend the developer started, not us. */
  readonly attached: boolean;
}
