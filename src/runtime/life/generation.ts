import { Conversation } from '../talk/conversation.js';
import { BackendError } from '../errors.js';
import type { BackendAddress } from '../events.js';
import { buildAgain } from './failures.js';
import { acceptAddress, isProof, tcpAddress } from '../talk/handshake.js';
import type { Credentials, RequestedAddress } from '../talk/handshake.js';
import { Launch } from './launch.js';
import type { LaunchOwner } from './launch.js';
import type { Failure } from './machine.js';
import type { BackendManifest } from '../manifest.js';
import type { Connection, Operator, OperatorReports } from './operator.js';
import { portOwners } from '../launch/port-owner.js';
import type { ChildProgram } from '../process/child-program.js';
import { pingPath, probeConnect, probeHttp } from '../talk/probe.js';
import { protocolVersion } from '../talk/protocol-lines.js';
import type { ProtocolMessage } from '../talk/protocol-lines.js';
import { GateClosed, ReadyGate } from './ready-gate.js';

/** Milliseconds one question about readiness may take. */
const askTimeoutMs = 2000;

/** One real launch of a backend, from looking for the program to the last trace of its processes. */
export class Generation implements Operator {
  readonly #context: LaunchOwner;
  readonly #launch: Launch;
  readonly #reports: OperatorReports;
  readonly #number: number;
  readonly #released = new AbortController();
  #gate: ReadyGate | null = null;
  #conversation: Conversation | null = null;
  #address: BackendAddress | null = null;
  /** Its end was asked for. */
  #isEnding = false;

  constructor(number: number, reports: OperatorReports, context: LaunchOwner) {
    this.#number = number;
    this.#reports = reports;
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
      address: this.#address,
      token: this.credentials.token,
      signal: this.signal,
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
    await this.#launch.prepare('server', {
      extraArgs: [],
      signal: this.signal,
      onPhase: (phase) => this.#reports.phase(phase),
    });
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
    if (!ready.announced && address.type === 'tcp') await this.#askOwner(address.host, address.port);
  }

  /** Without a proof the only evidence is who holds the port. */
  async #askOwner(host: string, port: number): Promise<void> {
    const owners = await portOwners(host, port);
    const [owner] = owners;
    if (owner === undefined) return;
    const members = (await this.#child?.tree.members()) ?? [];
    if (members.some((entry) => owners.some(({ pid }) => pid === entry.pid))) return;
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
        return this.#reports.extend(message.ms);
      case 'ready': {
        if (!isProof(message.proof, this.credentials)) return this.#refuse('its proof is wrong');
        const address = acceptAddress(message.address, this.#launch.prepared?.requested ?? { type: 'none' });
        if (typeof address === 'string') return this.#refuse(address);
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
      new BackendError('E_HANDSHAKE', `Starting the backend "${this.#launch.name}": ${reason}`, {
        phase: 'handshaking',
        generation: this.#number,
        tail: this.tail(),
        hint: `${buildAgain.slice(0, -1)}; check that nothing else uses its port.`,
      }),
    );
  }

  #fatalError(fatal: Extract<ProtocolMessage, { type: 'fatal' }>): BackendError {
    const isStarting = this.#address === null;
    return this.#launch.fatalError(
      fatal,
      `${isStarting ? 'Starting the' : 'The'} backend "${this.#launch.name}"`,
      { phase: isStarting ? 'handshaking' : undefined },
    );
  }

  end(step: 'graceful' | 'terminate' | 'kill' | 'final'): void {
    this.#isEnding = true;
    const child = this.#child;
    if (child === null) return;
    const stopPath = this.#launch.prepared?.backend.settings.stop.http ?? null;
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
    await probeHttp({
      address: this.#address,
      path: health.http,
      token: this.credentials.token,
      timeoutMs: health.timeoutMs,
      signal: this.#released.signal,
    });
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
    const crashed = this.#child !== null && !this.#isEnding;
    this.#released.abort(
      new BackendError(
        crashed ? 'E_CRASH' : 'E_STOPPED',
        `The backend "${this.#launch.name}" ${crashed ? 'ended by itself' : 'was stopped'} before it had answered`,
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
