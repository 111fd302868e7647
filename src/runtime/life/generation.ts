import { Conversation } from '../talk/conversation.js';
import { BackendError, messageOf, starting, theBackend, toBackendError } from '../errors.js';
import type { BackendAddress } from '../events.js';
import { buildAgain } from './failures.js';
import { acceptAddress, isProof, tcpAddress } from '../talk/handshake.js';
import type { Credentials, RequestedAddress } from '../talk/handshake.js';
import { Launch } from './launch.js';
import type { LaunchOwner } from './launch.js';
import type { Failure } from './machine.js';
import type { BackendManifest } from '../manifest.js';
import type { Connection, Operator, OperatorReports } from './operator.js';
import { describeOwner, portOwners, strangerOf } from '../launch/port-owner.js';
import type { ChildProgram } from '../process/child-program.js';
import { BadStatus, probeConnect, probeHttp } from '../talk/probe.js';
import type { ProbeTarget } from '../talk/probe.js';
import { protocolVersion } from '../talk/protocol-lines.js';
import type { ProtocolMessage } from '../talk/protocol-lines.js';
import { knownRoutes } from '../talk/known-routes.js';
import { NotTheBackend } from '../talk/prove.js';
import { ReadyGate } from './ready-gate.js';

/** Milliseconds one question about readiness may take. */
const askTimeoutMs = 2000;

/** One real launch of a backend, from looking for the program to the last trace of its processes. */
export class Generation implements Operator {
  readonly #context: LaunchOwner;
  readonly #launch: Launch;
  readonly #reports: OperatorReports;
  /** Without waiting for the comparison. */
  readonly #told: OperatorReports;
  readonly #number: number;
  readonly #released = new AbortController();
  #gate: ReadyGate | null = null;
  #conversation: Conversation | null = null;
  #address: BackendAddress | null = null;
  /** The companion serves, which can prove that it does. */
  #answersPing = false;
  /** Aborted when its end was asked for, which ends the comparison of its files too. */
  readonly #ending = new AbortController();
  /** What is wrong with its files, as soon as that is known; null: nothing. */
  #damage: Promise<BackendError | null> = Promise.resolve(null);

