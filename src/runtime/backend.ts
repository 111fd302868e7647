import { onAbort } from './aborted.js';
import { attempt } from './attempt.js';
import type { Readable, Writable } from 'node:stream';
import type { AppLike } from './app-like.js';
import { AttachedOperator, attachTarget, attachVariable } from './dev/attach.js';
import type { AttachTarget } from './dev/attach.js';
import { systemClock } from './clock.js';
import type { RequestOptions } from './talk/conversation.js';
import { defaultSettings } from './default-settings.js';
import { BackendError, toBackendError, starting, theBackend } from './errors.js';
import type { BackendEvents } from './events.js';
import { Generation } from './life/generation.js';
import { fetchBackend } from './talk/http-fetch.js';
import { lookFirst } from './integrity/integrity.js';
import { Jobs } from './life/jobs.js';
import type { JobOptions, JobResult } from './life/jobs.js';
import type { ProgramLocation } from './launch/launch-plan.js';
import { locateFrozen, readBackend, resourcesFolder } from './launch/locate.js';
import { logEvents } from './log/log-events.js';
import { LogSink } from './log/log-sink.js';
import type { Logger } from './log/log-sink.js';
import type {
  BackendManifest,
  DevelopmentProgram,
  FrozenProgram,
  Manifest,
  RuntimeSettings,
} from './manifest.js';
import type { Connection } from './life/operator.js';
import { answers } from './life/machine.js';
import { followPower } from './life/power.js';
import type { PowerMonitorLike } from './life/power.js';
import type { LaunchContext } from './launch/prepare-launch.js';
import { ProcessKeeper } from './process/process-keeper.js';
import { stopOnQuit } from './life/quit.js';
import { requireOptions } from './launch/required-options.js';
import { readEventStream } from './talk/sse.js';
import type { ServerSentEvent } from './talk/sse.js';
import type { BackendStatus } from './life/status.js';
import { Supervisor } from './life/supervisor.js';
import type { WaitOptions } from './life/supervisor.js';
import { waitUntilWritable } from './life/update.js';
import type * as developmentModule from './dev/index.js';
import type { Terminal } from './dev/terminal.js';
import { node } from './node.js';

