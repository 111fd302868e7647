import { aborted } from '../aborted.js';
import { ChildProgram } from '../process/child-program.js';
import { BackendError } from '../errors.js';
import { guardedCall } from '../guarded-call.js';
import { describeFailure } from './failures.js';
import { createCredentials, openingLine } from '../talk/handshake.js';
import type { LogSink } from '../log/log-sink.js';
import { prepareLaunch } from '../launch/prepare-launch.js';
import type { LaunchContext } from '../launch/prepare-launch.js';
import type { ProtocolMessage } from '../talk/protocol-lines.js';
import { createRedactor } from '../log/redact.js';
import { stopChild } from '../process/stop-child.js';
import { unpackingPlace } from '../process/unpacked-folder.js';

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

/** What jobs take from the backend they belong to. */
export interface JobContext extends LaunchContext {
  readonly record: (child: ChildProgram, meipass: string | null) => void;
  readonly forget: (child: ChildProgram) => void;
}

interface RunningJob {
  readonly cancelled: AbortController;
  /** Milliseconds the graceful step of its stop may take at most. */
  graceMs: number;
}

/** Runs jobs, any number at a time, and stops them when asked. */
export class Jobs {
  readonly #context: JobContext;
  readonly #running = new Map<RunningJob, Promise<unknown>>();
  readonly #log: () => LogSink;
  #count = 0;

