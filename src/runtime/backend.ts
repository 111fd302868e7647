import path from 'node:path';
import type { AppLike } from './app-like.js';
import { systemClock } from './clock.js';
import { defaultSettings } from './default-settings.js';
import { BackendError, toBackendError } from './errors.js';
import type { BackendEvents } from './events.js';
import { Generation } from './generation.js';
import { fetchBackend } from './http-fetch.js';
import { readBackend, resourcesFolder } from './locate.js';
import { LogSink } from './log-sink.js';
import type { Logger } from './log-sink.js';
import type { BackendManifest, Manifest } from './manifest.js';
import { stopOnQuit } from './quit.js';
import type { BackendStatus } from './status.js';
import { Supervisor } from './supervisor.js';
import type { WaitOptions } from './supervisor.js';

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
  /** Receives every line of output and every remark of the supervisor; `console`, electron-log and pino fit. */
  readonly logger?: Logger;
  /** Stop in the app's `will-quit`. @defaultValue `true` */
  readonly stopOnQuit?: boolean;
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
  /** Stop and wait until nothing of it is alive. @throws BackendError `E_STOP_FAILED` naming what survived. */
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
  fetch(path: string | URL, init?: RequestInit): Promise<Response>;
  /** Snapshot as plain data. */
  status(): BackendStatus;
  /** Token of the running generation; keep it in the main process. Null when it is not running. */
  token(): string | null;
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
  return new SupervisedBackend(options);
}

class SupervisedBackend<Name extends string> implements Backend<Name> {
  readonly name: Name;
  readonly #options: BackendOptions<Name>;
  readonly #supervisor: Supervisor;
  readonly #resources: string;
  readonly #forgetQuit: () => void;
  #manifest: BackendManifest | null = null;
  #sink: LogSink | null = null;
  #since = Date.now();
  #said: { readonly text: string; readonly percent: number | null } | null = null;