  constructor(number: number, reports: OperatorReports, context: LaunchOwner) {
    this.#number = number;
    this.#told = reports;
    // A damaged program may do anything: what it did is told when its files were compared.
    const whenCompared = (tell: (damage: BackendError | null) => void): unknown => this.#damage.then(tell);
    this.#reports = {
      ...reports,
      failed: (error) => whenCompared((damage) => reports.failed(damage ?? error)),
      notSpawned: (error) => whenCompared((damage) => reports.notSpawned(damage ?? error)),
      proved: (info) => whenCompared((damage) => damage ?? reports.proved(info)),
      exit: (code, signal) => whenCompared(() => reports.exit(code, signal)),
    };
    this.#context = context;
    this.#launch = new Launch(context, number);
  }

  get credentials(): Credentials {
    return this.#launch.credentials;
  }

  get #child(): ChildProgram | null {
    return this.#launch.child;
  }

  get connection(): Connection | null {
    if (this.#address === null || this.signal.aborted) return null;
    return {
      ...this.#target(this.#address),
      conversation: this.#conversation,
      stdin: this.#child?.stdin ?? null,
      stdout: this.#child?.rawOutput ?? null,
    };
  }

  /** Aborted when nothing of this generation matters any more. */
  get signal(): AbortSignal {
    return this.#released.signal;
  }

  async check(): Promise<void> {
    const { backend, intact } = await this.#launch.prepare('server', {
      extraArgs: [],
      signal: AbortSignal.any([this.signal, this.#ending.signal]),
      onPhase: (phase) => this.#reports.phase(phase),
    });
    this.#answersPing = backend.companion === 'full';
    this.#damage = intact.then(
      () => null,
      (error: unknown) => {
        const damage = toBackendError(error, 'E_SPAWN', starting(backend.name));
        this.#told.failed(damage);
        return damage;
      },
    );
  }

  spawn(): void {
    if (this.#launch.prepared === null) throw new Error('spawn before check');
    const { backend, requested } = this.#launch.prepared;
    this.#gate = this.#createGate(backend, requested);
    const child = this.#launch.spawn(
      {
        message: (message) => this.#onMessage(message),
        malformed: (reason) => {
          const seen = `what it said is not the protocol: ${reason}`;
          // A refusal only matters while it is starting.
          if (this.#address === null) this.#refuse(seen);
          else this.#context.remark(seen);
        },
        line: (stream, line, truncated, progress) => {
          this.#gate?.line(line);
          this.#reports.log({ stream, line, truncated, progress });
        },
        exit: (code, signal) => this.#reports.exit(code, signal),
        notSpawned: (error) => this.#reports.notSpawned(error),
      },
      false,
    );
    if (child.tree.childPid === null) return;
    if (backend.kind === 'stdio' && child.stdin !== null && child.rawOutput === null) {
      this.#conversation = new Conversation({
        name: backend.name,
        generation: this.#number,
        stdin: child.stdin,
        signal: this.signal,
        onEvent: (event, data) => this.#reports.message(event, data),
      });
    }
    this.#reports.phase('handshaking');
    this.#gate.begin();
  }

  #createGate(backend: BackendManifest, requested: RequestedAddress): ReadyGate {
    const { settings } = backend;
    return new ReadyGate({
      settings: settings.ready,
      address: settings.ready.announced ? null : knownAddress(requested),
      clock: this.#context.clock,
      signal: this.#released.signal,
      ask: (address) => this.#ask(backend, address),
      onProbing: () => this.#reports.phase('probing'),
      onOpen: (address) => this.#open(address),
      onClosed: (error, address) =>
        error instanceof BadStatus ? void this.#refusePath(error, address) : this.#refuse(messageOf(error)),
    });
  }

  /** How the backend is asked. */
  #target(address: BackendAddress, timeoutMs = askTimeoutMs): ProbeTarget {
    const { token } = this.credentials;
    return { address, token, proves: this.#answersPing, timeoutMs, signal: this.signal };
  }

  /** The confirming question. Nothing is said to anybody before it is known who it is. */
  async #ask(backend: BackendManifest, address: BackendAddress): Promise<void> {
    if (address.type === 'none') return;
    const target = this.#target(address);
    const { http: path, status } = backend.settings.ready;
    if (path === null || !target.proves) await probeConnect(target);
    if (!target.proves && address.type === 'tcp') await this.#askOwner(address.host, address.port);
    if (path !== null) await probeHttp({ ...target, path, status });
  }

  /** The server does not know the path it is asked for. Says what it knows. */
  async #refusePath(error: BadStatus, address: BackendAddress): Promise<void> {
    const routes = await knownRoutes(this.#target(address));
    this.#reports.failed(
      new BackendError(
        'E_START_TIMEOUT',
        `${starting(this.#launch.name)}: the backend runs, but ${error.message} all the time`,
        {
          retryable: false,
          phase: 'probing',
          generation: this.#number,
          tail: this.tail(),
          hint: `Correct \`ready.http\`${routes.length === 0 ? '' : `; these are answered: ${routes.join(', ')}`}.`,
        },
      ),
    );
  }

  /** Without a proof the only evidence is who holds the port. */
  async #askOwner(host: string, port: number): Promise<void> {
    const owners = await portOwners(host, port);
    if (owners.length === 0) throw new Error(`port ${port} has no known owner`);
    const tree = this.#child?.tree;
    // Listing processes takes a while on some systems, and mostly it is one of these.
    if (strangerOf(owners, [tree?.childPid ?? 0, tree?.pythonPid ?? 0]) === null) return;
    const members = (await tree?.members()) ?? [];
    const other = strangerOf(
      owners,
      members.map(({ pid }) => pid),
    );
    if (other === null) return;
    throw new NotTheBackend(`the port ${port} is held by ${describeOwner(other)}, which is not the backend`);
  }

  #open(address: BackendAddress): void {
    const { tree } = this.#child ?? {};
    this.#address = address;
    this.#reports.proved({
      address,
      pid: tree?.pythonPid ?? tree?.childPid ?? null,
      bootPid: tree?.childPid ?? null,
      python: this.#launch.hello?.python ?? null,
    });
  }

  #onMessage(message: ProtocolMessage): void {
    switch (message.type) {
      case 'hello':
        if (message.version !== protocolVersion)
          return this.#refuse(`it speaks protocol version ${message.version}`);
        return;
      case 'status':
        return this.#reports.status(message.text, message.percent);
      case 'extend':
        this.#gate?.extended();
        return this.#reports.extend(message.ms);
      case 'ready': {
        const { token, nonce } = this.credentials;
        if (!isProof(message.proof, token, nonce)) return this.#refuse('its proof is wrong');
        const address = acceptAddress(message.address, this.#launch.prepared?.requested ?? { type: 'none' });
        if (typeof address === 'string') return this.#refuse(address);
        this.#answersPing ||= message.ping;
        return this.#gate?.announced(address);
      }
      case 'fatal':
        return this.#reports.failed(this.#fatalError(message));
      case 'message':
        return this.#conversation?.receive(message.message);
      case 'stopping':
      case 'progress':
      case 'result':
    }
  }

  #refuse(reason: string): void {
    this.#reports.failed(
      new BackendError('E_HANDSHAKE', `${starting(this.#launch.name)}: ${reason}`, {
        phase: 'handshaking',
        generation: this.#number,
        tail: this.tail(),
        hint: `${buildAgain.slice(0, -1)}; check that nothing else uses its port.`,
      }),
    );
  }

  #fatalError(fatal: Extract<ProtocolMessage, { type: 'fatal' }>): BackendError {
    const isStarting = this.#address === null;
    const { name } = this.#launch;
    return this.#launch.fatalError(fatal, isStarting ? starting(name) : theBackend(name), {
      phase: isStarting ? 'handshaking' : undefined,
    });
  }

  end(step: 'graceful' | 'terminate' | 'kill' | 'final'): void {
    this.#ending.abort();
    const child = this.#child;
    if (child === null) return;
    const stopPath = this.#launch.prepared?.backend.settings.stop.http ?? null;
    if (step === 'graceful' && stopPath !== null && this.#address !== null && this.#address.type !== 'none') {
      probeHttp({ ...this.#target(this.#address), path: stopPath, method: 'POST' }).then(
        () => child.closeInput(),
        () => child.end('graceful'),
      );
      return;
    }
    child.end(step);
    if (child.isUseless(step)) queueMicrotask(() => this.#reports.stepUseless());
  }

  async sweep(patient: boolean): Promise<readonly number[]> {
    if (this.#child === null) return [];
    return this.#child.sweep(patient);
  }

  async probe(): Promise<void> {
    const health = this.#launch.prepared?.backend.settings.health ?? null;
    if (health === null || this.#address === null) return;
    const { http: path, status, timeoutMs } = health;
    await probeHttp({ ...this.#target(this.#address, timeoutMs), path, status });
  }

  describe(failure: Failure): BackendError {
    const { fatal, prepared } = this.#launch;
    if (fatal !== null && (failure.code === 'E_START_EXIT' || failure.code === 'E_CRASH'))
      return this.#fatalError(fatal);
    return this.#launch.describe(failure, {
      lastAnswer: this.#gate?.lastAnswer ?? null,
      awaitsAddress: prepared?.backend.companion === 'lifeline' && prepared.requested.type === 'announce',
    });
  }

  tail(): readonly string[] {
    return this.#launch.tail();
  }

  release(): void {
    if (this.#released.signal.aborted) return;
    const crashed = this.#child !== null && !this.#ending.signal.aborted;
    this.#released.abort(
      new BackendError(
        crashed ? 'E_CRASH' : 'E_STOPPED',
        `${theBackend(this.#launch.name)} ${crashed ? 'ended by itself' : 'was stopped'} before it had answered`,
        { generation: this.#number, tail: this.tail() },
      ),
    );
    this.#launch.release();
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
