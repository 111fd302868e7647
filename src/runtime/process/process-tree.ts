import { sleep } from '../clock.js';
import type { Clock } from '../clock.js';
import { endProcesses } from './end-processes.js';
import { exists, killGroup, sendSignal } from './send-signal.js';
import type { Survivor } from './end-processes.js';
import { darwinProcessTable } from './process-table-darwin.js';
import { linuxProcessTable } from './process-table-linux.js';
import { taskkill, windowsProcessTable } from './process-table-windows.js';
import { entryOf, treeMembers } from './process-table.js';
import type { ProcessEntry, ProcessTable } from './process-table.js';

const tables: Readonly<Record<string, ProcessTable>> = {
  win32: windowsProcessTable,
  darwin: darwinProcessTable,
};

/** The process table of a platform. */
export function processTable(platform: string = process.platform): ProcessTable {
  return tables[platform] ?? linuxProcessTable;
}

/** The processes of one generation: knows which pids are its own, so that no other is ever signalled. */
export class ProcessTree {
  readonly #table: ProcessTable;
  readonly #clock: Clock;
  readonly #platform: string;
  readonly #instance: string;
  #child: ProcessIdentity | null = null;
  #childExited = false;
  #python: ProcessIdentity | null = null;
  /** Ends the rest when this process dies; so it ends last. */
  #guard: number | null = null;
  /** Seen before a kill, since descendants cannot be found once their parents are gone. */
  #seen: readonly ProcessEntry[] = [];
  /** What the system said when it would not end one of them. */
  refusal: string | null = null;

  constructor(clock: Clock, instance: string, table?: ProcessTable, platform: string = process.platform) {
    this.#clock = clock;
    this.#instance = instance;
    this.#platform = platform;
    this.#table = table ?? processTable(platform);
  }

  get childPid(): number | null {
    return this.#child?.pid ?? null;
  }

  get pythonPid(): number | null {
    return this.#python?.pid ?? null;
  }

  /** Start of the spawned process, where the system tells it at once. */
  get childStarted(): string | null {
    return this.#child?.started ?? null;
  }

  get pythonStarted(): string | null {
    return this.#python?.started ?? null;
  }

  /** Note the spawned process. It cannot be recycled before its exit is seen. */
  spawned(pid: number): void {
    this.#child = { pid, started: this.#table.startedNow(pid) ?? null };
  }

  /** From now on its number may be anybody's. */
  exited(): void {
    this.#childExited = true;
    this.#seen = this.#seen.filter((entry) => entry.pid !== this.#child?.pid);
  }