  constructor(options: BackendOptions<Name>) {
    this.name = options.name;
    this.#options = options;
    this.#resources = resourcesFolder(options.app, options.resourcesPath);
    this.#supervisor = new Supervisor({
      name: options.name,
      clock: systemClock,
      random: Math.random,
      settings: () => this.#manifest?.settings ?? defaultSettings,
      createOperator: (generation, reports) =>
        new Generation(generation, reports, {
          clock: systemClock,
          userData: options.app.getPath('userData'),
          resources: this.#resources,
          baseEnv: process.env,
          load: () => this.#load(),
          verify: () => Promise.resolve(),
          record: () => undefined,
          forget: () => undefined,
          remark: (level, text) => this.#log.remark(level, text),
        }),
      onListenerError: (error, event) =>
        this.#log.remark('error', `a listener of "${event}" threw: ${String(error)}`),
    });
    try {
      this.#load();
    } catch {
      // start() tells; until then there is nobody to tell it to.
    }
    this.#observe();
    this.#forgetQuit =
      options.stopOnQuit === false
        ? () => undefined
        : stopOnQuit(options.app, {
            isActive: () =>
              this.#supervisor.state.process !== 'none' || this.#supervisor.state.name === 'backoff',
            stop: () => this.stop(),
          });
  }

  get url(): string | null {
    const { info, name } = this.#supervisor.state;
    if (name !== 'ready' && name !== 'degraded') return null;
    return info?.address.type === 'tcp' ? info.address.url : null;
  }

  start(options?: WaitOptions): Promise<void> {
    return this.#supervisor.start(options);
  }

  stop(options?: WaitOptions & { readonly graceMs?: number }): Promise<void> {
    return this.#supervisor.stop(options);
  }

  restart(options?: WaitOptions): Promise<void> {
    return this.#supervisor.restart(options);
  }

  async fetch(path: string | URL, init: RequestInit = {}): Promise<Response> {
    const generation = await this.#running(init.signal ?? undefined);
    const { address } = generation;
    if (address === null)
      throw new BackendError('E_STOPPED', `fetch: the backend "${this.name}" is not running`);
    const { token } = generation.credentials;
    return fetchBackend({ name: this.name, address, token, signal: generation.signal }, path, init);
  }

  status(): BackendStatus {
    const { name, phase, generation, info, error } = this.#supervisor.state;
    const answers = name === 'ready' || name === 'degraded';
    return {
      name: this.name,
      kind: this.#manifest?.kind ?? 'http',
      state: name,
      phase,
      generation,
      url: this.url,
      socketPath: answers && info?.address.type === 'unix' ? info.address.path : null,
      pid: info?.pid ?? null,
      bootPid: info?.bootPid ?? null,
      since: this.#since,
      text: this.#said?.text ?? null,
      percent: this.#said?.percent ?? null,
      error: error?.toJSON() ?? null,
      attached: false,
    };
  }

  token(): string | null {
    const { operator } = this.#supervisor;
    return operator instanceof Generation && !operator.signal.aborted ? operator.credentials.token : null;
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
    this.#forgetQuit();
    try {
      await this.#supervisor.dispose();
    } finally {
      await this.#sink?.close();
    }
  }

  /** The generation that answers now; waits while one is on its way. */
  async #running(signal: AbortSignal | undefined): Promise<Generation> {
    for (;;) {
      signal?.throwIfAborted();
      const { state, operator } = this.#supervisor;
      if (
        (state.name === 'ready' || state.name === 'degraded') &&
        state.ending === null &&
        operator instanceof Generation
      )
        return operator;
      if (state.name === 'failed' && state.error !== null) throw state.error;
      const isComing = state.startNext || ['starting', 'backoff', 'ready', 'degraded'].includes(state.name);
      if (!isComing) {
        throw new BackendError('E_STOPPED', `The backend "${this.name}" is ${state.name}`, {
          hint: 'Call start() first.',
        });
      }
      await this.#nextState(signal);
    }
  }

  #nextState(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        off();
        signal?.removeEventListener('abort', abort);
      };
      const off = this.on('state', () => {
        end();
        resolve();
      });
      const abort = (): void => {
        end();
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #load(): BackendManifest {
    const { app, manifest } = this.#options;
    try {
      this.#manifest = readBackend({ app, manifest, env: process.env }, this.name);
    } catch (error) {
      throw toBackendError(error, 'E_MANIFEST', `Starting the backend "${this.name}"`);
    }
    return this.#manifest;
  }

  /** The log; made when first needed, with the settings known then. */
  get #log(): LogSink {
    if (this.#sink !== null) return this.#sink;
    const { logs } = this.#manifest?.settings ?? defaultSettings;
    this.#sink = new LogSink({
      name: this.name,
      file: logs.file ? path.join(this.#options.app.getPath('logs'), `${this.name}.log`) : null,
      maxFiles: logs.maxFiles,
      maxBytes: logs.maxBytes,
      logger: this.#options.logger ?? null,
    });
    return this.#sink;
  }

  #observe(): void {
    const { events } = this.#supervisor;
    events.on('log', ({ stream, line, progress }) => this.#log.output(stream, line, progress));
    events.on('state', ({ prev, next, generation, reason }) => {
      this.#since = Date.now();
      if (next === 'starting') this.#said = null;
      this.#log.remark('info', `${prev} -> ${next} (generation ${generation}): ${reason}`);
    });
    events.on('status', ({ text, percent }) => {
      this.#said = { text, percent };
    });
    events.on('ready', ({ startupMs, url, pid }) =>
      this.#log.remark(
        'info',
        `ready after ${Math.round(startupMs)} ms${url === null ? '' : ` at ${url}`}, process ${pid ?? '?'}`,
      ),
    );
    events.on('exit', ({ code, signal, expected }) =>
      this.#log.remark(expected ? 'info' : 'warn', `ended with ${signal ?? `exit code ${code ?? '?'}`}`),
    );
    events.on('failed', ({ error }) => this.#log.remark('error', `${error.code}: ${error.message}`));
    events.on('restarting', ({ attempt, max, delayMs, cause }) =>
      this.#log.remark('warn', `restart ${attempt} of ${max} in ${Math.round(delayMs)} ms: ${cause.message}`),
    );
    events.on('unhealthy', ({ lastError }) => this.#log.remark('warn', `does not answer: ${lastError}`));
    events.on('recovered', ({ downMs }) =>
      this.#log.remark('info', `answers again after ${Math.round(downMs)} ms`),
    );
  }
}
