import type { BackendError } from '../errors.js';
import type { BackendEvents, BackendPhase, BackendState, ReadyInfo } from '../events.js';
import { afterResumeMs, judgeProbe, nextProbeDelay, sleptThrough } from './health-policy.js';
import type { HealthHistory } from './health-policy.js';
import type { RuntimeSettings } from '../manifest.js';
import { decideRestart, emptyHistory, recordRestart } from './restart-policy.js';
import type { RestartHistory } from './restart-policy.js';
import { startDeadline } from './time-limits.js';

/**
 * The life of one backend as a pure function: `step(state, event)` gives the next state and a list of effects. Nothing here
 * waits, spawns or reads a clock, so every interleaving can be tested with virtual time.
 *
 * Every event about a process carries its generation and is dropped when it belongs to an earlier one.
 */
export interface MachineState {
  readonly name: BackendState;
  readonly phase: BackendPhase | null;
  /** Number of the current or last spawn; 0 before the first start. */
  readonly generation: number;
  /**
   * `alive`: spawned, not seen to exit, and wanted. `ending`: the same, but it was told to end. `exited`: the rest of its tree is being
   * looked for. In state `failed` the last three are what survived a stop.
   */
  readonly process: 'none' | 'alive' | 'ending' | 'exited';
  /** How the process ends, while it is `ending` or `exited`. */
  readonly ending: Ending;
  /** Start again as soon as the stop is complete. */
  readonly startNext: boolean;
  readonly history: RestartHistory;
  readonly health: HealthHistory;
  readonly suspended: boolean;
  /** Monotonic time at which the attempt began. */
  readonly startedAtMs: number;
  readonly deadlineMs: number;
  readonly spawnedAtMs: number;
  readonly degradedAtMs: number;
  readonly phaseSinceMs: number;
  readonly phases: Readonly<Partial<Record<BackendPhase, number>>>;
  readonly info: ReadyInfo | null;
  /** Error to show: why it failed, or why it is being restarted. */
  readonly error: BackendError | null;
}

/** How a generation is being ended. */
export interface Ending {
  readonly outcome: 'stopped' | 'retry';
  readonly step: 'graceful' | 'terminate' | 'kill' | 'final' | 'sweep';
  /** Why, when it is not simply a stop. */
  readonly cause: BackendError | null;
  readonly sinceMs: number;
  /** Milliseconds the graceful step may take. */
  readonly graceMs: number;
  /** It was killed, by us or by its companion. */
  readonly forced: boolean;
  readonly exitCode: number | null;
  readonly wasReady: boolean;
}

/** The machine's timers. Setting one replaces it. */
export type MachineTimer = 'deadline' | 'slow' | 'backoff' | 'stable' | 'health' | 'step';

/** What can happen to a backend. */
export type MachineEvent =
  | { readonly type: 'start' }
  | { readonly type: 'restart' }
  | { readonly type: 'stop'; readonly graceMs?: number | undefined }
  | { readonly type: 'phase'; readonly generation: number; readonly phase: BackendPhase }
  /** Located, verified, addressed: may be spawned. */
  | { readonly type: 'checked'; readonly generation: number }
  /** The attempt failed for another reason than an exit. */
  | { readonly type: 'attempt-failed'; readonly generation: number; readonly error: BackendError }
  /** There is no process after all (the spawn failed); comes before `attempt-failed`. */
  | { readonly type: 'not-spawned'; readonly generation: number }
  | { readonly type: 'proved'; readonly generation: number; readonly info: ReadyInfo }
  | { readonly type: 'extend'; readonly generation: number; readonly ms: number }
  | {
      readonly type: 'exit';
      readonly generation: number;
      readonly code: number | null;
      readonly signal: string | null;
    }
  /** The whole tree is gone, but for these. */
  | { readonly type: 'gone'; readonly generation: number; readonly survivors: readonly number[] }
  /** The running step of the stop can achieve nothing on this system. */
  | { readonly type: 'step-useless'; readonly generation: number }
  | {
      readonly type: 'probed';
      readonly generation: number;
      /** null: good. */
      readonly error: string | null;
      readonly tookMs: number;
    }
  | { readonly type: 'timer'; readonly timer: MachineTimer }
  | { readonly type: 'suspend' }
  | { readonly type: 'resume' };