/** Options of {@link createBackend}. */
export interface BackendOptions<Name extends string = string> {
  /** Electron's `app`. */
  readonly app: AppLike;
  /** Name of the backend in the configuration. */
  readonly name: Name;
  /** The manifest, or its absolute path. @defaultValue Found by itself, packaged and in development. */
  readonly manifest?: string | Manifest;
  /** Folder of the app's resources. @defaultValue `process.resourcesPath` */
  readonly resourcesPath?: string;
  /**
   * Receives every line of output and every remark of the supervisor; `console`, electron-log and pino fit. Without one the terminal
   * shows them in development.
   */
  readonly logger?: Logger;
  /** Electron's `powerMonitor`: health probes pause while the computer sleeps. */
  readonly powerMonitor?: PowerMonitorLike;
  /** Stop in the app's `will-quit`. @defaultValue `true` */
  readonly stopOnQuit?: boolean;
  /** Change settings at run time, e.g. by the app's own preferences. */
  readonly configure?: (settings: RuntimeSettings) => RuntimeSettings;
  /**
   * Environment that the backend's own is made from. The build uses it to run a frozen program as on a machine without Python.
   *
   * @defaultValue `process.env`
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A backend under supervision. */
export interface Backend<Name extends string = string> extends AsyncDisposable {
  readonly name: Name;
  /** Base URL while it answers over TCP, e.g. `http://127.0.0.1:49321`; null otherwise. */
  readonly url: string | null;
  /**
   * Start and wait until it is ready. Does nothing when it is. Calls while it is starting wait for the same start.
   *
   * @throws BackendError why it could not be started. With `retryable` true the supervisor keeps trying in the background.
   */
  start(options?: WaitOptions): Promise<void>;
  /**
   * Stop and wait until nothing of it is alive, running jobs included.
   *
   * @param options `graceMs` shortens the graceful step.
   * @throws BackendError `E_STOP_FAILED` naming what survived.
   */
  stop(options?: WaitOptions & { readonly graceMs?: number }): Promise<void>;
  /** Stop (if needed) and start. @throws BackendError as `start` and `stop`. */
  restart(options?: WaitOptions): Promise<void>;
  /**
   * `fetch` with a path instead of a URL; adds the token. Waits while the backend is starting.
   *
   * @throws BackendError `E_STOPPED` when it is not running, or why it failed; otherwise what `fetch` throws.
   * @example
   * ```ts
   * const models = await (await engine.fetch('/api/models')).json();
   * ```
   */
  fetch(path: string | URL | Request, init?: RequestInit): Promise<Response>;
  /**
   * Read a stream of server-sent events.
   *
   * @throws BackendError as `fetch`, and `E_REMOTE` when the answer is no event stream.
   * @example
   * ```ts
   * for await (const { event, data } of engine.stream('/api/progress')) console.log(event, data);
   * ```
   */
  stream(path: string | URL, init?: RequestInit): AsyncGenerator<ServerSentEvent, void>;
  /**
   * Ask a `stdio` backend (`json-lines`). Waits while it is starting, and while its pipe is full.
   *
   * @throws BackendError `E_REMOTE` (its own error is in `detail`), `E_TIMEOUT`, `E_CRASH`, `E_STOPPED`, `E_KIND`.
   */
  request(method: string, params?: unknown, options?: RequestOptions): Promise<unknown>;
  /** The pipes of a `raw` `stdio` backend. Ending `stdin` asks it to end. @throws BackendError `E_KIND`, `E_STOPPED`. */
  pipes(options?: WaitOptions): Promise<{ readonly stdin: Writable; readonly stdout: Readable }>;
  /**
   * Run a `job` to its end; several may run at a time. An exit code other than 0 is a result, not an error.
   *
   * @throws BackendError when it could not be run, was killed (`E_CRASH`), gave up (`E_FATAL`) or took too long (`E_TIMEOUT`); the signal's
   * reason when cancelled.
   */
  run(args?: readonly string[], options?: JobOptions): Promise<JobResult>;
  /**
   * From the next start on use a backend that runs already, e.g. in a debugger; null: our own again. In unpackaged apps the environment
   * variable `ELECTRON_PYINSTALLER_ATTACH_<NAME>` does the same.
   *
   * @throws BackendError `E_FORBIDDEN` for anything but http on this computer.
   */
  attach(target: string | AttachTarget | null): void;
  /** Stop, and wait until the program's files can be replaced. Call it before an update is installed. */
  prepareForUpdate(): Promise<void>;
  /** Snapshot as plain data. */
  status(): BackendStatus;
  /** Token of the running generation; keep it in the main process. Null when it is not running. */
  token(): string | null;
  /** Last lines of output. */
  tail(): readonly string[];
  /** Listen; returns the function that ends listening. */
  on<Event extends keyof BackendEvents>(
    event: Event,
    listener: (payload: BackendEvents[Event]) => void,
  ): () => void;
  off<Event extends keyof BackendEvents>(
    event: Event,
    listener: (payload: BackendEvents[Event]) => void,
  ): void;
}

/**
 * Create the supervisor of one backend. Starts nothing.
 *
 * @example
 * ```ts
 * const engine = createBackend({ app, name: 'engine' });
 * await engine.start();
 * const answer = await engine.fetch('/api/health');
 * ```
 */
export function createBackend<Name extends string>(options: BackendOptions<Name>): Backend<Name> {
  requireOptions('createBackend', options, ['app', 'name']);
  return new SupervisedBackend(options);
}

/** Something of it may still be alive: a process, a start under way, a running job. Not part of the public API. */
export function isActive(backend: Backend): boolean {
  return backend instanceof SupervisedBackend && backend.isActive();
}

class SupervisedBackend<Name extends string> implements Backend<Name> {
  readonly name: Name;
  readonly #options: BackendOptions<Name>;
  readonly #supervisor: Supervisor;
  readonly #keeper: ProcessKeeper;
  readonly #jobs: Jobs;
  readonly #resources: string;
  readonly #cleanups: (() => void)[] = [];
  #manifest: BackendManifest | null = null;
  #sink: LogSink | null = null;
  #since = Date.now();
  #said: { readonly text: string; readonly percent: number | null } | null = null;
  #attached: AttachTarget | null;
  #stopWatching: (() => void) | null = null;
  #disposed = false;

