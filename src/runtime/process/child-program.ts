import type { ChildProcess } from 'node:child_process';
import type { PassThrough, Readable, Writable } from 'node:stream';
import type { Clock } from '../clock.js';
import { isWindows } from '../is-windows.js';
import type { BackendError } from '../errors.js';
import { catchAtExit } from './exit-net.js';
import type { LaunchPlan } from '../launch/launch-plan.js';
import { CrashOutput } from '../life/native-crash.js';
import { LogBuffer } from '../log/log-buffer.js';
import { Output } from './output.js';
import type { Audience, OutputSink } from './output.js';
import { PatientReader } from './patient-reader.js';
import type { TakePiece } from './patient-reader.js';
import { ProcessTree } from './process-tree.js';
import { maxMessageMiB, parseProtocolLine } from '../talk/protocol-lines.js';
import type { ProtocolMessage } from '../talk/protocol-lines.js';
import { RawFilter } from './raw-filter.js';
import type { Redact } from '../log/redact.js';
import { redactMessage } from '../log/redact-message.js';
import { node } from '../node.js';
import { spawnError } from './spawn-error.js';
import { listUnpacked, removeAbandoned, removeUnpacked } from './unpacked-folder.js';

/** Milliseconds the last output may take to arrive after the exit; grandchildren may hold the pipes for ever. */
const drainMs = 40;

/** Milliseconds after which raw output that does not end is cut. */
const rawDrainMs = 1000;

/** Milliseconds an ending Python may take after its bootloader vanished: the lifeline tells it to stop. */
const orphanMs = 1000;

/** Milliseconds between SIGTERM and SIGKILL for what an exited program left. */
const politeMs = 400;

/** Milliseconds the sweep may spend killing. */
const killBoundMs = 600;

/** Receives what a child does. */
export interface ChildSink {
  message(message: ProtocolMessage): void;
  malformed(reason: string): void;
  /** Something to write down about it. */
  remark(text: string): void;
  /** It is now known which process Python is. */
  identified(): void;
  /** A promise is waited for where the child is read patiently. */
  line(
    stream: 'stdout' | 'stderr',
    text: string,
    truncated: boolean,
    progress: boolean,
    audience: Audience,
  ): unknown;
  /** Exactly once after a successful spawn. */
  exit(code: number | null, signal: string | null): void;
  /** The spawn failed after all; `exit` does not follow. */
  notSpawned(error: BackendError): void;
}

/** How a child is run. */
export interface ChildOptions {
  readonly name: string;
  readonly generation: number;
  readonly instance: string;
  readonly plan: LaunchPlan;
  /** First line on stdin; null for programs without the companion. */
  readonly opening: string | null;
  /** The lifeline ends the program; false: it must be signalled. */
  readonly hasLifeline: boolean;
  /** Folder in which a onefile program unpacks itself; null for others. */
  readonly unpacksInto: string | null;
  /** stdin and stdout carry the program's own bytes. */
  readonly raw: boolean;
  /** Every line is delivered, as fast as it is taken. */
  readonly isPatient: boolean;
  readonly ringLines: number;
  readonly clock: Clock;
  readonly redact: Redact;
}

/** One spawned program: its pipes, its words, its end. */
export class ChildProgram {
  readonly tree: ProcessTree;
  readonly crash = new CrashOutput();
  /** A raw program's own output; null for others. */
  readonly rawOutput: PassThrough | null;
  readonly #options: ChildOptions;
  readonly #sink: ChildSink;
  readonly #buffer: LogBuffer;
  #child: ChildProcess | null = null;
  #forgetAtExit: (() => void) | null = null;
  #greeted = false;
  #meipass: string | null = null;
  /** Ended with an error of its bootloader. */
  #failed = false;
  #unpackedBefore: ReadonlySet<string> = new Set();
  #exited = false;
  #released = false;
  #sweeping: Promise<readonly number[]> | null = null;
  readonly #readers: Output[] = [];
  readonly #patient: PatientReader[] = [];
  #raw: RawFilter | null = null;
  /** Of a long message that is not complete yet. */
  #parts: string[] = [];
  #partsLength = 0;

  constructor(options: ChildOptions, sink: ChildSink) {
    this.#options = options;
    this.#sink = sink;
    this.#buffer = new LogBuffer(options.ringLines);
    this.tree = new ProcessTree(options.clock, options.instance);
    this.rawOutput = options.raw ? new node.stream.PassThrough() : null;
  }

  /** Public name of the launch; marks its processes. */
  get instance(): string {
    return this.#options.instance;
  }

  /** Absolute path of what was executed. */
  get file(): string {
    return this.#options.plan.file;
  }