/** What is to be done, in this order. */
export type MachineEffect =
  | { readonly type: 'check'; readonly generation: number }
  | { readonly type: 'spawn'; readonly generation: number }
  /** Forget the generation: no process (any more), close everything that belongs to it. */
  | { readonly type: 'release'; readonly generation: number }
  | {
      readonly type: 'end';
      readonly generation: number;
      readonly step: 'graceful' | 'terminate' | 'kill' | 'final';
    }
  /** Find and end what the exited program left, then report `gone`. `patient`: it may still be ending by itself. */
  | { readonly type: 'sweep'; readonly generation: number; readonly patient: boolean }
  | { readonly type: 'probe'; readonly generation: number }
  | { readonly type: 'set-timer'; readonly timer: MachineTimer; readonly ms: number }
  | { readonly type: 'clear-timer'; readonly timer: MachineTimer }
  /** Those who wait for the start are done. */
  | { readonly type: 'settle-start'; readonly error: BackendError | null }
  /** An attempt failed and another one follows: who has waited long enough is done. */
  | { readonly type: 'attempt-over'; readonly error: BackendError }
  | { readonly type: 'settle-stop'; readonly error: BackendError | null }
  | MachineEmit;

/** An event for the outside. The driver adds what the machine cannot know (wall-clock time, output tail). */
export type MachineEmit = {
  [Name in EmittedName]: {
    readonly type: 'emit';
    readonly name: Name;
    readonly payload: Omit<BackendEvents[Name], 'at' | 'tail'>;
  };
}[EmittedName];

type EmittedName = Exclude<keyof BackendEvents, 'log' | 'status' | 'message'>;

/** What `step` needs besides state and event. */
export interface MachineContext {
  readonly nowMs: number;
  readonly random: number;
  readonly settings: RuntimeSettings;
  /** Makes an error that says what happened in this generation (name, output tail, diagnosis). */
  readonly describe: (failure: Failure) => BackendError;
}

/** An error the machine itself finds. */
export interface Failure {
  readonly code:
    | 'E_START_TIMEOUT'
    | 'E_START_EXIT'
    | 'E_CRASH'
    | 'E_CRASH_LOOP'
    | 'E_UNHEALTHY'
    | 'E_STOPPED'
    | 'E_STOP_FAILED';
  readonly generation: number;
  readonly phase: BackendPhase | null;
  /** Milliseconds this took, or were allowed. */
  readonly elapsedMs: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly survivors: readonly number[];
  readonly cause: BackendError | null;
  /** Text of the last bad probe. */
  readonly lastProbe: string | null;
}

/** A failure of which no more is known than what is given. */
export function failure(
  code: Failure['code'],
  generation: number,
  details: Omit<Partial<Failure>, 'code' | 'generation'> = {},
): Failure {
  const unknown = { phase: null, elapsedMs: 0, exitCode: null, signal: null, cause: null, lastProbe: null };
  return { ...unknown, survivors: [], ...details, code, generation };
}

/** Result of one step. */
export interface MachineStep {
  readonly state: MachineState;
  readonly effects: readonly MachineEffect[];
}

/** The state before the first start. */
export const initialState: MachineState = {
  name: 'idle',
  phase: null,
  generation: 0,
  process: 'none',
  ending: {
    outcome: 'stopped',
    step: 'graceful',
    cause: null,
    sinceMs: 0,
    graceMs: 0,
    forced: false,
    exitCode: null,
    wasReady: false,
  },
  startNext: false,
  history: emptyHistory,
  health: { failures: 0, confirming: false, dueMs: 0 },
  suspended: false,
  startedAtMs: 0,
  deadlineMs: 0,
  spawnedAtMs: 0,
  degradedAtMs: 0,
  phaseSinceMs: 0,
  phases: {},
  info: null,
  error: null,
};

