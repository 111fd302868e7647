/** What a run of the fault suite measured. */
import type { ProgramVersions, ReliabilityRow } from '../../test/runtime/faults/rows.ts';

/** Milliseconds. */
export interface Lag {
  readonly p50: number;
  readonly p90: number;
  readonly max: number;
}

/** The last line that bench/ready-lag.ts prints. */
export interface LagResult {
  readonly rounds: number;
  readonly announced: Lag;
  readonly polled: Lag;
  readonly ratio: number;
}

/** The machine, without anything that names it. */
export interface Machine {
  /** Begins with their number. */
  readonly processors: string;
  readonly memory: string;
  readonly system: string;
  readonly node: string;
  /** Averages of 1, 5 and 15 minutes. */
  readonly load: string;
}

export interface Measured {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: ProgramVersions;
  readonly rows: readonly ReliabilityRow[];
  /** The readiness lag as it comes on this machine. */
  readonly lag: LagResult;
  /** The same with real-time scheduling, where the system has it, several times. */
  readonly undisturbed: readonly LagResult[];
  /** Programs that wanted a processor when the lag was measured. */
  readonly lagLoad: string;
  readonly passed: number;
  readonly skipped: number;
  /** The line the search for tokens ends with. */
  readonly tokens: string;
}

/** The last try of each row counts. */
export function lastTries(rows: readonly ReliabilityRow[]): readonly ReliabilityRow[] {
  return Array.from(new Map(rows.map((row) => [`${row.number} ${row.fault} ${row.program}`, row])).values());
}