  get stdin(): Writable | null {
    return this.#child?.stdin ?? null;
  }

  /** Last output lines. */
  tail(): readonly string[] {
    return this.#buffer.lines();
  }

  /** @throws BackendError when the system refuses at once. */
  spawn(): void {
    const { plan, name, generation, opening, unpacksInto } = this.#options;
    if (unpacksInto !== null) this.#unpackedBefore = listUnpacked(unpacksInto);
    let child: ChildProcess;
    try {
      child = node.childProcess.spawn(plan.file, plan.args, {
        cwd: plan.cwd,
        env: plan.env,
        stdio: ['pipe', 'pipe', 'pipe'],
        // POSIX: a session of its own gives a group to kill and keeps the terminal's Ctrl-C away. Windows: a detached child would
        // leave the job object through which libuv ends it together with us.
        detached: !isWindows,
        windowsHide: true,
        shell: false,
      });
    } catch (error) {
      throw spawnError(error, name, plan, generation);
    }
    this.#child = child;
    // Without a process the reason follows as an event; and when descriptors ran out there are no streams either.
    child.on('error', (error) => {
      if (child.pid === undefined) this.#sink.notSpawned(spawnError(error, name, plan, generation));
    });
    const stdin = child.stdin as Writable | undefined;
    stdin?.on('error', () => undefined);
    if (child.pid === undefined) return;
    this.tree.spawned(child.pid);
    this.#forgetAtExit = catchAtExit({ pid: child.pid, endsByItself: this.#options.hasLifeline });
    const drained = Promise.all([
      this.#read(child.stdout as Readable | undefined, 'stdout'),
      this.#read(child.stderr as Readable | undefined, 'stderr'),
    ]);
    child.on('exit', (code, signal) => this.#onExit(code, signal, drained));
    if (opening !== null) stdin?.write(opening);
  }

  /** End the lifeline (and the conversation). */
  closeInput(): void {
    this.#child?.stdin?.end();
  }

  /** Begin a step of the stop. */
  end(step: 'graceful' | 'terminate' | 'kill' | 'final'): void {
    switch (step) {
      case 'graceful':
        this.closeInput();
        if (process.platform === 'darwin') void this.tree.look();
        // Nobody listens on the lifeline (yet): say it the other way. On Windows that would be a kill.
        if (!isWindows && !(this.#options.hasLifeline && this.#greeted)) this.tree.signalMain('SIGTERM');
        return;
      case 'terminate':
        if (isWindows) return;
        this.tree.signalMain('SIGTERM');
        this.tree.signalMain('SIGCONT');
        return;
      case 'kill':
        void this.tree.kill(false);
        return;
      case 'final':
        void this.tree.kill(true);
    }
  }

  /** True when the step can do nothing here that the one before did not. */
  isUseless(step: 'graceful' | 'terminate' | 'kill' | 'final'): boolean {
    if (!isWindows) return false;
    return step === 'terminate' || (step === 'graceful' && !this.#options.hasLifeline);
  }

  /** End what the exited program left. */
  sweep(patient: boolean): Promise<readonly number[]> {
    this.#sweeping ??= this.#sweep(patient).finally(() => {
      this.#sweeping = null;
    });
    return this.#sweeping;
  }

  async #sweep(patient: boolean): Promise<readonly number[]> {
    if (this.tree.childPid === null) return [];
    const orphaned = this.tree.pythonPid !== null && this.tree.pythonPid !== this.tree.childPid;
    const patientMs = patient && orphaned ? orphanMs : politeMs;
    const survivors = await this.tree.sweep(patientMs, killBoundMs, (text) => this.#sink.remark(text));
    // What cannot be removed now is no process that survived.
    if (survivors.length === 0) await this.#removeUnpacked().catch(() => undefined);
    return survivors;
  }

  /** A bootloader that was killed (also by a stop while it unpacked), or failed half-way, leaves what it unpacked. */
  async #removeUnpacked(): Promise<void> {
    const { unpacksInto } = this.#options;
    const { childPid } = this.tree;
    if (unpacksInto === null || childPid === null) return;
    if (this.#greeted) await removeUnpacked(this.#meipass);
    else await removeAbandoned(unpacksInto, this.#unpackedBefore, childPid, this.#failed);
  }

  /** Close everything. Idempotent. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#forgetAtExit?.();
    const child = this.#child;
    if (child === null) return;
    const { stdin, stdout, stderr } = child;
    stdin?.destroy();
    stderr?.destroy();
    if (this.#raw === null || stdout === null || stdout.destroyed) {
      stdout?.destroy();
      this.rawOutput?.end();
      return;
    }
    // Whoever reads raw output gets all of it; only a process that was meant to stay can hold the pipe open.
    const { clock } = this.#options;
    const timer = clock.setTimer(() => stdout.destroy(), rawDrainMs);
    stdout.once('close', () => clock.clearTimer(timer));
  }

  #read(stream: Readable | undefined, which: 'stdout' | 'stderr'): Promise<void> {
    if (stream === undefined) return Promise.resolve();
    const { clock, redact, isPatient } = this.#options;
    const sink: OutputSink = {
      line: (text, truncated, progress, audience) => {
        if (audience !== 'log') this.#buffer.add(which, text, progress);
        if (audience !== 'log' && which === 'stderr') this.crash.add(text);
        return this.#sink.line(which, text, truncated, progress, audience);
      },
      frame: (text) => this.#frame(text),
    };
    stream.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => {
      stream.once('close', () => resolve());
    });
    if (which === 'stdout' && this.rawOutput !== null) {
      const raw = new RawFilter(this.rawOutput, stream, sink);
      this.#raw = raw;
      stream.on('data', (chunk: Buffer) => raw.push(chunk));
      stream.once('close', () => raw.end());
      return closed;
    }
    if (isPatient) {
      const patient = new PatientReader(stream, takeInTurn(clock, redact, which === 'stdout', sink));
      this.#patient.push(patient);
      return patient.done;
    }
    const reader = new Output(clock, redact, which === 'stdout', sink);
    this.#readers.push(reader);
    stream.on('data', (chunk: Buffer) => {
      // After the exit was reported only grandchildren can still write here.
      if (this.#readers.includes(reader)) reader.push(chunk);
    });
    return closed;
  }

  #frame(text: string): void {
    const parsed = parseProtocolLine(text);
    if (parsed.type === 'malformed') return this.#sink.malformed(parsed.reason);
    if (parsed.type === 'unknown') return;
    if (parsed.type === 'part') return this.#part(parsed.text, parsed.last);
    if (parsed.message.type === 'hello') {
      this.#greeted = true;
      const { pid, guard, meipass } = parsed.message;
      this.#meipass = meipass;
      void this.tree.greeted(pid, guard).then((ours) => {
        if (ours) this.#sink.identified();
        else if (!this.#exited) this.#sink.malformed(`hello from process ${pid}, which is not ours`);
        return undefined;
      });
    }
    this.#sink.message(redactMessage(parsed.message, this.#options.redact));
  }

  #part(text: string, last: boolean): void {
    this.#parts.push(text);
    this.#partsLength += text.length;
    const tooLong = this.#partsLength > maxMessageMiB * 1024 * 1024;
    if (!last) {
      if (tooLong) this.#parts = [];
      return;
    }
    const whole = this.#parts.join('');
    this.#parts = [];
    this.#partsLength = 0;
    if (tooLong) this.#sink.malformed(`a message of more than ${maxMessageMiB} MiB`);
    else this.#frame(whole);
  }

  #onExit(code: number | null, signal: string | null, drained: Promise<unknown>): void {
    this.#exited = true;
    this.#failed = code === 255;
    this.#raw?.over();
    this.tree.exited();
    this.#forgetAtExit?.();
    for (const reader of this.#patient) reader.over();
    const { clock } = this.#options;
    // The loop may be late: what lies in the pipe is read before anybody looks.
    const look = (): unknown =>
      setImmediate(() => (this.#patient.some((reader) => reader.isBusy()) ? wait() : report()));
    const wait = (): unknown => (timer = clock.setTimer(look, drainMs));
    let timer = clock.setTimer(look, drainMs);
    const sink = this.#sink;
    let reported = false;
    function report(): void {
      if (reported) return;
      reported = true;
      clock.clearTimer(timer);
      endReaders();
      sink.exit(code, signal);
    }
    const endReaders = (): void => {
      for (const reader of this.#readers.splice(0)) reader.end();
    };
    void drained.then(report);
  }
}

/** Pieces of a stream in, what they hold out, one after the other. */
function takeInTurn(clock: Clock, redact: Redact, frames: boolean, sink: OutputSink): TakePiece {
  const held: (() => unknown)[] = [];
  const output = new Output(
    clock,
    redact,
    frames,
    {
      line: (...line) => held.push(() => sink.line(...line)),
      frame: (text) => held.push(() => sink.frame(text)),
    },
    true,
  );
  const deliver = (): Promise<void> | undefined => {
    for (let next = held.shift(); next !== undefined; next = held.shift()) {
      const taken = next();
      if (taken instanceof Promise) return taken.then(deliver);
    }
    return undefined;
  };
  return (piece) => {
    if (piece === null) output.end();
    else output.push(piece);
    return deliver();
  };
}
