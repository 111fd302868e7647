import { ChildProgram } from './child-program.js';
import type { Clock } from './clock.js';
import { BackendError, toBackendError } from './errors.js';
import type { BackendAddress } from './events.js';
import { describeFailure } from './failures.js';
import { acceptAddress, createCredentials, isProof, openingLine, tcpAddress } from './handshake.js';
import type { Credentials, RequestedAddress } from './handshake.js';
import { locateProgram, planLaunch, prepareWorkingDirectory } from './launch-plan.js';
import type { LaunchPlan, ProgramLocation } from './launch-plan.js';
import type { Failure } from './machine.js';
import type { BackendManifest } from './manifest.js';
import type { Operator, OperatorReports } from './operator.js';
import { pickPort } from './port.js';
import { portOwner } from './port-owner.js';
import { pingPath, probeConnect, probeHttp } from './probe.js';
import type { ProtocolMessage } from './protocol-lines.js';
import { GateClosed, ReadyGate } from './ready-gate.js';
import { createRedactor } from './redact.js';
import { createSocketPlace } from './unix-socket.js';
import type { SocketPlace } from './unix-socket.js';

/** Milliseconds one question about readiness may take. */
const askTimeoutMs = 2000;

/** What a generation takes from the backend it belongs to. */
export interface GenerationContext {
  readonly clock: Clock;
  readonly userData: string;
  readonly resources: string;
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  /** Read the manifest (anew: in development it changes). */
  readonly load: () => BackendManifest;
  /** Called between locating and spawning, e.g. to compare the bundle with the manifest. Rejects with a BackendError. */
  readonly verify: (
    backend: BackendManifest,
    location: ProgramLocation,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Called when a process exists, becomes known better, or is gone. */
  readonly record: (child: ChildProgram, meipass: string | null) => void;
  readonly forget: () => void;
  readonly remark: (level: 'info' | 'warn' | 'error', text: string) => void;
}

/** One real launch of a backend, from looking for the program to the last trace of its processes. */
export class Generation implements Operator {
  readonly credentials: Credentials = createCredentials();
  readonly #context: GenerationContext;
  readonly #reports: OperatorReports;
  readonly #number: number;
  readonly #released = new AbortController();
  #backend: BackendManifest | null = null;
  #location: ProgramLocation | null = null;
  #plan: LaunchPlan | null = null;
  #requested: RequestedAddress = { type: 'none' };
  #socket: SocketPlace | null = null;
  #child: ChildProgram | null = null;
  #gate: ReadyGate | null = null;
  #address: BackendAddress | null = null;
  #hello: Extract<ProtocolMessage, { type: 'hello' }> | null = null;
  #fatal: Extract<ProtocolMessage, { type: 'fatal' }> | null = null;
  #lastStatus: string | null = null;

  constructor(number: number, reports: OperatorReports, context: GenerationContext) {
    this.#number = number;
    this.#reports = reports;
    this.#context = context;
  }

  /** Where the ready backend answers; null before. */
  get address(): BackendAddress | null {
    return this.#address;
  }

  get child(): ChildProgram | null {
    return this.#child;
  }

  /** Aborted when nothing of this generation matters any more. */
  get signal(): AbortSignal {
    return this.#released.signal;
  }

  async check(): Promise<void> {
    const { signal } = this.#released;
    const context = this.#context;
    const backend = context.load();
    this.#backend = backend;
    if (backend.kind === 'job') {
      throw new BackendError('E_KIND', `Starting "${backend.name}": it is a job, which is run, not started`, {
        hint: 'Call run() instead.',
      });
    }
    const location = locateProgram(backend, context.resources);
    this.#location = location;
    this.#reports.phase('verifying');
    await context.verify(backend, location, signal);
    this.#reports.phase('preflight');
    this.#requested = await this.#chooseAddress(backend);
    this.#plan = planLaunch({
      backend,
      location,
      credentials: this.credentials,
      address: this.#requested,
      userData: context.userData,
      resources: context.resources,
      baseEnv: context.baseEnv,
      platform: process.platform,
      extraArgs: [],
    });
    await prepareWorkingDirectory(this.#plan, context.userData, backend.name);
  }

