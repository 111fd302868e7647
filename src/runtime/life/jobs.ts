import { aborted, onAbort } from '../aborted.js';
import { BackendError } from '../errors.js';
import { guardedCall } from '../guarded-call.js';
import type { LogSink } from '../log/log-sink.js';
import { stopChild } from '../process/stop-child.js';
import { Launch } from './launch.js';
import type { LaunchOwner, LaunchSink } from './launch.js';
import { failure } from './machine.js';
import { nativeCrash } from './native-crash.js';

/** What a job says while it runs. */
export interface JobProgress {
  /** 0 to 100; null when unknown. */
  readonly percent: number | null;
  readonly text: string;
}

/** Options of `run()`. */
export interface JobOptions {
  /** Cancels: the job is stopped as a backend is, then the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the job is stopped and the promise rejects with `E_TIMEOUT`. */
  readonly timeoutMs?: number;
  readonly onProgress?: (progress: JobProgress) => unknown;
  /**
   * Every line of output, secrets removed, cut after 16 KiB. The program waits while its lines are taken; a promise is waited for before
   * the next line.
   */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => unknown;
}

/** How a job ended. */
export interface JobResult {
  readonly exitCode: number;
  /** What the job gave as its result (`result()` of the companion); undefined when nothing. */
  readonly result: unknown;
  readonly tookMs: number;
  /** Last lines of output. */
  readonly tail: readonly string[];
}

interface RunningJob {
  readonly cancelled: AbortController;
  /** Milliseconds the graceful step of its stop may take at most. */
  graceMs: number;
}

/** What became of a job's program. */
interface Outcome {
  /** Aborted when it is over. */
  readonly over: AbortController;
  exit: { readonly code: number | null; readonly signal: string | null } | null;
  /** The system refused to begin it. */
  refused: BackendError | null;
  result: unknown;
}

/** Runs jobs, any number at a time, and stops them when asked. */
export class Jobs {
  readonly #context: LaunchOwner;
  readonly #running = new Map<RunningJob, Promise<unknown>>();
  readonly #log: () => LogSink;
  #count = 0;

  constructor(context: LaunchOwner, log: () => LogSink) {
    this.#context = context;
    this.#log = log;
  }

  get active(): number {
    return this.#running.size;
  }

