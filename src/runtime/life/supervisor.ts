import { onAbort } from '../aborted.js';
import type { Clock, TimerHandle } from '../clock.js';
import { Emitter } from '../emitter.js';
import { BackendError, toBackendError, messageOf, starting, theBackend } from '../errors.js';
import type { BackendEvents } from '../events.js';
import { afterResumeMs } from './health-policy.js';
import { failure, initialState, step } from './machine.js';
import type { Failure, MachineEffect, MachineEvent, MachineState, MachineTimer } from './machine.js';
import type { RuntimeSettings } from '../manifest.js';
import type { Operator, OperatorFactory, OperatorReports } from './operator.js';
import { stopBoundMs } from './time-limits.js';

/** What the supervisor is made of. */
export interface SupervisorParts {
  readonly name: string;
  readonly clock: Clock;
  /** A number from 0 (included) to 1 (excluded). */
  readonly random: () => number;
  /** Read anew at each step: a start may load other settings. */
  readonly settings: () => RuntimeSettings;
  readonly createOperator: OperatorFactory;
  /** Told about a listener that threw. */
  readonly onListenerError: (error: unknown, event: string) => void;
}

interface Waiter {
  readonly sinceMs: number;
  /** Done with, perhaps before its event was handled. */
  settled: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How long a caller waits. */
export interface WaitOptions {
  /** Ends the waiting; for `start` and `restart` also the attempt, when nobody else waits for it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Drives the state machine: feeds it events one at a time, carries out its effects, keeps its timers and the promises people
 * wait on. Knows nothing about processes; that is the {@link Operator}'s part.
 */
export class Supervisor {
  readonly events: Emitter<BackendEvents>;
  readonly #parts: SupervisorParts;
  readonly #queue: { readonly event: MachineEvent; readonly waiter?: Waiter | undefined }[] = [];
  readonly #timers = new Map<MachineTimer, TimerHandle>();
  readonly #startWaiters = new Set<Waiter>();
  readonly #stopWaiters = new Set<Waiter>();
  #state: MachineState = initialState;
  #operator: Operator | null = null;
  #operatorGeneration = 0;
  #draining = false;
  /** Error of the last attempt of the start people wait for. */
  #lastError: BackendError | null = null;
  #disposed = false;
  #disposal: Promise<void> | null = null;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.events = new Emitter((error, event) => parts.onListenerError(error, event));
  }

  get state(): MachineState {
    return this.#state;
  }

  /** The operator of the current generation; null when none lives. */
  get operator(): Operator | null {
    return this.#operator;
  }

  /** Resolves when ready. See {@link Backend.start}. */
  start(options: WaitOptions = {}): Promise<void> {
    return this.#wait('start', this.#startWaiters, { type: 'start' }, options);
  }

  restart(options: WaitOptions = {}): Promise<void> {
    return this.#wait('restart', this.#startWaiters, { type: 'restart' }, options);
  }

  stop(options: WaitOptions & { readonly graceMs?: number | undefined } = {}): Promise<void> {
    return this.#wait('stop', this.#stopWaiters, { type: 'stop', graceMs: options.graceMs }, options);
  }

  /** The computer goes to sleep (true) or woke up (false). */
  suspend(suspended: boolean): void {
    if (!this.#disposed) this.#dispatch({ type: suspended ? 'suspend' : 'resume' });
  }

  /** Stop and forget; every later call rejects with `E_DISPOSED`. */
  dispose(): Promise<void> {
    this.#disposed = true;
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#dispatch({ type: 'stop' }, { sinceMs: 0, settled: false, resolve, reject });
      });
    } finally {
      for (const timer of this.#timers.keys()) this.#clearTimer(timer);
      this.#operator?.release();
      this.#operator = null;
      this.events.clear();
    }
  }