  constructor(context: JobContext, log: () => LogSink) {
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
    const number = (this.#count += 1);
    const credentials = createCredentials();
    const deadline = options.timeoutMs === undefined ? null : AbortSignal.timeout(options.timeoutMs);
    const signal = AbortSignal.any(
      [job.cancelled.signal, options.signal, deadline].filter((one) => one !== null && one !== undefined),
    );
    signal.throwIfAborted();
    let name = '?';
    const cancellation = (tail: readonly string[]): unknown => {
      const { reason } = signal as { reason: unknown };
      if (reason !== deadline?.reason) return reason;
      const late = `it did not end within ${options.timeoutMs ?? 0} ms and was stopped`;
      return new BackendError('E_TIMEOUT', `Running "${name}": ${late}`, { tail });
    };
    /** The app's functions: what they throw must not end the app. */
    const tell = (what: string, call: () => unknown): Promise<void> | undefined =>
      guardedCall(call, (error) => this.#log().remark('error', `${what} threw: ${String(error)}`));
    const launch = await prepareLaunch(this.#context, {
      credentials,
      extraArgs: args,
      signal,
      onPhase: () => undefined,
      accept: (backend) => {
        name = backend.name;
        if (backend.kind === 'job') return;
        throw new BackendError(
          'E_KIND',
          `Running "${name}": it is a backend of kind ${backend.kind}, not a job`,
          { hint: 'Call start() instead.' },
        );
      },
    }).catch((error: unknown) => {
      throw signal.aborted ? cancellation([]) : error;
    });
    const { backend } = launch;
    const startedMs = clock.now();
    const exited = new AbortController();
    let ending: { readonly code: number | null; readonly signal: string | null } | null = null;
    let result: unknown;
    let fatal: Extract<ProtocolMessage, { type: 'fatal' }> | null = null;
    let greeted = false;
    let meipass: string | null = null;
    let refused: BackendError | null = null;
    const opening =
      backend.companion === 'none'
        ? null
        : openingLine(backend, credentials, launch.requested, {
            userData: this.#context.userData,
            resources: this.#context.resources,
          });
    const child: ChildProgram = new ChildProgram(
      {
        name: backend.name,
        generation: number,
        instance: credentials.instance,
        plan: launch.plan,
        opening,
        hasLifeline: opening !== null && backend.settings.lifeline !== 'off',
        unpacksInto: unpackingPlace(backend, launch.plan.env),
        raw: false,
        isPatient: options.onLine !== undefined,
        ringLines: backend.settings.logs.ringLines,
        clock,
        redact: createRedactor([credentials.token, credentials.nonce], backend.settings.logs.redact),
      },
      {
        message: (message) => {
          if (message.type === 'hello') {
            greeted = true;
            meipass = message.meipass;
          } else if (message.type === 'progress' || message.type === 'status')
            void tell('onProgress', () =>
              options.onProgress?.({ percent: message.percent, text: message.text }),
            );
          else if (message.type === 'result') result = message.value;
          else if (message.type === 'fatal') fatal = message;
        },
        identified: () => this.#context.record(child, meipass),
        malformed: (reason) => this.#log().remark('warn', `not the protocol: ${reason}`),
        line: (stream, line, _truncated, progress, audience) => {
          if (audience !== 'caller') this.#log().output(stream, line, progress);
          // Nobody waits for the lines of a job that was cancelled.
          if (progress || audience === 'log' || signal.aborted) return undefined;
          return unlessAborted(
            tell('onLine', () => options.onLine?.(line, stream)),
            signal,
          );
        },
        exit: (code, exitSignal) => {
          ending = { code, signal: exitSignal };
          exited.abort();
        },
        notSpawned: (error) => {
          refused = error;
          exited.abort();
        },
      },
    );
    let endedByItself = false;
    let tookMs = 0;
    try {
      child.spawn();
      // Nobody holds on to the lifeline, and a program that reads its input waits for the end of it.
      if (opening === null) child.closeInput();
      if (child.tree.childPid !== null) this.#context.record(child, null);
      await Promise.race([aborted(exited.signal), aborted(signal)]);
      endedByItself = exited.signal.aborted;
      tookMs = clock.now() - startedMs;
      const { stop } = backend.settings;
      const graceMs = Math.min(stop.graceMs, job.graceMs);
      const survivors = endedByItself
        ? await child.sweep(true)
        : await stopChild(child, { ...stop, graceMs }, clock, exited.signal);
      if (survivors.length > 0) this.#log().remark('error', `processes survived: ${survivors.join(', ')}`);
    } finally {
      child.release();
      this.#context.forget(child);
      launch.socket?.remove();
    }
    if (refused !== null) throw refused as BackendError;
    if (!endedByItself) throw cancellation(child.tail());
    return finish(ending, fatal, result);

    function finish(
      end: { readonly code: number | null; readonly signal: string | null } | null,
      said: Extract<ProtocolMessage, { type: 'fatal' }> | null,
      value: unknown,
    ): JobResult {
      const tail = child.tail();
      if (said !== null) {
        throw new BackendError(
          'E_FATAL',
          `Running "${backend.name}": it gave up (${said.code}): ${said.message}`,
          {
            generation: number,
            exitCode: end?.code ?? null,
            tail: [...tail, ...(said.traceback?.split('\n') ?? [])],
          },
        );
      }
      if (end?.code !== null && end !== null && (greeted || backend.companion === 'none' || end.code === 0))
        return { exitCode: end.code, result: value, tookMs, tail };
      throw describeFailure(
        {
          code: greeted ? 'E_CRASH' : 'E_START_EXIT',
          generation: number,
          phase: null,
          elapsedMs: tookMs,
          exitCode: end?.code ?? null,
          signal: end?.signal ?? null,
          survivors: [],
          cause: null,
          lastProbe: null,
        },
        {
          name: backend.name,
          tail,
          greeted,
          lastStatus: null,
          program: backend.program.type,
          mode: backend.program.type === 'frozen' ? backend.program.mode : null,
        },
      );
    }
  }
}

/** Resolves with the promise, or as soon as the signal is aborted. */
function unlessAborted(promise: Promise<void> | undefined, signal: AbortSignal): Promise<void> | undefined {
  return (
    promise &&
    new Promise((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', end);
        resolve();
      };
      signal.addEventListener('abort', end);
      void promise.then(end);
    })
  );
}