  /** Stop all of them; resolves when nothing is left. */
  async stop(graceMs = Number.POSITIVE_INFINITY): Promise<void> {
    for (const job of this.#running.keys()) {
      job.graceMs = graceMs;
      job.cancelled.abort(new BackendError('E_STOPPED', 'The job was stopped'));
    }
    await Promise.allSettled(this.#running.values());
  }

  /** See {@link Backend.run}. */
  run(args: readonly string[], options: JobOptions): Promise<JobResult> {
    const job = { cancelled: new AbortController(), graceMs: Number.POSITIVE_INFINITY };
    const done = this.#run(args, options, job);
    this.#running.set(job, done);
    return done.finally(() => this.#running.delete(job));
  }

  async #run(args: readonly string[], options: JobOptions, job: RunningJob): Promise<JobResult> {
    const { clock } = this.#context;
    const launch = new Launch(this.#context, (this.#count += 1));
    const deadline = options.timeoutMs === undefined ? null : AbortSignal.timeout(options.timeoutMs);
    const signal = AbortSignal.any(
      [job.cancelled.signal, options.signal, deadline].filter((one) => one !== null && one !== undefined),
    );
    signal.throwIfAborted();
    const cancellation = (): unknown => {
      const { reason } = signal as { reason: unknown };
      if (reason !== deadline?.reason) return reason;
      const late = `it did not end within ${options.timeoutMs ?? 0} ms and was stopped`;
      return new BackendError('E_TIMEOUT', `Running "${launch.name}": ${late}`, { tail: launch.tail() });
    };
    const request = { extraArgs: args, signal, onPhase: () => undefined };
    const { backend } = await launch.prepare('job', request).catch((error: unknown) => {
      throw signal.aborted ? cancellation() : error;
    });
    const startedMs = clock.now();
    const outcome: Outcome = { over: new AbortController(), exit: null, refused: null, result: undefined };
    try {
      const child = launch.spawn(this.#sink(options, signal, outcome), options.onLine !== undefined);
      // Nobody holds on to the lifeline, and a program that reads its input waits for the end of it.
      if (backend.companion === 'none') child.closeInput();
      await Promise.race([aborted(outcome.over.signal), aborted(signal)]);
      const endedByItself = outcome.over.signal.aborted;
      const overMs = clock.now();
      const tookMs = overMs - startedMs;
      const { stop } = backend.settings;
      const graceMs = Math.min(stop.graceMs, job.graceMs);
      const survivors = endedByItself
        ? await child.sweep(true)
        : await stopChild(child, { ...stop, graceMs }, clock, outcome.over.signal);
      const stopFailed =
        survivors.length === 0
          ? null
          : launch.describe(
              failure('E_STOP_FAILED', launch.number, { survivors, elapsedMs: clock.now() - overMs }),
            );
      if (stopFailed !== null) this.#log().remark('error', stopFailed.message);
      if (outcome.refused !== null) throw outcome.refused;
      if (!endedByItself) throw stopFailed ?? cancellation();
      return judge(launch, outcome, tookMs);
    } finally {
      launch.release();
    }
  }

  /** What a job says goes to the app's functions: what they throw must not end the app. */
  #sink(options: JobOptions, signal: AbortSignal, outcome: Outcome): LaunchSink {
    const tell = (what: string, call: () => unknown): Promise<void> | undefined =>
      guardedCall(call, (error) => this.#log().remark('error', `${what} threw: ${String(error)}`));
    return {
      message: (message) => {
        if (message.type === 'progress' || message.type === 'status')
          void tell('onProgress', () =>
            options.onProgress?.({ percent: message.percent, text: message.text }),
          );
        else if (message.type === 'result') outcome.result = message.value;
      },
      malformed: (reason) => this.#log().remark('warn', `not the protocol: ${reason}`),
      line: (stream, line, _truncated, progress, audience) => {
        if (audience !== 'caller') this.#log().output(stream, line, progress);
        if (progress || audience === 'log') return undefined;
        const told = tell('onLine', () => options.onLine?.(line, stream));
        // Of a job that was cancelled the last words are told, and not waited for.
        return signal.aborted ? undefined : unlessAborted(told, signal);
      },
      exit: (code, exitSignal) => {
        outcome.exit = { code, signal: exitSignal };
        outcome.over.abort();
      },
      notSpawned: (error) => {
        outcome.refused = error;
        outcome.over.abort();
      },
    };
  }
}

/** The result of a job that ended by itself. @throws BackendError when it gave up, was killed or never was itself. */
function judge(launch: Launch, { exit, result }: Outcome, tookMs: number): JobResult {
  const { hello, prepared } = launch;
  const code = exit?.code ?? null;
  if (launch.fatal !== null)
    throw launch.fatalError(launch.fatal, `Running "${launch.name}"`, { exitCode: code });
  const isCrash = nativeCrash(code, null, launch.child?.crash) !== null;
  if (code !== null && !isCrash && (hello !== null || prepared?.backend.companion === 'none' || code === 0))
    return { exitCode: code, result, tookMs, tail: launch.tail() };
  const seen = { exitCode: code, signal: exit?.signal ?? null, elapsedMs: tookMs };
  const began = hello !== null || isCrash;
  throw launch.describe(failure(began ? 'E_CRASH' : 'E_START_EXIT', launch.number, seen));
}

/** Resolves with the promise, or as soon as the signal is aborted. */
function unlessAborted(promise: Promise<void> | undefined, signal: AbortSignal): Promise<void> | undefined {
  return (
    promise &&
    new Promise((resolve) => {
      const forget = onAbort(signal, resolve);
      void promise.then(() => {
        forget();
        resolve();
      });
    })
  );
}