  #wait(verb: string, waiters: Set<Waiter>, event: MachineEvent, { signal }: WaitOptions): Promise<void> {
    if (this.#disposed) {
      return Promise.reject(
        new BackendError('E_DISPOSED', `${verb}: the backend "${this.#parts.name}" was disposed`),
      );
    }
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      let patience: TimerHandle | null = null;
      const done = (): void => {
        waiter.settled = true;
        forget();
        if (patience !== null) this.#parts.clock.clearTimer(patience);
      };
      const waiter: Waiter = {
        sinceMs: this.#parts.clock.now(),
        settled: false,
        resolve: () => {
          done();
          resolve();
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      const abort = (): void => {
        // Not there yet: called by a listener, it is still in the queue, and nothing has begun that would have to end.
        const begun = waiters.delete(waiter);
        waiter.reject(signal?.reason);
        if (begun && waiters === this.#startWaiters && waiters.size === 0) this.#dispatch({ type: 'stop' });
      };
      const forget = onAbort(signal, abort);
      this.#dispatch(event, waiter);
      if (waiters !== this.#startWaiters) return;
      const wait = (ms: number): void => {
        const dueMs = this.#parts.clock.now() + ms;
        patience = this.#parts.clock.setTimer(() => {
          const moreMs = this.#moreTime(waiter, dueMs);
          if (moreMs > 0) wait(moreMs);
          else if (waiters.delete(waiter)) waiter.reject(this.#lastError ?? this.#describeTimeout(waiter));
        }, ms);
      };
      if (!waiter.settled) wait(this.#patienceMs());
    });
  }

  /** How long a start may take when all goes wrong: something else is stopped first, then the start fails. */
  #patienceMs(): number {
    const { ready, stop } = this.#parts.settings();
    return ready.timeoutMs + stopBoundMs(stop);
  }

  /** Milliseconds to add: what the backend asked for, or what the computer slept. */
  #moreTime(waiter: Waiter, dueMs: number): number {
    const nowMs = this.#parts.clock.now();
    if (nowMs - dueMs > afterResumeMs) return afterResumeMs + Math.max(0, this.#state.deadlineMs - nowMs);
    if (this.#state.name !== 'starting') return 0;
    const extendedMs =
      this.#state.deadlineMs - this.#state.startedAtMs - this.#parts.settings().ready.timeoutMs;
    return waiter.sinceMs + this.#patienceMs() + Math.max(0, extendedMs) - nowMs;
  }

  #describeTimeout(waiter: Waiter): BackendError {
    const { generation, phase } = this.#state;
    const elapsedMs = this.#parts.clock.now() - waiter.sinceMs;
    return this.#describe(failure('E_START_TIMEOUT', generation, { phase, elapsedMs }));
  }