  constructor(options: BackendOptions<Name>) {
    this.name = options.name;
    this.#options = options;
    this.#resources = resourcesFolder(options.app, options.resourcesPath);
    this.#attached = attachedByEnvironment(options);
    // start() tells what is wrong; until then there is nobody to tell it to.
    attempt(() => this.#load());
    this.#keeper = new ProcessKeeper(options.app.getPath('userData'), options.name, systemClock, (text) =>
      this.#log.remark('warn', text),
    );
    const context = this.#launchContext();
    this.#supervisor = new Supervisor({
      name: options.name,
      clock: systemClock,
      random: Math.random,
      settings: () => this.#settings,
      createOperator: (generation, reports) =>
        this.#attached === null
          ? new Generation(generation, reports, context)
          : new AttachedOperator(this.name, this.#attached, this.#settings, systemClock, reports),
      onListenerError: (error, event) =>
        this.#log.remark('error', `a listener of "${event}" threw: ${String(error)}`),
    });
    this.#jobs = new Jobs(context, () => this.#log);
    this.#observe();
    if (options.stopOnQuit !== false)
      this.#cleanups.push(
        stopOnQuit(options.app, { isActive: () => this.isActive(), stop: () => this.stop() }),
      );
    if (options.powerMonitor !== undefined)
      this.#cleanups.push(followPower(options.powerMonitor, (asleep) => this.#supervisor.suspend(asleep)));
  }

  get url(): string | null {
    const { info } = this.#supervisor.state;
    return answers(this.#supervisor.state) && info?.address.type === 'tcp' ? info.address.url : null;
  }

  start(options?: WaitOptions): Promise<void> {
    return this.#supervisor.start(options);
  }

  async stop(options?: WaitOptions & { readonly graceMs?: number }): Promise<void> {
    await Promise.all([this.#supervisor.stop(options), this.#jobs.stop(options?.graceMs)]);
  }

  restart(options?: WaitOptions): Promise<void> {
    return this.#supervisor.restart(options);
  }

  async fetch(path: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const { address, token, proves, signal } = await this.#connection(
      'fetch',
      'an http backend',
      init.signal ?? (path as Partial<Request>).signal,
    );
    return fetchBackend({ name: this.name, address, token, proves, signal }, path, init);
  }

  async *stream(path: string | URL, init: RequestInit = {}): AsyncGenerator<ServerSentEvent, void> {
    const headers = new Headers(init.headers);
    if (!headers.has('accept')) headers.set('accept', 'text/event-stream');
    const response = await this.fetch(path, { ...init, headers });
    const type = response.headers.get('content-type') ?? 'nothing';
    if (!response.ok || !type.startsWith('text/event-stream') || response.body === null) {
      await response.body?.cancel();
      throw new BackendError(
        'E_REMOTE',
        `Reading events of "${this.name}": ${new URL(path, 'http://x').pathname} answered ${response.status} with ${type}`,
        { detail: { status: response.status } },
      );
    }
    yield* readEventStream(response.body);
  }

  async request(method: string, params?: unknown, options: RequestOptions = {}): Promise<unknown> {
    const wanted = 'a stdio backend with json-lines';
    const { conversation } = await this.#connection('request', wanted, options.signal);
    if (conversation === null) throw this.#wrongKind('request', wanted);
    return conversation.request(method, params, options);
  }

  async pipes(options: WaitOptions = {}): Promise<{ readonly stdin: Writable; readonly stdout: Readable }> {
    const wanted = 'a stdio backend with raw framing';
    const { stdin, stdout } = await this.#connection('pipes', wanted, options.signal);
    if (stdin === null || stdout === null) throw this.#wrongKind('pipes', wanted);
    return { stdin, stdout };
  }

  async run(args: readonly string[] = [], options: JobOptions = {}): Promise<JobResult> {
    this.#refuseDisposed('run');
    return this.#jobs.run(args, options);
  }

  attach(target: string | AttachTarget | null): void {
    this.#attached = target === null ? null : attachTarget(target);
  }

  async prepareForUpdate(): Promise<void> {
    await this.stop();
    const program = this.#manifest?.program;
    if (program?.type !== 'frozen') return;
    const executable = this.#executable(program);
    if (executable !== null && !(await waitUntilWritable(executable, systemClock)))
      this.#log.remark('warn', `${executable} is still locked by another program; the update may fail`);
  }

  status(): BackendStatus {
    const { operator, state } = this.#supervisor;
    const { name, phase, generation, info, error, process: child } = state;
    const alive = child === 'alive' || child === 'ending' ? info : null;
    return {
      name: this.name,
      kind: this.#manifest?.kind ?? 'http',
      state: name,
      phase,
      generation,
      url: this.url,
      socketPath: answers(state) && info?.address.type === 'unix' ? info.address.path : null,
      pid: alive?.pid ?? null,
      bootPid: alive?.bootPid ?? null,
      since: this.#since,
      text: this.#said?.text ?? null,
      percent: this.#said?.percent ?? null,
      error: error?.toJSON() ?? null,
      attached: child === 'none' ? this.#attached !== null : operator instanceof AttachedOperator,
    };
  }

  token(): string | null {
    const { operator, state } = this.#supervisor;
    const isAlive = state.process === 'alive' || state.process === 'ending';
    return isAlive ? (operator?.connection?.token ?? null) : null;
  }

  tail(): readonly string[] {
    return this.#supervisor.operator?.tail() ?? [];
  }

  on<Event extends keyof BackendEvents>(
    event: Event,
    listener: (payload: BackendEvents[Event]) => void,
  ): () => void {
    return this.#supervisor.events.on(event, listener);
  }

  off<Event extends keyof BackendEvents>(
    event: Event,
    listener: (payload: BackendEvents[Event]) => void,
  ): void {
    this.#supervisor.events.off(event, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#stopWatching?.();
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    try {
      await Promise.all([this.#supervisor.dispose(), this.#jobs.stop()]);
    } finally {
      await this.#keeper.settled();
      await this.#sink?.close();
    }
  }

  /** Null when the app has no program for this machine, or lost it: an update is what mends that. */
  #executable(program: FrozenProgram): string | null {
    return attempt(() => locateFrozen(program, this.#resources, process.arch).executable);
  }

  get #settings(): RuntimeSettings {
    return this.#manifest?.settings ?? defaultSettings;
  }

  isActive(): boolean {
    const { process: child, name } = this.#supervisor.state;
    return child !== 'none' || name === 'backoff' || name === 'starting' || this.#jobs.active > 0;
  }

  /** How to talk to the generation that answers now; waits while one is on its way. */
  async #connection(method: string, wanted: string, signal: AbortSignal | undefined): Promise<Connection> {
    for (;;) {
      this.#refuseDisposed(method);
      signal?.throwIfAborted();
      const { state, operator } = this.#supervisor;
      const connection = answers(state) ? (operator?.connection ?? null) : null;
      if (connection !== null) return connection;
      if (state.name === 'failed' && state.error !== null) throw state.error;
      const isComing = state.startNext || ['starting', 'backoff', 'ready', 'degraded'].includes(state.name);
      if (!isComing) {
        if (this.#manifest?.kind === 'job') throw this.#wrongKind(method, wanted);
        throw new BackendError('E_STOPPED', `${theBackend(this.name)} is ${state.name}`, {
          hint: 'Call start() first.',
        });
      }
      await this.#nextState(signal);
    }
  }

  #nextState(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const off = this.on('state', () => {
        off();
        forget();
        resolve();
      });
      const forget = onAbort(signal, () => {
        off();
        reject(signal?.reason as Error);
      });
    });
  }

  #refuseDisposed(method: string): void {
    if (this.#disposed)
      throw new BackendError('E_DISPOSED', `${method}: the backend "${this.name}" was disposed`);
  }

  #wrongKind(method: string, wanted: string): BackendError {
    return new BackendError('E_KIND', `${method}: "${this.name}" is not ${wanted}`, {
      hint: 'fetch() and stream() are for http backends, request() and pipes() for stdio, run() for jobs.',
    });
  }

  #load(): BackendManifest {
    const { app, manifest, configure } = this.#options;
    try {
      const found = readBackend({ app, manifest, env: process.env }, this.name);
      this.#manifest =
        configure === undefined ? found : { ...found, settings: complete(configure(found.settings), found) };
      toolsOf(found.program)?.refuseStale?.(found);
    } catch (error) {
      throw toBackendError(error, 'E_MANIFEST', starting(this.name));
    }
    return this.#manifest;
  }

  #launchContext(): ConstructorParameters<typeof Generation>[2] & LaunchContext {
    return {
      clock: systemClock,
      userData: this.#options.app.getPath('userData'),
      resources: this.#resources,
      baseEnv: this.#options.env ?? process.env,
      load: () => this.#load(),
      remark: (text) => this.#log.remark('warn', text),
      verify: (backend, location, signal) => this.#verify(backend, location, signal),
      reap: () => this.#keeper.reap(),
      record: (child, meipass) => this.#keeper.record(child, meipass),
      forget: (child) => this.#keeper.forget(child),
      logFile: () => this.#logFile,
    };
  }

  /** @returns What remains to be compared beside the start: `exe` reads what the program needs at once anyway. A job must not begin before. */
  async #verify(
    backend: BackendManifest,
    location: ProgramLocation,
    signal: AbortSignal,
  ): Promise<() => Promise<void>> {
    const nothing = (): Promise<void> => Promise.resolve();
    const { integrity } = backend.settings;
    const { directory, arch } = location;
    if (integrity === 'off' || backend.program.type !== 'frozen' || directory === null || arch === null)
      return nothing;
    const compareRest = await lookFirst({
      name: backend.name,
      directory,
      files: backend.program.files[arch] ?? [],
      level: integrity,
      key: `${backend.key} ${arch}`,
      cacheFile: node.path.join(
        this.#options.app.getPath('userData'),
        'electron-pyinstaller',
        `${backend.name}.integrity.json`,
      ),
      signal,
    });
    if (integrity === 'exe' && backend.kind !== 'job') return compareRest;
    await compareRest();
    return nothing;
  }

  get #logFile(): string | null {
    if (!this.#settings.logs.file) return null;
    return node.path.join(this.#options.app.getPath('logs'), `${this.name}.log`);
  }

  /** The log; made when first needed, with the settings known then. */
  get #log(): LogSink {
    if (this.#sink !== null) return this.#sink;
    const { logs } = this.#settings;
    this.#sink = new LogSink({
      name: this.name,
      file: this.#logFile,
      maxFiles: logs.maxFiles,
      maxBytes: logs.maxBytes,
      logger: this.#options.logger ?? null,
      terminal:
        this.#options.logger === undefined
          ? developmentTerminal(this, this.#manifest?.program, this.#logFile)
          : undefined,
    });
    return this.#sink;
  }

  #observe(): void {
    const { events } = this.#supervisor;
    events.on('state', ({ next }) => {
      this.#since = Date.now();
      if (next === 'starting') {
        this.#said = null;
        this.#watch();
      } else if (next === 'stopped' || (next === 'stopping' && !this.#supervisor.state.startNext)) {
        // A file saved just before, or meanwhile, must not undo the stop.
        this.#stopWatching?.();
        this.#stopWatching = null;
      }
    });
    events.on('status', (said) => {
      this.#said = { text: said.text, percent: said.percent };
    });
    logEvents(events, () => this.#log);
  }

  /** In development a change of the sources restarts the backend. Who watches them is no part of the app. */
  #watch(): void {
    const program = this.#manifest?.program;
    if (this.#stopWatching !== null || program?.type !== 'development') return;
    if (this.#attached !== null || program.watcher === undefined) return;
    const trouble = (error: unknown): void =>
      this.#log.remark('warn', `the sources cannot be watched: ${String(error)}`);
    try {
      this.#stopWatching = developmentTools(program.watcher).watchProgram(
        program,
        (file) => {
          this.#log.remark('info', `${file} changed: restarting`);
          this.restart().catch(() => undefined);
        },
        trouble,
        this,
        (severity, text) => this.#log.remark(severity, text),
      );
    } catch (error) {
      trouble(error);
    }
  }
}

