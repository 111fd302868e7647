import type { Readable, Writable } from 'node:stream';
import type { Conversation } from '../talk/conversation.js';
import type { BackendError } from '../errors.js';
import type { BackendAddress, BackendPhase, ReadyInfo } from '../events.js';
import type { Failure } from './machine.js';

/** What one generation reports while it lives. Ignored after {@link Operator.release}. */
export interface OperatorReports {
  phase(phase: BackendPhase): void;
  /** The spawn failed after all (most reasons are told a moment later): there is no process. */
  notSpawned(error: BackendError): void;
  /** The attempt failed although the process lives. */
  failed(error: BackendError): void;
  /** All conditions of readiness hold, for this very process. */
  proved(info: ReadyInfo): void;
  extend(ms: number): void;
  exit(code: number | null, signal: string | null): void;
  /** The step of the stop that just began can achieve nothing on this system. */
  stepUseless(): void;
  status(text: string, percent: number | null): void;
  log(line: {
    readonly stream: 'stdout' | 'stderr';
    readonly line: string;
    readonly truncated: boolean;
    readonly progress: boolean;
  }): void;
  message(event: string, data: unknown): void;
}

/** How a ready backend is talked to. */
export interface Connection {
  readonly address: BackendAddress;
  readonly token: string;
  /** Who answers there can prove that they have the token. */
  readonly proves: boolean;
  /** Aborted when the generation ends. */
  readonly signal: AbortSignal;
  /** Of a `stdio` backend with `json-lines`. */
  readonly conversation: Conversation | null;
  readonly stdin: Writable | null;
  /** Of a `stdio` backend with `raw`. */
  readonly stdout: Readable | null;
}

/** Does the work of one generation: everything that touches the system. Replaced by a fake one in tests. */
export interface Operator {
  /** Null while the backend does not answer. */
  readonly connection: Connection | null;
  /** Locate, verify, choose an address. Rejects with a {@link BackendError}. */
  check(): Promise<void>;
  /** Spawn; throws a {@link BackendError} when there is no process. From then on `exit` is reported exactly once. */
  spawn(): void;
  /** Begin a step of the stop. Must not throw. */
  end(step: 'graceful' | 'terminate' | 'kill' | 'final'): void;
  /** End what the exited program left; resolves with the process ids that could not be ended. Never rejects. */
  sweep(patient: boolean): Promise<readonly number[]>;
  /** One health probe; rejects with the reason. */
  probe(): Promise<void>;
  /** Make an error out of what the machine saw, with output tail and diagnosis. */
  describe(failure: Failure): BackendError;
  /** Last output lines. */
  tail(): readonly string[];
  /** Close everything that is still open. Idempotent. */
  release(): void;
}

/** Makes the operator of a generation. */
export type OperatorFactory = (generation: number, reports: OperatorReports) => Operator;
