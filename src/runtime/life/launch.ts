import { BackendError, starting } from '../errors.js';
import { prepareLaunch } from '../launch/prepare-launch.js';
import type { LaunchContext, PreparedLaunch, PrepareRequest } from '../launch/prepare-launch.js';
import { createRedactor } from '../log/redact.js';
import { ChildProgram } from '../process/child-program.js';
import type { ChildSink } from '../process/child-program.js';
import { oomKills } from '../process/proc.js';
import { unpackingPlace } from '../process/unpacked-folder.js';
import { createCredentials, openingLine } from '../talk/handshake.js';
import type { Credentials } from '../talk/handshake.js';
import type { ProtocolMessage } from '../talk/protocol-lines.js';
import { missingModuleHint } from './exit-diagnosis.js';
import { buildAgain, describeFailure } from './failures.js';
import type { FailureEvidence } from './failures.js';
import type { Failure } from './machine.js';

/** Who hears what a launched program does; its processes are the launch's own matter. */
export type LaunchSink = Omit<ChildSink, 'identified' | 'remark'>;

/** What a launch takes from the backend it belongs to. */
export interface LaunchOwner extends LaunchContext {
  /** Called when a process exists, and again when it is known better. */
  readonly record: (child: ChildProgram, meipass: string | null) => void;
  /** Nothing of the launch is left. */
  readonly forget: (child: ChildProgram) => void;
  /** Where its output is written; null: nowhere. */
  readonly logFile: () => string | null;
}

type Heard<Type extends ProtocolMessage['type']> = Extract<ProtocolMessage, { type: Type }>;

/** One launch of a program, a server or a job: what is decided before, the child, what it said about itself, and why it ended. */
export class Launch {
  readonly credentials: Credentials = createCredentials();
  readonly #owner: LaunchOwner;
  /** Counted from 1. */
  readonly number: number;
  // What is known so far.
  name = '?';
  prepared: PreparedLaunch | null = null;
  child: ChildProgram | null = null;
  hello: Heard<'hello'> | null = null;
  /** It said that trying again is useless. */
  fatal: Heard<'fatal'> | null = null;
  #lastStatus: string | null = null;
  readonly #oomKills = oomKills();

  constructor(owner: LaunchOwner, number: number) {
    this.#owner = owner;
    this.number = number;
  }

  /** Locate, verify, choose an address, compose the command. @throws BackendError */
  async prepare(
    wanted: 'server' | 'job',
    request: Omit<PrepareRequest, 'credentials' | 'accept'>,
  ): Promise<PreparedLaunch> {
    const prepared = await prepareLaunch(this.#owner, {
      ...request,
      credentials: this.credentials,
      accept: ({ name, kind }) => {
        this.name = name;
        if ((kind === 'job') === (wanted === 'job')) return;
        const [seen, instead] =
          kind === 'job'
            ? [`${starting(name)}: it is a job, which is run, not started`, 'run']
            : [`Running "${name}": it is a backend of kind ${kind}, not a job`, 'start'];
        throw new BackendError('E_KIND', seen, { hint: `Call ${instead}() instead.` });
      },
    });
    if (request.signal.aborted) prepared.socket?.remove();
    this.prepared = prepared;
    return prepared;
  }

  /** @throws BackendError when the system refuses at once; later it comes through the sink. */
  spawn(sink: LaunchSink, isPatient: boolean): ChildProgram {
    if (this.prepared === null) throw new Error('spawn before prepare');
    const { backend, plan, requested } = this.prepared;
    const { settings } = backend;
    const { token, nonce, instance } = this.credentials;
    const child: ChildProgram = new ChildProgram(
      {
        name: backend.name,
        generation: this.number,
        instance,
        plan,
        opening:
          backend.companion === 'none'
            ? null
            : openingLine(backend, this.credentials, requested, this.#owner),
        hasLifeline: backend.companion !== 'none' && settings.lifeline !== 'off',
        unpacksInto: unpackingPlace(backend, plan.env),
        raw: backend.kind === 'stdio' && settings.stdio === 'raw',
        isPatient,
        ringLines: settings.logs.ringLines,
        clock: this.#owner.clock,
        redact: createRedactor([token, nonce], settings.logs.redact),
      },
      {
        ...sink,
        message: (message) => {
          if (message.type === 'hello') this.hello = message;
          else if (message.type === 'status') this.#lastStatus = message.text;
          else if (message.type === 'fatal') this.fatal = message;
          sink.message(message);
        },
        remark: (text) => this.#owner.remark(text),
        identified: () => this.#owner.record(child, this.hello?.meipass ?? null),
      },
    );
    this.child = child;
    child.spawn();
    if (child.tree.childPid !== null) this.#owner.record(child, null);
    return child;
  }

  tail(): readonly string[] {
    return this.child?.tail() ?? [];
  }

  /** @param doing What was done, e.g. `Running "engine"`. */
  fatalError(
    fatal: Heard<'fatal'>,
    doing: string,
    rest: { readonly phase?: 'handshaking' | undefined; readonly exitCode?: number | null },
  ): BackendError {
    const { code, message, traceback, module: said } = fatal;
    const module = said ?? /No module named ['"]?([\w.]+)/.exec(message)?.[1] ?? null;
    const program = this.prepared?.backend.program.type ?? 'frozen';
    const missing = module === null ? undefined : missingModuleHint(module, this.name, program);
    const { requested } = this.prepared ?? {};
    const tail = this.tail();
    const trace = traceback?.trimEnd().split('\n') ?? [];
    // Another attempt gets another port of the range.
    const isBusy = code === 'address-in-use' && requested?.type === 'port' && requested.to !== undefined;
    return new BackendError(
      isBusy ? 'E_PORT_BUSY' : 'E_FATAL',
      `${doing}: it gave up (${code}): ${message}`,
      {
        ...rest,
        generation: this.number,
        // It is printed too, but may not have been read yet.
        tail: trace.every((line) => tail.includes(line)) ? tail : [...tail, ...trace],
        hint: missing ?? (code === 'protocol' ? buildAgain : undefined),
        detail: { code, module, stack: traceback?.match(/(?<=^ +File ).*/gm)?.toReversed() },
      },
    );
  }

  /** A failure as an error that says what was seen and what to do. */
  describe(failure: Failure, rest: Pick<FailureEvidence, 'lastAnswer' | 'awaitsAddress'> = {}): BackendError {
    const backend = this.prepared?.backend;
    const program = backend?.program;
    return describeFailure(failure, {
      ...rest,
      name: this.name,
      tail: this.tail(),
      logFile: this.#owner.logFile(),
      greeted: this.hello !== null,
      refusal: this.child?.tree.refusal,
      announces: this.prepared?.requested?.type === 'announce',
      lastStatus: this.#lastStatus,
      crash: this.child?.crash,
      builtFor: backend?.versions.builtFor,
      outOfMemory: oomKills() > this.#oomKills,
      program: program?.type ?? 'frozen',
      mode: program?.type === 'frozen' ? program.mode : null,
    });
  }

  /** Nothing of it is left, and nothing is wanted any more. */
  release(): void {
    this.prepared?.socket?.remove();
    if (this.child === null) return;
    this.child.release();
    this.#owner.forget(this.child);
  }
}