/** What only development needs, from the installed package. */
function developmentTools(file: string): typeof developmentModule {
  // Bundlers follow `import` and `require`, webpack an imported `createRequire` too; this they leave alone.
  return node.module.createRequire(file)(file) as typeof developmentModule;
}

/** The same; null in a packaged app, and when the package is gone. */
function toolsOf(program: BackendManifest['program'] | undefined): Partial<typeof developmentModule> | null {
  return attempt(() => developmentTools((program as DevelopmentProgram).watcher as string));
}

/** An app without a logger of its own shows in the terminal what happens in development. */
function developmentTerminal(
  backend: Backend,
  program: BackendManifest['program'] | undefined,
  logFile: string | null,
): Terminal | undefined {
  return toolsOf(program)?.createTerminal?.({
    name: backend.name,
    logFile,
    program: program as DevelopmentProgram,
    on: (event, listener) => backend.on(event, listener),
  });
}

/** What `configure` gave, if it holds all there was. @throws BackendError `E_MANIFEST`. */
function complete(settings: RuntimeSettings | undefined, { name, settings: before }: BackendManifest) {
  const missing = Object.keys(before).find((key) => !Object.hasOwn(settings ?? {}, key));
  if (settings !== undefined && missing === undefined) return settings;
  throw new BackendError(
    'E_MANIFEST',
    `${starting(name)}: \`configure\` returned settings without \`${missing ?? ''}\``,
    { hint: 'Return all of them: configure: (settings) => ({ ...settings, args: [] })' },
  );
}

function attachedByEnvironment({ app, name }: BackendOptions): AttachTarget | null {
  const url = app.isPackaged ? undefined : process.env[attachVariable(name)];
  return url === undefined || url === '' ? null : attachTarget(url);
}
