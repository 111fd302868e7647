import type { ChildProgram } from './child-program.js';
import type { Clock } from '../clock.js';
import { node } from '../node.js';
import { bootId, pidNamespace, RecordWriter, recordFolder } from './process-record.js';
import type { ProcessRecord, RecordedProcess } from './process-record.js';
import type { ProcessTable } from './process-table.js';
import { processTable } from './process-tree.js';
import { reap } from './reaper.js';

/** Writes down which processes of a backend live, and ends what an earlier run left. One per backend. */
export class ProcessKeeper {
  readonly #folder: string;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #table: ProcessTable = processTable();
  readonly #writer = new RecordWriter();
  readonly #onReaped: (text: string) => void;
  #reaping: Promise<void> | null = null;

  constructor(userData: string, name: string, clock: Clock, onReaped: (text: string) => void) {
    this.#folder = recordFolder(userData);
    this.#name = name;
    this.#clock = clock;
    this.#onReaped = onReaped;
  }

  /** Once per run of the app; later calls wait for the same. */
  reap(): Promise<void> {
    this.#reaping ??= reap({
      folder: this.#folder,
      name: this.#name,
      table: this.#table,
      clock: this.#clock,
      platform: process.platform,
      onReaped: this.#onReaped,
    });
    return this.#reaping;
  }

  /** A child lives; called again when Python is known too. */
  record(child: ChildProgram, meipass: string | null): void {
    const { tree } = child;
    if (tree.childPid === null) return;
    const processes: RecordedProcess[] = [this.#describe(tree.childPid, tree.childStarted, child.file)];
    if (tree.pythonPid !== null && tree.pythonPid !== tree.childPid)
      processes.push(this.#describe(tree.pythonPid, tree.pythonStarted, child.file));
    const record: ProcessRecord = {
      v: 1,
      name: this.#name,
      app: this.#describe(process.pid, this.#table.startedNow(process.pid) ?? null, process.execPath),
      processes,
      instance: child.instance,
      meipass,
      boot: bootId(),
      pidNamespace: pidNamespace(),
      at: Date.now(),
    };
    this.#writer.write(this.#fileOf(child), () => this.#withStarts(record));
  }

  forget(child: ChildProgram): void {
    this.#writer.remove(this.#fileOf(child));
  }

  /** Wait until what was asked is on disk. */
  settled(): Promise<void> {
    return this.#writer.settled();
  }

  /** macOS tells starts in its list only; Windows takes a second for it, and the reaper there does without. */
  async #withStarts(record: ProcessRecord): Promise<ProcessRecord> {
    if (process.platform !== 'darwin') return record;
    const list = await this.#table.list().catch(() => []);
    const complete = (one: RecordedProcess): RecordedProcess => ({
      ...one,
      started: one.started ?? list.find((entry) => entry.pid === one.pid)?.started ?? null,
    });
    return { ...record, app: complete(record.app), processes: record.processes.map(complete) };
  }

  #fileOf(child: ChildProgram): string {
    return node.path.join(this.#folder, `${this.#name}-${child.instance}.json`);
  }

  #describe(pid: number, started: string | null, file: string): RecordedProcess {
    return { pid, started, executable: this.#table.executable(pid) ?? file };
  }
}