  async #chooseAddress(backend: BackendManifest): Promise<RequestedAddress> {
    const { address } = backend.settings;
    switch (address.type) {
      case 'port': {
        const port = await pickPort(backend.name, address.host, address.from, address.to);
        return { type: 'port', host: address.host, port };
      }
      case 'unix': {
        if (process.platform === 'win32') return { type: 'announce' };
        const socket = await createSocketPlace(this.#context.baseEnv);
        if (this.#released.signal.aborted) await socket.remove();
        else this.#socket = socket;
        return { type: 'unix', path: socket.path };
      }
      case 'announce':
      case 'none':
      default:
        return { type: address.type };
    }
  }

  spawn(): void {
    const context = this.#context;
    const backend = this.#backend;
    const plan = this.#plan;
    if (backend === null || plan === null) throw new Error('spawn before check');
    const { settings } = backend;
    const child = new ChildProgram(
      {
        name: backend.name,
        generation: this.#number,
        instance: this.credentials.instance,
        plan,
        opening:
          backend.companion === 'none'
            ? null
            : openingLine(backend, this.credentials, this.#requested, {
                userData: context.userData,
                resources: context.resources,
              }),
        hasLifeline: backend.companion !== 'none' && settings.lifeline !== 'off',
        raw: backend.kind === 'stdio' && settings.stdio === 'raw',
        ringLines: settings.logs.ringLines,
        clock: context.clock,
        redact: createRedactor([this.credentials.token, this.credentials.nonce], settings.logs.redact),
      },
      {
        message: (message) => this.#onMessage(message),
        malformed: (reason) => this.#refuse(`what it said is not protocol v1: ${reason}`),
        line: (stream, line, truncated, progress) => {
          this.#gate?.line(line);
          this.#reports.log({ stream, line, truncated, progress });
        },
        exit: (code, signal) => this.#reports.exit(code, signal),
        notSpawned: (error) => this.#reports.notSpawned(error),
      },
    );
    this.#child = child;
    this.#gate = this.#createGate(backend);
    child.spawn();
    if (child.tree.childPid === null) return;
    context.record(child, null);
    this.#reports.phase('handshaking');
    this.#gate.begin();
  }

  #createGate(backend: BackendManifest): ReadyGate {
    const { settings } = backend;
    return new ReadyGate({
      settings: settings.ready,
      address: settings.ready.announced ? null : knownAddress(this.#requested),
      clock: this.#context.clock,
      signal: this.#released.signal,
      ask: (address) => this.#ask(backend, address),
      onProbing: () => this.#reports.phase('probing'),
      onOpen: (address) => this.#open(address),
      onClosed: (error) => this.#refuse(error instanceof Error ? error.message : String(error)),
    });
  }