/** It was proved to answer, and nobody ends it. */
export function answers({ name, process }: MachineState): boolean {
  return (name === 'ready' || name === 'degraded') && process === 'alive';
}

/** Somebody ends it, or (after a crash) what it left. */
function isEnding({ process }: MachineState): boolean {
  return process === 'ending' || process === 'exited';
}

/** An attempt to start it that nobody has given up. */
function isAttempt(state: MachineState): boolean {
  return state.name === 'starting' && !isEnding(state);
}

/** Compute what follows from an event. Pure. */
export function step(state: MachineState, event: MachineEvent, context: MachineContext): MachineStep {
  const run = new Step(state, context);
  run.handle(event);
  return { state: run.state, effects: run.effects };
}

/** One step being computed: collects effects while the state moves. */
class Step {
  state: MachineState;
  readonly effects: MachineEffect[] = [];
  readonly #context: MachineContext;

  constructor(state: MachineState, context: MachineContext) {
    this.state = state;
    this.#context = context;
  }

  handle(event: MachineEvent): void {
    if ('generation' in event && event.generation !== this.state.generation) return;
    switch (event.type) {
      case 'start':
        return this.#start();
      case 'restart':
        return this.#restart();
      case 'stop':
        return this.#stop(event.graceMs);
      case 'phase':
        if (isAttempt(this.state)) this.#phase(event.phase);
        return;
      case 'checked':
        return this.#checked();
      case 'not-spawned':
        return this.#notSpawned();
      case 'attempt-failed':
        return this.#attemptFailed(event.error);
      case 'proved':
        return this.#proved(event.info);
      case 'extend':
        return this.#extend(event.ms);
      case 'exit':
        return this.#exit(event.code, event.signal);
      case 'gone':
        return this.#gone(event.survivors);
      case 'step-useless':
        if (this.state.process === 'ending') this.#nextEndStep();
        return;
      case 'probed':
        return this.#probed(event.error, event.tookMs);
      case 'timer':
        return this.#timer(event.timer);
      case 'suspend':
        this.#patch({ suspended: true });
        return this.#clear('health');
      case 'resume':
        return this.#resume();
    }
  }

  // What people ask for.