  /**
   * Note the process that calls itself Python. Believed only when it is the spawned process or a descendant of it.
   *
   * @param guard The companion's second process. Believed only while it belongs to the tree.
   * @returns False when it is neither.
   */
  async greeted(pid: number, guard: number | null = null): Promise<boolean> {
    this.#guard = guard;
    if (this.#child === null) return false;
    if (pid === this.#child.pid) {
      this.#python = this.#child;
      return true;
    }
    if (this.#platform === 'win32') {
      // The list takes a second here. The bootloader holds a handle of its child, which keeps the pid from being recycled.
      this.#python = { pid, started: null };
      return true;
    }
    const { pid: child } = this.#child;
    for (let attempt = 0; attempt < listAttempts; attempt++) {
      const members = await this.#table
        .list()
        .then((list) => treeMembers(list, { child, python: null }, () => null))
        .catch(() => null);
      const found = members?.find((entry) => entry.pid === pid);
      if (found !== undefined) this.#python = { pid, started: found.started };
      if (members !== null) return found !== undefined;
      await sleep(this.#clock, listPauseMs);
    }
    return false;
  }

  /** Signal Python, or the spawned process when Python did not greet yet. */
  signalMain(signal: NodeJS.Signals): void {
    const target = this.#python ?? this.#child;
    if (target !== null && this.#isOurs(target)) sendSignal(target.pid, signal);
  }

  /**
   * Kill the program. What it started follows in the sweep, when it had its chance to end by itself. A onefile program's bootloader is left
   * for the second time: it removes the unpacked files when Python is gone.
   */
  async kill(all: boolean): Promise<void> {
    const isWindows = this.#platform === 'win32';
    if (!isWindows) await this.look();
    const isSpared = ({ pid }: ProcessIdentity): boolean =>
      !all && this.#python !== null && pid !== this.#python.pid;
    for (const one of this.#known) {
      if (isSpared(one)) sendSignal(one.pid, 'SIGCONT');
      else if (isWindows) await this.#terminate(one.pid);
      else if (!this.#isOurs(one)) continue;
      else if (all) killGroup(one.pid);
      else sendSignal(one.pid, 'SIGKILL');
    }
  }

  /** Remember who belongs to the tree while its parents live: where marks cannot be read nothing else tells it later. */
  async look(): Promise<void> {
    await this.members().catch(() => undefined);
  }

  /** Living processes of this generation. Rejects when the system's list cannot be read now. */
  async members(): Promise<readonly ProcessEntry[]> {
    if (this.#child === null) return [];
    if (this.#platform === 'win32') return this.#knownEntries();
    const list = await this.#table.list();
    const root = (identity: ProcessIdentity | null): number | null =>
      identity === null || this.#isRecycled(identity, list) ? null : identity.pid;
    const childStarted = Number(this.#child.started ?? 0);
    this.#seen = treeMembers(
      list,
      { child: root(this.#child), python: root(this.#python) },
      // Older processes cannot be ours; reading an environment is the slow part.
      (entry) =>
        Number(entry.started) < childStarted ? false : this.#table.hasMark(entry.pid, this.#instance),
      this.#seen,
    );
    return this.#seen;
  }

  /**
   * End what is left after the spawned process exited, politely first. Never rejects: while the list cannot be read, nothing is taken for ended.
   *
   * @param politeMs Milliseconds the rest may take to end by itself.
   * @param onLeft Told about each process that did not end and without whose end things can go on.
   * @returns Process ids of the program itself, or of an unknown part of its tree, that could not be ended.
   */
  async sweep(
    politeMs: number,
    boundMs: number,
    onLeft?: (text: string) => void,
  ): Promise<readonly number[]> {
    const isGuard = ({ pid }: ProcessEntry): boolean => pid === this.#guard;
    const left = await endProcesses({
      clock: this.#clock,
      platform: this.#platform,
      members: async () => (await this.members()).filter((entry) => !isGuard(entry)),
      politeMs,
      boundMs,
      terminate: (pid) => this.#terminate(pid),
    });
    if (left === null) {
      await this.kill(true);
      await sleep(this.#clock, listPauseMs);
      const known = this.#known.map(({ pid }) => pid).filter((pid) => isAlive(pid, this.#table));
      const leader = this.#child?.pid ?? 0;
      const hasGroup = leader > 1 && exists(-leader);
      return known.length === 0 && hasGroup ? [leader] : known;
    }
    const guard = this.#seen.find(isGuard);
    if (guard !== undefined) {
      sendSignal(guard.pid, 'SIGKILL');
      for (let turn = 0; turn < 10 && this.#isStill(guard); turn++) await sleep(this.#clock, 2);
    }
    const isMain = ({ entry, forbidden }: Survivor): boolean =>
      !forbidden && this.#known.some(({ pid }) => pid === entry.pid);
    for (const one of left) if (!isMain(one)) onLeft?.(this.#describe(one));
    return left.filter(isMain).map(({ entry }) => entry.pid);
  }

  async #terminate(pid: number): Promise<void> {
    this.refusal = (await taskkill(pid)) ?? this.refusal;
  }

  #describe({ entry, forbidden }: Survivor): string {
    const program = entry.executable ?? this.#table.executable(entry.pid) ?? this.#table.command?.(entry.pid);
    return `left process ${entry.pid} (${program ?? '?'}) running: ${
      forbidden ? 'another user owns it (EPERM)' : 'killed, it waits in a system call'
    }`;
  }

  #isStill(entry: ProcessEntry): boolean {
    return this.#table.startedNow(entry.pid) === entry.started;
  }

  #isOurs(identity: ProcessIdentity): boolean {
    if (identity.pid === this.#child?.pid) return !this.#childExited;
    const now = this.#table.startedNow(identity.pid);
    // Where the system cannot say at once, a living bootloader vouches for its child.
    if (now === undefined) return !this.#childExited;
    return now !== null && now === identity.started;
  }

  /** The processes whose numbers are known, without the spawned one after its exit: its number may be anybody's then. */
  get #known(): readonly ProcessIdentity[] {
    const python = this.#python?.pid === this.#child?.pid ? null : this.#python;
    return [python, this.#childExited ? null : this.#child].filter((identity) => identity !== null);
  }

  #knownEntries(): readonly ProcessEntry[] {
    return this.#known
      .filter(({ pid }) => isAlive(pid, this.#table))
      .map(({ pid, started }) => entryOf(pid, { started: started ?? '' }));
  }

  /** The list shows another process under this number. */
  #isRecycled({ pid, started }: ProcessIdentity, list: readonly ProcessEntry[]): boolean {
    const isOver = this.#childExited && pid === this.#child?.pid;
    return list.some(
      (entry) => entry.pid === pid && (isOver || (started !== null && entry.started !== started)),
    );
  }
}

/** How often, and with how many milliseconds between, a list that cannot be read is asked for again. */
const listAttempts = 20;
const listPauseMs = 100;

/** True when a process exists and is no zombie. */
export function isAlive(pid: number, table: ProcessTable = processTable()): boolean {
  const started = table.startedNow(pid);
  return started === undefined ? exists(pid) : started !== null;
}

interface ProcessIdentity {
  readonly pid: number;
  readonly started: string | null;
}