  /** The confirming question. */
  async #ask(backend: BackendManifest, address: BackendAddress): Promise<void> {
    if (address.type === 'none') return;
    const { ready } = backend.settings;
    const path = ready.http ?? (backend.companion === 'full' && ready.announced ? pingPath : null);
    const { signal } = this.#released;
    if (path === null) await probeConnect(address, askTimeoutMs, signal);
    else {
      const { token } = this.credentials;
      const body = await probeHttp({ address, path, token, timeoutMs: askTimeoutMs, signal });
      if (path === pingPath && !body.includes(this.credentials.instance))
        throw new GateClosed('another program answers at its address');
    }
    if (!ready.announced && address.type === 'tcp') await this.#askOwner(address.port);
  }

  /** Without a proof the only evidence is who holds the port. */
  async #askOwner(port: number): Promise<void> {
    const owner = await portOwner(port);
    if (owner === null) return;
    const members = (await this.#child?.tree.members()) ?? [];
    if (members.some((entry) => entry.pid === owner.pid)) return;
    throw new GateClosed(
      `the port ${port} is held by process ${owner.pid}${owner.program === null ? '' : ` (${owner.program})`}, which is not the backend`,
    );
  }

  #open(address: BackendAddress): void {
    const { tree } = this.#child ?? {};
    this.#address = address;
    this.#reports.proved({
      address,
      pid: tree?.pythonPid ?? tree?.childPid ?? null,
      bootPid: tree?.childPid ?? null,
      python: this.#hello?.python ?? null,
    });
  }

  #onMessage(message: ProtocolMessage): void {
    switch (message.type) {
      case 'hello':
        if (message.version !== 1) return this.#refuse(`it speaks protocol version ${message.version}`);
        this.#hello = message;
        if (this.#child !== null) this.#context.record(this.#child, message.meipass);
        return;
      case 'status':
        this.#lastStatus = message.text;
        return this.#reports.status(message.text, message.percent);
      case 'extend':
        return this.#reports.extend(message.ms);
      case 'ready': {
        if (!isProof(message.proof, this.credentials)) return this.#refuse('its proof is wrong');
        const address = acceptAddress(message.address, this.#requested);
        if (typeof address === 'string') return this.#refuse(address);
        return this.#gate?.announced(address);
      }
      case 'fatal':
        this.#fatal = message;
        return this.#reports.failed(this.#fatalError(message));
      case 'message':
        return this.#onConversation?.(message.message);
      case 'stopping':
      case 'progress':
      case 'result':
    }
  }

  #onConversation: ((message: Readonly<Record<string, unknown>>) => void) | null = null;

  /** Hand the conversation of a `stdio` backend to somebody. */
  converse(listener: (message: Readonly<Record<string, unknown>>) => void): void {
    this.#onConversation = listener;
  }

  #refuse(reason: string): void {
    this.#reports.failed(
      new BackendError('E_HANDSHAKE', `Starting the backend "${this.#name}": ${reason}`, {
        phase: 'handshaking',
        generation: this.#number,
        tail: this.tail(),
        hint: 'Build the backend again with the installed version of electron-pyinstaller; check that nothing else uses its port.',
      }),
    );
  }

  get #name(): string {
    return this.#backend?.name ?? '?';
  }

  #fatalError(message: Extract<ProtocolMessage, { type: 'fatal' }>): BackendError {
    const module = message.module ?? /No module named ['"]?([\w.]+)/.exec(message.message)?.[1] ?? null;
    const frozen = this.#backend?.program.type === 'frozen';
    const hint =
      module === null
        ? undefined
        : frozen
          ? `Add it to the configuration: backends.${this.#name}.hiddenImports: ['${module}'] (or install the package it is from), and build again.`
          : `Install the package ${module} is from: add it to backends.${this.#name}.requirements.`;
    return new BackendError(
      'E_FATAL',
      `Starting the backend "${this.#name}": it gave up (${message.code}): ${message.message}`,
      {
        generation: this.#number,
        phase: 'handshaking',
        tail: [...this.tail(), ...(message.traceback?.split('\n') ?? [])],
        hint,
        detail: { code: message.code, module },
      },
    );
  }

  end(step: 'graceful' | 'terminate' | 'kill' | 'final'): void {
    const child = this.#child;
    if (child === null) return;
    const stopPath = this.#backend?.settings.stop.http ?? null;
    if (step === 'graceful' && stopPath !== null && this.#address !== null && this.#address.type !== 'none') {
      const { token } = this.credentials;
      probeHttp({
        address: this.#address,
        path: stopPath,
        method: 'POST',
        token,
        timeoutMs: askTimeoutMs,
        signal: this.#released.signal,
      }).then(
        () => child.end('graceful'),
        () => child.end('graceful'),
      );
      return;
    }
    child.end(step);
    if (child.isUseless(step)) queueMicrotask(() => this.#reports.stepUseless());
  }

  async sweep(patient: boolean): Promise<readonly number[]> {
    return this.#child === null ? [] : this.#child.sweep(patient);
  }

  async probe(): Promise<void> {
    const health = this.#backend?.settings.health ?? null;
    if (health === null || this.#address === null) return;
    await probeHttp({
      address: this.#address,
      path: health.http,
      token: this.credentials.token,
      timeoutMs: health.timeoutMs,
      signal: this.#released.signal,
    });
  }

  describe(failure: Failure): BackendError {
    if (this.#fatal !== null && failure.code === 'E_START_EXIT') return this.#fatalError(this.#fatal);
    return describeFailure(failure, {
      name: this.#name,
      tail: this.tail(),
      greeted: this.#hello !== null,
      lastStatus: this.#lastStatus,
      file: this.#location?.file ?? null,
      program: this.#backend?.program.type ?? 'frozen',
      mode: this.#backend?.program.type === 'frozen' ? this.#backend.program.mode : null,
    });
  }

  tail(): readonly string[] {
    return this.#child?.tail() ?? [];
  }

  release(): void {
    if (this.#released.signal.aborted) return;
    this.#released.abort(toBackendError(null, 'E_STOPPED', `The backend "${this.#name}" ended`));
    this.#child?.release();
    if (this.#child !== null) this.#context.forget();
    void this.#socket?.remove();
  }
}

/** An address that is known before the backend says anything; null: wait for it. */
function knownAddress(requested: RequestedAddress): BackendAddress | null {
  switch (requested.type) {
    case 'port':
      return tcpAddress(requested.host, requested.port);
    case 'unix':
      return { type: 'unix', path: requested.path };
    case 'none':
      return { type: 'none' };
    case 'announce':
    default:
      return null;
  }
}