  #start(): void {
    const { name, process } = this.state;
    switch (name) {
      case 'idle':
      case 'stopped':
      case 'backoff':
        this.#forgiveHistory();
        return this.#begin('start');
      case 'failed':
        this.#forgiveHistory();
        if (process === 'none') return this.#begin('start');
        this.#patch({ startNext: true });
        return this.#stopSurvivors();
      case 'starting':
        return this.#forgiveHistory();
      case 'ready':
      case 'degraded':
        if (answers(this.state)) this.#do({ type: 'settle-start', error: null });
        else this.#forgiveHistory();
        return;
      case 'stopping':
        this.#forgiveHistory();
        this.#patch({ startNext: true });
    }
  }

  #restart(): void {
    const { name } = this.state;
    if (name === 'starting' || name === 'ready' || name === 'degraded') {
      this.#forgiveHistory();
      this.#patch({ startNext: true });
      return this.#endAsked('restart requested');
    }
    this.#start();
  }

  #stop(graceMs: number | undefined): void {
    const { name, process } = this.state;
    this.#do({ type: 'settle-start', error: this.#describe('E_STOPPED') });
    switch (name) {
      case 'idle':
      case 'stopped':
        return this.#do({ type: 'settle-stop', error: null });
      case 'failed':
        if (process === 'none') this.#do({ type: 'settle-stop', error: null });
        else this.#stopSurvivors();
        return;
      case 'backoff':
        this.#clear('backoff');
        this.#patch({ error: null });
        this.#become('stopped', null, 'stop requested');
        this.#do({ type: 'settle-stop', error: null });
        this.#emit('stopped', { tookMs: 0, forced: false });
        return;
      case 'starting':
      case 'ready':
      case 'degraded':
        return this.#endAsked('stop requested', graceMs);
      case 'stopping':
        this.#patch({ startNext: false });
        this.#shortenGrace(graceMs);
    }
  }

  /** A later stop can only be in more of a hurry. */
  #shortenGrace(graceMs: number | undefined): void {
    const { ending } = this.state;
    if (graceMs === undefined || ending.step !== 'graceful' || graceMs >= ending.graceMs) return;
    this.#patch({ ending: { ...ending, graceMs } });
    this.#set('step', Math.max(0, ending.sinceMs + graceMs - this.#context.nowMs));
  }

  // Starting.

  /** A person's wish makes earlier failures forgotten. */
  #forgiveHistory(): void {
    this.#patch({ history: emptyHistory });
  }

  #begin(reason: string): void {
    const { settings, nowMs } = this.#context;
    this.#clear('backoff');
    this.#patch({
      generation: this.state.generation + 1,
      process: 'none',
      startNext: false,
      info: null,
      startedAtMs: nowMs,
      deadlineMs: nowMs + settings.ready.timeoutMs,
      phases: {},
    });
    this.#become('starting', 'preflight', reason);
    this.#set('deadline', settings.ready.timeoutMs);
    if (settings.ready.slowAfterMs < settings.ready.timeoutMs) this.#set('slow', settings.ready.slowAfterMs);
    this.#do({ type: 'check', generation: this.state.generation });
  }

  #checked(): void {
    if (this.state.name !== 'starting' || this.state.process !== 'none') return;
    this.#phase('spawning');
    this.#patch({ process: 'alive', spawnedAtMs: this.#context.nowMs });
    this.#do({ type: 'spawn', generation: this.state.generation });
  }

  #notSpawned(): void {
    const { process } = this.state;
    if (process !== 'alive' && process !== 'ending') return;
    this.#patch({ process: 'none' });
    if (process === 'alive') return;
    // The stop came between the spawn and its failure.
    this.#clear('step');
    this.#finishEnding();
  }

  #attemptFailed(error: BackendError): void {
    if (!isAttempt(this.state)) return;
    if (this.state.process === 'none') {
      this.#clearStartTimers();
      this.#do({ type: 'release', generation: this.state.generation });
      return this.#retryOrFail(error, null, false);
    }
    this.#end('retry', error, error.code);
  }

  #proved(info: ReadyInfo): void {
    if (this.state.name !== 'starting' || this.state.process !== 'alive') return;
    const { settings, nowMs } = this.#context;
    this.#clearStartTimers();
    this.#phase('probing');
    const phases = this.#closePhase();
    const { generation, startedAtMs } = this.state;
    this.#patch({ info, error: null });
    this.#become('ready', null, 'ready');
    this.#set('stable', settings.restart.stableAfterMs);
    this.#scheduleProbe(settings.health?.intervalMs ?? 0);
    this.#do({ type: 'settle-start', error: null });
    this.#emit('ready', {
      ...info,
      generation,
      url: info.address.type === 'tcp' ? info.address.url : null,
      socketPath: info.address.type === 'unix' ? info.address.path : null,
      startupMs: nowMs - startedAtMs,
      phases,
    });
  }

  #extend(ms: number): void {
    if (!isAttempt(this.state)) return;
    const { nowMs } = this.#context;
    const deadlineMs = startDeadline(this.state.startedAtMs, this.state.deadlineMs, nowMs, ms);
    this.#patch({ deadlineMs });
    this.#set('deadline', Math.max(0, deadlineMs - nowMs));
  }

  /** The computer slept through the end of the start's time: what it slept does not count. */
  #forgiveSleep(lateMs: number): void {
    const { startedAtMs, deadlineMs } = this.state;
    this.#patch({
      startedAtMs: startedAtMs + lateMs,
      deadlineMs: deadlineMs + lateMs + afterResumeMs,
    });
    // A moment, in which the program, which slept too, may say what it wanted to say.
    this.#set('deadline', afterResumeMs);
  }

  /** The attempt, or the running backend, is over and nothing of it is left. */
  #retryOrFail(error: BackendError, exitCode: number | null, wasReady: boolean): void {
    const { settings, nowMs, random } = this.#context;
    const decision = decideRestart({
      history: this.state.history,
      settings: settings.restart,
      nowMs,
      random,
      exitCode,
      retryable: error.retryable,
      wasReady,
    });
    this.#patch({ history: decision.history });
    if (decision.type === 'give-up') {
      this.#fail(
        decision.reason === 'crash-loop' ? this.#describe('E_CRASH_LOOP', { cause: error, exitCode }) : error,
      );
      return;
    }
    this.#patch({ error });
    this.#do({ type: 'attempt-over', error });
    const { generation } = this.state;
    this.#become('backoff', null, error.code);
    this.#set('backoff', decision.delayMs);
    this.#emit('restarting', {
      attempt: decision.attempt,
      max: settings.restart.max,
      delayMs: decision.delayMs,
      cause: error,
      generation,
    });
  }

  #fail(error: BackendError): void {
    this.#patch({ error });
    this.#become('failed', null, error.code);
    this.#do({ type: 'settle-start', error });
    this.#do({ type: 'settle-stop', error: error.code === 'E_STOP_FAILED' ? error : null });
    this.#emit('failed', { error });
  }

  // Ending.

  /** Somebody wants it to end: an attempt that is being ended for a retry, or a crash being swept, becomes a stop. */
  #endAsked(reason: string, graceMs?: number): void {
    const { ending, phase } = this.state;
    if (!isEnding(this.state)) return this.#end('stopped', null, reason, graceMs);
    this.#patch({ ending: { ...ending, outcome: 'stopped' } });
    this.#become('stopping', phase, reason);
    this.#shortenGrace(graceMs);
  }

  #end(outcome: Ending['outcome'], cause: BackendError | null, reason: string, wishedMs?: number): void {
    const { settings } = this.#context;
    const graceMs = Math.min(wishedMs ?? settings.stop.graceMs, settings.stop.graceMs);
    const { process, generation } = this.state;
    this.#patch({ ending: { ...this.#beginEnding(), outcome, step: 'graceful', cause, graceMs } });
    if (outcome === 'stopped') this.#become('stopping', 'graceful', reason);
    else this.#phase('graceful');
    if (process === 'none') return this.#finishEnding();
    this.#patch({ process: 'ending' });
    this.#set('step', graceMs);
    this.#do({ type: 'end', generation, step: 'graceful' });
  }

  /** What starting and serving needed is over. */
  #beginEnding(): Ending {
    const { name } = this.state;
    this.#clearStartTimers();
    this.#clear('health');
    this.#clear('stable');
    return {
      ...initialState.ending,
      step: 'sweep',
      sinceMs: this.#context.nowMs,
      wasReady: name === 'ready' || name === 'degraded',
    };
  }

  /** Processes that survived an earlier stop: try once more, at once with force. */
  #stopSurvivors(): void {
    const { process, generation } = this.state;
    const swept = process === 'exited';
    this.#patch({ ending: { ...this.#beginEnding(), step: swept ? 'sweep' : 'kill', forced: true } });
    this.#become('stopping', swept ? 'sweeping' : 'kill', 'stop requested');
    // They ended after all, and the rest of their tree is being looked for already.
    if (swept) return;
    this.#patch({ process: 'ending' });
    this.#set('step', this.#context.settings.stop.killMs);
    this.#do({ type: 'end', generation, step: 'kill' });
  }

  #nextEndStep(): void {
    const { ending, generation } = this.state;
    const { stop } = this.#context.settings;
    const advance = (step: 'terminate' | 'kill' | 'final', ms: number): void => {
      this.#patch({ ending: { ...ending, step, forced: ending.forced || step !== 'terminate' } });
      this.#phase(step === 'final' ? 'kill' : step);
      this.#set('step', ms);
      this.#do({ type: 'end', generation, step });
    };
    switch (ending.step) {
      case 'graceful':
        return advance('terminate', stop.terminateMs);
      case 'terminate':
        return advance('kill', stop.killMs);
      case 'kill':
        return advance('final', finalMs);
      case 'final':
        // The exit was never seen: look at what is really there.
        this.#patch({ ending: { ...ending, step: 'sweep' } });
        return this.#do({ type: 'sweep', generation, patient: false });
      case 'sweep':
    }
  }

  #exit(code: number | null, signal: string | null): void {
    const { name, process, ending, generation, spawnedAtMs, phase } = this.state;
    if (process !== 'alive' && process !== 'ending') return;
    const elapsedMs = this.#context.nowMs - spawnedAtMs;
    const expected = process === 'ending' || name === 'failed';
    if (name === 'failed') {
      // A survivor of a failed stop ended after all; nothing follows from it.
      this.#patch({ process: 'exited' });
      this.#emit('exit', { code, signal, expected, uptimeMs: elapsedMs, generation });
      return this.#do({ type: 'sweep', generation, patient: false });
    }
    this.#clear('step');
    const begun = this.#beginEnding();
    const crash: Failure['code'] = begun.wasReady ? 'E_CRASH' : 'E_START_EXIT';
    this.#patch({
      process: 'exited',
      ending: expected
        ? { ...ending, step: 'sweep', exitCode: code, forced: ending.forced || isKill(code, signal) }
        : {
            ...begun,
            outcome: 'retry',
            cause: this.#describe(crash, { exitCode: code, signal, elapsedMs, phase }),
            exitCode: code,
          },
    });
    this.#phase('sweeping');
    this.#emit('exit', { code, signal, expected, uptimeMs: elapsedMs, generation });
    this.#do({ type: 'sweep', generation, patient: !(expected && ending.forced) });
  }

  #gone(survivors: readonly number[]): void {
    const { name, ending, generation } = this.state;
    if (!isEnding(this.state)) return;
    if (name === 'failed') {
      this.#patch({ process: survivors.length === 0 ? 'none' : 'alive' });
      if (survivors.length === 0) this.#do({ type: 'release', generation });
      return;
    }
    this.#clear('step');
    if (survivors.length > 0) {
      this.#patch({ process: 'alive', startNext: false });
      const error = this.#describe('E_STOP_FAILED', {
        survivors,
        elapsedMs: this.#context.nowMs - ending.sinceMs,
      });
      return this.#fail(error);
    }
    this.#finishEnding();
  }

  /** Nothing of the generation is left. */
  #finishEnding(): void {
    const { ending, startNext, generation } = this.state;
    this.#patch({ process: 'none', info: null });
    this.#do({ type: 'release', generation });
    if (ending.outcome === 'retry') {
      // `ending.cause` is always set for a retry: the exit or the failed attempt that led here.
      const error = ending.cause ?? this.#describe('E_START_EXIT');
      return this.#retryOrFail(error, ending.exitCode, ending.wasReady);
    }
    this.#patch({ error: null });
    this.#become('stopped', null, 'stopped');
    this.#do({ type: 'settle-stop', error: null });
    this.#emit('stopped', {
      tookMs: this.#context.nowMs - ending.sinceMs,
      forced: ending.forced,
    });
    if (startNext) this.#begin('restart');
  }

  // Health.

  #scheduleProbe(ms: number): void {
    if (this.#context.settings.health === null || this.state.suspended) return;
    this.#patch({ health: { failures: 0, confirming: false, dueMs: this.#context.nowMs + ms } });
    this.#set('health', ms);
  }

  #probed(error: string | null, tookMs: number): void {
    const { health } = this.#context.settings;
    if (health === null || !answers(this.state) || this.state.suspended) return;
    const { nowMs } = this.#context;
    const { generation, name } = this.state;
    const verdict = judgeProbe(this.state.health, error === null, health, name === 'degraded');
    const delayMs = nextProbeDelay(health, verdict.confirming, tookMs);
    this.#patch({
      health: { failures: verdict.failures, confirming: verdict.confirming, dueMs: nowMs + delayMs },
    });
    if (verdict.verdict === 'recovered') {
      this.#become('ready', null, 'health probe succeeded');
      this.#set('stable', this.#context.settings.restart.stableAfterMs);
      this.#emit('recovered', { downMs: nowMs - this.state.degradedAtMs, generation });
    } else if (verdict.verdict === 'degraded') {
      this.#patch({ degradedAtMs: nowMs });
      this.#clear('stable');
      this.#become('degraded', null, 'health probes failed');
      this.#emit('unhealthy', { failures: verdict.failures, lastError: error ?? '', generation });
      if (health.onUnhealthy === 'restart')
        return this.#end('retry', this.#describe('E_UNHEALTHY', { lastProbe: error }), 'E_UNHEALTHY');
    }
    this.#set('health', delayMs);
  }

  #resume(): void {
    this.#patch({ suspended: false });
    if (answers(this.state)) this.#scheduleProbe(afterResumeMs);
  }

  // Timers.

  #timer(timer: MachineTimer): void {
    const { name, process, generation } = this.state;
    const { settings, nowMs } = this.#context;
    switch (timer) {
      case 'deadline': {
        if (!isAttempt(this.state)) return;
        const lateMs = nowMs - this.state.deadlineMs;
        if (lateMs > afterResumeMs) return this.#forgiveSleep(lateMs);
        const error = this.#describe('E_START_TIMEOUT', { elapsedMs: nowMs - this.state.startedAtMs });
        this.#do({ type: 'attempt-over', error });
        return this.#attemptFailed(error);
      }
      case 'slow':
        if (isAttempt(this.state))
          this.#emit('slow-start', {
            elapsedMs: nowMs - this.state.startedAtMs,
            phase: this.state.phase,
            generation,
          });
        return;
      case 'backoff':
        if (name !== 'backoff') return;
        this.#patch({ history: recordRestart(this.state.history, nowMs) });
        return this.#begin('automatic restart');
      case 'stable':
        if (name === 'ready') this.#patch({ history: { ...this.state.history, consecutive: 0 } });
        return;
      case 'health':
        if (settings.health === null || !answers(this.state) || this.state.suspended) return;
        if (sleptThrough(settings.health, this.state.health.dueMs, nowMs)) this.#scheduleProbe(afterResumeMs);
        else this.#do({ type: 'probe', generation });
        return;
      case 'step':
        if (process === 'ending') this.#nextEndStep();
    }
  }

  // Small transitions that several steps share.

  #become(next: BackendState, phase: BackendPhase | null, reason: string): void {
    const prev = this.state.name;
    this.#phase(phase);
    if (prev === next) return;
    this.#patch({ name: next });
    this.#emit('state', { prev, next, generation: this.state.generation, reason });
  }

  #phase(phase: BackendPhase | null): void {
    if (phase === this.state.phase) return;
    this.#patch({ phases: this.#closePhase(), phase, phaseSinceMs: this.#context.nowMs });
  }

  #closePhase(): MachineState['phases'] {
    const { phase, phases, phaseSinceMs } = this.state;
    if (phase === null) return phases;
    return { ...phases, [phase]: (phases[phase] ?? 0) + this.#context.nowMs - phaseSinceMs };
  }

  #clearStartTimers(): void {
    this.#clear('deadline');
    this.#clear('slow');
  }

  #describe(code: Failure['code'], details: Partial<Failure> = {}): BackendError {
    const { generation, phase } = this.state;
    return this.#context.describe(failure(code, generation, { phase, ...details }));
  }

  #patch(patch: Partial<MachineState>): void {
    this.state = { ...this.state, ...patch };
  }

  #do(effect: MachineEffect): void {
    this.effects.push(effect);
  }

  #emit<Name extends EmittedName>(
    name: Name,
    payload: Extract<MachineEmit, { readonly name: Name }>['payload'],
  ): void {
    this.effects.push({ type: 'emit', name, payload } as MachineEmit);
  }

  #set(timer: MachineTimer, ms: number): void {
    this.effects.push({ type: 'set-timer', timer, ms });
  }

  #clear(timer: MachineTimer): void {
    this.effects.push({ type: 'clear-timer', timer });
  }
}

/** The end of a program that somebody killed: its companion does so when the grace period is over, or (70) where it cannot. */
function isKill(code: number | null, signal: string | null): boolean {
  return signal === 'SIGKILL' || code === 70;
}

/** Milliseconds between the last kill and the look at what is left. */
const finalMs = 500;
