import { BackendError } from '../../../src/runtime/errors.js';
import type { Failure } from '../../../src/runtime/life/machine.js';
import type { Connection, Operator, OperatorReports } from '../../../src/runtime/life/operator.js';
import type { FakeClock } from './fake-clock.js';

/** What one generation does. Milliseconds; null: never. */
export interface Script {
  readonly checkMs: number;
  readonly check: 'good' | 'retryable' | 'final';
  readonly spawn: 'good' | 'throws' | 'fails-later';
  readonly readyMs: number | null;
  /** After the spawn. */
  readonly exitMs: number | null;
  readonly exitCode: number | null;
  readonly fatalMs: number | null;
  readonly extendMs: number | null;
  /** Which step of a stop ends it, and how long that takes. */
  readonly endsBy: 'graceful' | 'terminate' | 'kill' | 'final' | 'never';
  readonly endMs: number;
  readonly sweepMs: number;
  /** How many sweeps find something that cannot be killed. */
  readonly survivors: number;
  /** Each further probe; the last for ever. */
  readonly probes: readonly ('good' | 'bad' | 'hangs')[];
  /** So long after its end its last words arrive. */
  readonly lateMs: number | null;
  readonly stepUseless: boolean;
}

/** What all generations of a run did, for the invariants. */
export interface Journal {
  readonly clock: FakeClock;
  readonly probeTimeoutMs: number;
  /** Generations with a living process. */
  readonly alive: Set<number>;
  readonly violations: string[];
  /** Per generation the steps of its stop, in order. */
  readonly steps: Map<number, string[]>;
  readonly proved: Set<number>;
  spawns: number;
}

/** A generation that follows a script instead of running a program. */
export class FakeOperator implements Operator {
  readonly connection: Connection | null = null;
  readonly #generation: number;
  readonly #reports: OperatorReports;
  readonly #script: Script;
  readonly #journal: Journal;
  readonly #clock: FakeClock;
  #exited = false;
  #spawned = false;
  #released = false;
  #probes = 0;
  #sweeps = 0;

  constructor(generation: number, reports: OperatorReports, script: Script, journal: Journal) {
    this.#generation = generation;
    this.#reports = reports;
    this.#script = script;
    this.#journal = journal;
    this.#clock = journal.clock;
  }

  async check(): Promise<void> {
    await this.#wait(this.#script.checkMs);
    if (this.#script.check !== 'good')
      throw new BackendError('E_PORT_BUSY', 'busy', { retryable: this.#script.check === 'retryable' });
  }

  spawn(): void {
    const { script, journal, generation } = {
      script: this.#script,
      journal: this.#journal,
      generation: this.#generation,
    };
    if (journal.alive.size > 0)
      journal.violations.push(`I1: ${generation} spawned while ${Array.from(journal.alive).join()} lives`);
    if (this.#spawned) journal.violations.push(`I1: ${generation} spawned twice`);
    if (script.spawn === 'throws') throw new BackendError('E_SPAWN', 'no');
    this.#spawned = true;
    if (script.spawn === 'fails-later') {
      queueMicrotask(() => {
        this.#exited = true;
        this.#reports.notSpawned(new BackendError('E_SPAWN_LIMIT', 'no'));
      });
      return;
    }
    journal.alive.add(generation);
    journal.spawns += 1;
    this.#reports.phase('handshaking');
    this.#later(script.extendMs, () => this.#reports.extend(5000));
    this.#later(script.readyMs, () => {
      journal.proved.add(generation);
      this.#reports.proved({ address: { type: 'none' }, pid: generation + 100, bootPid: null, python: null });
    });
    this.#later(script.fatalMs, () => this.#reports.failed(new BackendError('E_FATAL', 'no use')));
    this.#later(script.exitMs, () =>
      this.#exit(script.exitCode, script.exitCode === null ? 'SIGKILL' : null),
    );
  }

  end(step: 'graceful' | 'terminate' | 'kill' | 'final'): void {
    const { script, journal, generation } = {
      script: this.#script,
      journal: this.#journal,
      generation: this.#generation,
    };
    if (!this.#spawned || (this.#exited && script.survivors === 0))
      journal.violations.push(`I14: ${generation} was told to end (${step}) although it does not live`);
    const steps = journal.steps.get(generation) ?? [];
    steps.push(step);
    journal.steps.set(generation, steps);
    if (step === 'terminate' && script.stepUseless) queueMicrotask(() => this.#reports.stepUseless());
    const order = ['graceful', 'terminate', 'kill', 'final', 'never'];
    if (order.indexOf(step) >= order.indexOf(script.endsBy))
      void this.#wait(script.endMs).then(() =>
        this.#exit(step === 'graceful' ? 0 : null, step === 'graceful' ? null : 'SIGKILL'),
      );
  }

  async sweep(): Promise<readonly number[]> {
    // The real one looks again and again for a second before it gives up.
    await this.#wait(this.#exited ? this.#script.sweepMs : 1000);
    this.#sweeps += 1;
    const survives = this.#sweeps <= this.#script.survivors || !this.#exited;
    if (!survives) this.#journal.alive.delete(this.#generation);
    return survives ? [this.#generation + 1000] : [];
  }

  async probe(): Promise<void> {
    const { probes } = this.#script;
    const kind = probes[Math.min(this.#probes++, probes.length - 1)] ?? 'good';
    if (kind === 'hangs') await this.#wait(this.#journal.probeTimeoutMs);
    if (kind !== 'good') throw new Error('no answer');
  }

  describe(failure: Failure): BackendError {
    return new BackendError(failure.code, failure.code, { generation: failure.generation });
  }

  tail(): readonly string[] {
    return [];
  }

  release(): void {
    this.#released = true;
    const { lateMs } = this.#script;
    if (lateMs === null) return;
    // A process that is gone cannot speak, but its last words may still be on their way.
    void this.#wait(lateMs).then(() => {
      this.#reports.proved({ address: { type: 'none' }, pid: 1, bootPid: null, python: null });
      this.#reports.exit(1, null);
      this.#reports.failed(new BackendError('E_CRASH', 'late'));
      this.#reports.extend(1e6);
      this.#reports.phase('probing');
    });
  }

  #exit(code: number | null, signal: string | null): void {
    if (this.#exited) return;
    this.#exited = true;
    this.#reports.exit(code, signal);
  }

  #later(ms: number | null, callback: () => void): void {
    if (ms === null) return;
    void this.#wait(ms).then(() => {
      if (!this.#exited && !this.#released) callback();
    });
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimer(resolve, ms);
    });
  }
}
