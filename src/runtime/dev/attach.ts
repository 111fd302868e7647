import type { Clock } from '../clock.js';
import { BackendError, toBackendError } from '../errors.js';
import { describeFailure } from '../life/failures.js';
import { tcpAddress } from '../talk/handshake.js';
import type { Failure } from '../life/machine.js';
import type { RuntimeSettings, ReadySettings } from '../manifest.js';
import type { Connection, Operator, OperatorReports } from '../life/operator.js';
import { probeConnect, probeHttp } from '../talk/probe.js';
import type { ProbeTarget } from '../talk/probe.js';
import { ReadyGate } from '../life/ready-gate.js';

/** A backend the developer started by hand, e.g. in a debugger. */
export interface AttachTarget {
  /** E.g. `http://127.0.0.1:8000`. */
  readonly url: string;
  /** What it wants in the header `x-electron-pyinstaller-token`, if anything. */
  readonly token?: string;
}

/** Milliseconds one question may take. */
const askTimeoutMs = 2000;

/** Read a target from `http://…` text or an object. @throws BackendError `E_FORBIDDEN` for anything but http on this computer. */
export function attachTarget(target: string | AttachTarget): AttachTarget {
  const { url, token } = typeof target === 'string' ? { url: target, token: undefined } : target;
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isLocal = parsed !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(parsed.hostname);
  if (parsed?.protocol !== 'http:' || !isLocal) {
    throw new BackendError('E_FORBIDDEN', `Attaching to ${url}: it is not http on this computer`, {
      hint: 'Give an address such as http://127.0.0.1:8000.',
    });
  }
  return token === undefined ? { url: parsed.origin } : { url: parsed.origin, token };
}

/** Environment variable that attaches a backend during development, e.g. `ELECTRON_PYINSTALLER_ATTACH_ENGINE`. */
export function attachVariable(name: string): string {
  return `ELECTRON_PYINSTALLER_ATTACH_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

/** Watches a process that is not ours: asks whether it answers, never ends it. */
export class AttachedOperator implements Operator {
  readonly #reports: OperatorReports;
  readonly #target: AttachTarget;
  readonly #settings: RuntimeSettings;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #address: Connection['address'];
  readonly #released = new AbortController();
  #gate: ReadyGate | null = null;
  #isOpen = false;

  constructor(
    name: string,
    target: AttachTarget,
    settings: RuntimeSettings,
    clock: Clock,
    reports: OperatorReports,
  ) {
    this.#name = name;
    this.#target = target;
    this.#settings = settings;
    this.#clock = clock;
    this.#reports = reports;
    const { hostname, port } = new URL(target.url);
    this.#address = tcpAddress(hostname.replaceAll(/[[\]]/g, ''), Number(port === '' ? 80 : port));
  }

  get connection(): Connection | null {
    if (!this.#isOpen || this.#released.signal.aborted) return null;
    return {
      ...this.#asked,
      conversation: null,
      stdin: null,
      stdout: null,
    };
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  spawn(): void {
    this.#gate = new ReadyGate({
      settings: { ...this.#settings.ready, announced: false, log: null },
      address: this.#address,
      clock: this.#clock,
      signal: this.#released.signal,
      ask: () => this.#ask(this.#settings.ready, askTimeoutMs),
      onProbing: () => this.#reports.phase('probing'),
      onOpen: (address) => {
        this.#isOpen = true;
        this.#reports.proved({ address, pid: null, bootPid: null, python: null });
      },
      onClosed: (error) =>
        this.#reports.failed(toBackendError(error, 'E_HANDSHAKE', `Attaching to ${this.#target.url}`)),
    });
    this.#gate.begin();
  }

  get #asked(): Omit<ProbeTarget, 'timeoutMs'> {
    const { signal } = this.#released;
    return { address: this.#address, token: this.#target.token ?? '', proves: false, signal };
  }

  async #ask(
    { http: path, status }: Pick<ReadySettings, 'http' | 'status'>,
    timeoutMs: number,
  ): Promise<void> {
    const target = { ...this.#asked, timeoutMs };
    await (path === null ? probeConnect(target) : probeHttp({ ...target, path, status }));
  }

  end(): void {
    queueMicrotask(() => this.#reports.exit(0, null));
  }

  sweep(): Promise<readonly number[]> {
    return Promise.resolve([]);
  }

  probe(): Promise<void> {
    const { health } = this.#settings;
    return health === null ? Promise.resolve() : this.#ask(health, health.timeoutMs);
  }

  describe(failure: Failure): BackendError {
    return describeFailure(failure, {
      name: this.#name,
      tail: [],
      greeted: true,
      lastStatus: `attached to ${this.#target.url}`,
      lastAnswer: this.#gate?.lastAnswer ?? null,
      program: 'development',
      mode: null,
    });
  }

  tail(): readonly string[] {
    return [];
  }

  release(): void {
    this.#released.abort();
  }
}
