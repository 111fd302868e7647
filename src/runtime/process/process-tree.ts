import { sleep } from '../clock.js';
import type { Clock } from '../clock.js';
import { instanceVariable } from '../launch/child-environment.js';
import { darwinProcessTable } from './process-table-darwin.js';
import { linuxProcessTable } from './process-table-linux.js';
import { taskkill, windowsProcessTable } from './process-table-windows.js';
import { treeMembers } from './process-table.js';
import type { ProcessEntry, ProcessTable } from './process-table.js';

/** The process table of a platform. */
export function processTable(platform: string = process.platform): ProcessTable {
  if (platform === 'win32') return windowsProcessTable;
  return platform === 'darwin' ? darwinProcessTable : linuxProcessTable;
}

/** Send a signal; false when the process does not exist or belongs to somebody else. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  // 0 and negative numbers address whole groups, 1 is the system's first process.
  if (!Number.isInteger(pid) || pid <= 1) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** True when a process exists and is no zombie. */
export function isAlive(pid: number, table: ProcessTable = processTable()): boolean {
  const started = table.startedNow(pid);
  if (started !== undefined) return started !== null;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
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
  /** Seen before a kill, since descendants cannot be found once their parents are gone. */
  #seen: ProcessEntry[] = [];

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
   * @returns False when it is neither.
   */
  async greeted(pid: number): Promise<boolean> {
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
      const list = await this.#table.list().catch(() => null);
      if (list === null) {
        await sleep(this.#clock, listPauseMs);
        continue;
      }
      const members = treeMembers(list, { child, python: null }, () => null);
      const found = members.find((entry) => entry.pid === pid);
      if (found === undefined) return false;
      this.#python = { pid, started: found.started };
      return true;
    }
    return false;
  }

  /** Signal Python, or the spawned process when Python did not greet yet. */
  signalMain(signal: NodeJS.Signals): boolean {
    const target = this.#python ?? this.#child;
    if (target === null || !this.#isOurs(target)) return false;
    return sendSignal(target.pid, signal);
  }

  /** Kill everything but, at first, a onefile program's bootloader: it removes the unpacked files when Python is gone. */
  async kill(all: boolean): Promise<void> {
    const known = this.#known;
    if (this.#platform === 'win32') {
      const python = known.find((one) => one.pid === this.#python?.pid)?.pid;
      if (python !== undefined) await taskkill(python);
      if (all || python === undefined) for (const { pid } of known) if (pid !== python) await taskkill(pid);
      return;
    }
    const isBootloader = (pid: number): boolean =>
      pid === this.#child?.pid && this.#python !== null && this.#python.pid !== pid;
    const members = await this.members().catch(() => null);
    if (members === null) {
      // Blind: at least those whose numbers are known, and the groups they lead.
      for (const one of known) if ((all || !isBootloader(one.pid)) && this.#isOurs(one)) killGroup(one.pid);
      return;
    }
    for (const entry of members) {
      if (!all && isBootloader(entry.pid)) sendSignal(entry.pid, 'SIGCONT');
      else if (this.#isStill(entry)) sendSignal(entry.pid, 'SIGKILL');
    }
  }

  /** Living processes of this generation. Rejects when the system's list cannot be read now. */
  async members(): Promise<readonly ProcessEntry[]> {
    if (this.#child === null) return [];
    if (this.#platform === 'win32') return this.#knownEntries();
    const list = await this.#table.list();
    const root = (identity: ProcessIdentity | null): number | null =>
      identity === null || this.#isRecycled(identity, list) ? null : identity.pid;
    const childStarted = Number(this.#child.started ?? 0);
    const members = treeMembers(
      list,
      { child: root(this.#child), python: root(this.#python) },
      // Older processes cannot be ours; reading an environment is the slow part.
      (entry) =>
        Number(entry.started) < childStarted
          ? false
          : this.#table.hasMark(entry.pid, instanceVariable, this.#instance),
    );
    const known = new Set(members.map((entry) => entry.pid));
    const still = this.#seen.filter(
      (seen) =>
        !known.has(seen.pid) &&
        list.some((entry) => entry.pid === seen.pid && entry.started === seen.started && !entry.zombie),
    );
    this.#seen = [...members, ...still];
    return this.#seen;
  }

  /**
   * End what is left after the spawned process exited. Never rejects: while the list cannot be read, nothing is taken for ended.
   *
   * @param patientMs Milliseconds the rest may take to end by itself.
   * @returns Process ids that could not be ended.
   */
  async sweep(patientMs: number, boundMs: number): Promise<readonly number[]> {
    const startedMs = this.#clock.now();
    for (;;) {
      const members = await this.members().catch(() => null);
      const left = (members ?? this.#knownEntries()).map((entry) => entry.pid);
      if (members?.length === 0) return [];
      const elapsedMs = this.#clock.now() - startedMs;
      if (elapsedMs >= patientMs + boundMs)
        return left.length === 0 && hasGroup(this.#child?.pid) ? [this.#child.pid] : left;
      if (elapsedMs >= patientMs) await this.kill(true);
      await sleep(this.#clock, 15);
    }
  }

  #isStill(entry: ProcessEntry): boolean {
    const started = this.#table.startedNow(entry.pid);
    return started === undefined || started === entry.started;
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
    return [this.#childExited ? null : this.#child, python].filter((identity) => identity !== null);
  }

  #knownEntries(): readonly ProcessEntry[] {
    return this.#known
      .filter(({ pid }) => isAlive(pid, this.#table))
      .map(({ pid, started }) => ({
        pid,
        ppid: 0,
        group: 0,
        session: 0,
        started: started ?? '',
        zombie: false,
        executable: null,
      }));
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

/** Processes are in the group that this one leads, or led. */
function hasGroup(pid: number | undefined): pid is number {
  try {
    return pid !== undefined && pid > 1 && process.platform !== 'win32' && process.kill(-pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Kill a process and the group it leads, without looking. */
function killGroup(pid: number): void {
  if (pid <= 1) return;
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It leads no group, or is gone.
    }
  }
}

interface ProcessIdentity {
  readonly pid: number;
  readonly started: string | null;
}