  /**
   * Handle an event after those already queued: a listener that calls `stop()` while effects are carried out must neither
   * interleave with them nor be settled by them.
   */
  #dispatch(event: MachineEvent, waiter?: Waiter): void {
    this.#queue.push({ event, waiter });
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
        this.#handle(next.event, next.waiter);
    } finally {
      this.#draining = false;
    }
  }

  #handle(event: MachineEvent, waiter: Waiter | undefined): void {
    if (waiter?.settled === true && event.type !== 'stop') return;
    const { state, effects } = step(this.#state, event, {
      nowMs: this.#parts.clock.now(),
      random: this.#parts.random(),
      settings: this.#parts.settings(),
      describe: (failure) => this.#describe(failure),
    });
    // A stop rejects those who waited for the start before it; a start must not be settled by effects of its own past.
    if (waiter?.settled === false)
      (event.type === 'stop' ? this.#stopWaiters : this.#startWaiters).add(waiter);
    this.#state = state;
    for (const effect of effects) this.#apply(effect);
  }

  #describe(seen: Failure): BackendError {
    if (this.#operator !== null && seen.code !== 'E_STOPPED') return this.#operator.describe(seen);
    return new BackendError(seen.code, `${theBackend(this.#parts.name)} was stopped before it was ready`, {
      generation: seen.generation,
      phase: seen.phase,
      cause: seen.cause ?? undefined,
    });
  }

  #apply(effect: MachineEffect): void {
    switch (effect.type) {
      case 'check':
        return this.#check(effect.generation);
      case 'spawn':
        return this.#spawn(effect.generation);
      case 'release':
        return this.#release(effect.generation);
      case 'end':
        return this.#operator?.end(effect.step);
      case 'sweep':
        return this.#sweep(effect.generation, effect.patient);
      case 'probe':
        return this.#probe(effect.generation);
      case 'set-timer':
        return this.#setTimer(effect.timer, effect.ms);
      case 'clear-timer':
        return this.#clearTimer(effect.timer);
      case 'settle-start':
        this.#lastError = null;
        return settle(this.#startWaiters, effect.error);
      case 'attempt-over':
        return this.#attemptOver(effect.error);
      case 'settle-stop':
        return settle(this.#stopWaiters, effect.error);
      case 'emit':
        if (effect.name === 'state') this.events.emit('state', { ...effect.payload, at: Date.now() });
        else if (effect.name === 'exit')
          this.events.emit('exit', { ...effect.payload, tail: this.#operator?.tail() ?? [] });
        else this.events.emit(effect.name, effect.payload);
    }
  }

  #attemptOver(error: BackendError): void {
    this.#lastError = error;
    const { timeoutMs } = this.#parts.settings().ready;
    for (const waiter of Array.from(this.#startWaiters)) {
      if (this.#parts.clock.now() - waiter.sinceMs < timeoutMs) continue;
      this.#startWaiters.delete(waiter);
      waiter.reject(error);
    }
  }

  #check(generation: number): void {
    this.#operator?.release();
    const operator = this.#parts.createOperator(generation, this.#reports(generation));
    this.#operator = operator;
    this.#operatorGeneration = generation;
    operator.check().then(
      () => this.#dispatch({ type: 'checked', generation }),
      (error: unknown) => this.#attemptFailed(generation, error),
    );
  }

  #spawn(generation: number): void {
    try {
      this.#operator?.spawn();
    } catch (error) {
      this.#notSpawned(generation, error);
    }
  }

  #notSpawned(generation: number, reason: unknown): void {
    this.#dispatch({ type: 'not-spawned', generation });
    this.#attemptFailed(generation, reason);
  }

  #attemptFailed(generation: number, reason: unknown): void {
    const error = toBackendError(reason, 'E_SPAWN', starting(this.#parts.name), {
      generation,
    });
    this.#dispatch({ type: 'attempt-failed', generation, error });
  }

  #release(generation: number): void {
    if (this.#operatorGeneration === generation) this.#operator?.release();
  }

  #sweep(generation: number, patient: boolean): void {
    const operator = this.#operator;
    if (operator === null) return this.#dispatch({ type: 'gone', generation, survivors: [] });
    void operator.sweep(patient).then((survivors) => this.#dispatch({ type: 'gone', generation, survivors }));
  }

  #probe(generation: number): void {
    const startedMs = this.#parts.clock.now();
    const report = (error: string | null): void =>
      this.#dispatch({ type: 'probed', generation, error, tookMs: this.#parts.clock.now() - startedMs });
    this.#operator?.probe().then(
      () => report(null),
      (error: unknown) => report(messageOf(error)),
    );
  }

  #reports(generation: number): OperatorReports {
    const isCurrent = (): boolean => generation === this.#state.generation;
    return {
      phase: (phase) => this.#dispatch({ type: 'phase', generation, phase }),
      notSpawned: (error) => this.#notSpawned(generation, error),
      failed: (error) => this.#dispatch({ type: 'attempt-failed', generation, error }),
      proved: (info) => this.#dispatch({ type: 'proved', generation, info }),
      extend: (ms) => this.#dispatch({ type: 'extend', generation, ms }),
      exit: (code, signal) => this.#dispatch({ type: 'exit', generation, code, signal }),
      stepUseless: () => this.#dispatch({ type: 'step-useless', generation }),
      status: (text, percent) => {
        if (isCurrent()) this.events.emit('status', { text, percent, generation });
      },
      log: (line) => {
        if (isCurrent()) this.events.emit('log', { ...line, generation });
      },
      message: (event, data) => {
        if (isCurrent()) this.events.emit('message', { event, data, generation });
      },
    };
  }

  #setTimer(timer: MachineTimer, ms: number): void {
    this.#clearTimer(timer);
    const handle = this.#parts.clock.setTimer(() => {
      // A cleared timer never fires; a replaced one must not either.
      if (this.#timers.get(timer) !== handle) return;
      this.#timers.delete(timer);
      this.#dispatch({ type: 'timer', timer });
    }, ms);
    this.#timers.set(timer, handle);
  }

  #clearTimer(timer: MachineTimer): void {
    const handle = this.#timers.get(timer);
    if (handle === undefined) return;
    this.#timers.delete(timer);
    this.#parts.clock.clearTimer(handle);
  }
}

function settle(waiters: Set<Waiter>, error: BackendError | null): void {
  const settled = [...waiters];
  waiters.clear();
  for (const waiter of settled) {
    if (error === null) waiter.resolve();
    else waiter.reject(error);
  }
}
