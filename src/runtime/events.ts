import type { BackendError } from './errors.js';

/** The states of a backend. */
export type BackendState =
  /** Never started. */
  | 'idle'
  /** On its way; `phase` says how far. */
  | 'starting'
  /** Proved to answer. */
  | 'ready'
  /** Alive but not answering its health probes. */
  | 'degraded'
  /** Ended by itself; waiting before the next attempt. No process. */
  | 'backoff'
  /** Given up; needs a person. */
  | 'failed'
  /** Being stopped. */
  | 'stopping'
  /** Stopped because somebody asked. */
  | 'stopped';

/** Finer position inside a state. */
export type BackendPhase =
  /** Looking for the program, choosing an address. */
  | 'preflight'
  /** Comparing the bundle with the manifest. */
  | 'verifying'
  | 'spawning'
  /** Waiting for the backend's own words. */
  | 'handshaking'
  /** Asking whether it answers. */
  | 'probing'
  /** Asked to end; given time. */
  | 'graceful'
  /** Told to end (SIGTERM). */
  | 'terminate'
  /** Being killed. */
  | 'kill'
  /** The program ended; looking for what it left. */
  | 'sweeping';

/** Where a ready backend answers. */
export type BackendAddress =
  | { readonly type: 'tcp'; readonly host: string; readonly port: number; readonly url: string }
  | { readonly type: 'unix'; readonly path: string }
  | { readonly type: 'none' };

/** What is known about the process of a ready backend. */
export interface ReadyInfo {
  readonly address: BackendAddress;
  /** Process id of Python. */
  readonly pid: number | null;
  /** Process id that was spawned: PyInstaller's bootloader in a onefile program, else equal to `pid`. */
  readonly bootPid: number | null;
  /** Version of Python, when the backend said it. */
  readonly python: string | null;
}

/** Payloads of the events, by name. All are plain data but for errors; none holds the token. */
export interface BackendEvents {
  /** The state changed. `prev` of each event is `next` of the one before. */
  state: {
    readonly prev: BackendState;
    readonly next: BackendState;
    /** Wall-clock milliseconds, for display only. */
    readonly at: number;
    readonly generation: number;
    readonly reason: string;
  };
  /** Once per generation, after the backend proved itself. */
  ready: ReadyInfo & {
    readonly generation: number;
    readonly url: string | null;
    readonly socketPath: string | null;
    readonly startupMs: number;
    /** Milliseconds spent in each phase of the start. */
    readonly phases: Readonly<Partial<Record<BackendPhase, number>>>;
  };
  /** The start takes longer than `ready.slowAfterMs`. */
  'slow-start': {
    readonly elapsedMs: number;
    readonly phase: BackendPhase | null;
    readonly generation: number;
  };
  /** What the backend says it is doing. */
  status: { readonly text: string; readonly percent: number | null; readonly generation: number };
  /** Health probes fail, confirmed in a second window. */
  unhealthy: { readonly failures: number; readonly lastError: string; readonly generation: number };
  recovered: { readonly downMs: number; readonly generation: number };
  /** A process ended. `expected`: because we asked. */
  exit: {
    readonly code: number | null;
    readonly signal: string | null;
    readonly expected: boolean;
    readonly uptimeMs: number;
    readonly generation: number;
    readonly tail: readonly string[];
  };
  restarting: {
    readonly attempt: number;
    readonly max: number;
    readonly delayMs: number;
    readonly cause: BackendError;
    readonly generation: number;
  };
  /** Given up; only `start()` or `restart()` leave this state. */
  failed: { readonly error: BackendError };
  /** `forced`: it did not end by itself but was killed, by the supervisor or by its companion when the grace period was over. */
  stopped: { readonly tookMs: number; readonly forced: boolean };
  /** One line of output. `progress`: replaced by the next one (a progress bar drawn with carriage returns). */
  log: {
    readonly stream: 'stdout' | 'stderr';
    readonly line: string;
    readonly truncated: boolean;
    readonly progress: boolean;
    readonly generation: number;
  };
  /** An event of a `stdio` backend. */
  message: { readonly event: string; readonly data: unknown; readonly generation: number };
}
