import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import { node } from '../node.js';
import { endProcesses } from './end-processes.js';
import { bootId, pidNamespace, readRecords } from './process-record.js';
import type { ProcessRecord, RecordedProcess } from './process-record.js';
import { treeMembers } from './process-table.js';
import type { ProcessEntry, ProcessTable } from './process-table.js';
import { removeUnpacked } from './unpacked-folder.js';

/** What the reaper works with. */
export interface ReaperParts {
  readonly folder: string;
  readonly name: string;
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly platform: string;
  /** Told about every record that was dealt with. */
  readonly onReaped: (text: string) => void;
}

/** Milliseconds between SIGTERM and SIGKILL: nobody serves what the dead app's backend still does, and the start waits for it. */
const politeMs = 400;

/** Milliseconds a killed process may take to disappear. */
const boundMs = 3000;

/** Milliseconds a bootloader may take to remove what it unpacked. */
const removalMs = 1500;

/**
 * End what a run of the app that crashed left behind: processes whose number, start and program are the recorded ones, what they started, and
 * the folder a onefile program unpacked itself into. Never by name, never by port; a backend of another running instance is left alone.
 * Never rejects.
 */
export async function reap(parts: ReaperParts): Promise<void> {
  const records = await readRecords(parts.folder, parts.name);
  if (records.length === 0) return;
  for (const { file, record } of records) {
    try {
      const list = await parts.table.list();
      if (list.length === 0 || isElsewhere(record) || isOwned(record, list, parts)) continue;
      const ended = sameBoot(record) ? await endRecorded(record, list, parts) : [];
      // Somebody is left, or nothing could be read: the next start tries again.
      if (ended === null) continue;
      const removed = await removeUnpacked(record.meipass);
      await node.fs.promises.rm(file, { force: true });
      if (ended.length > 0 || removed)
        parts.onReaped(
          `ended what the app's process ${record.app.pid} left: ${ended.length === 0 ? 'no process' : `processes ${ended.join(', ')}`}${removed ? `, removed ${record.meipass ?? ''}` : ''}`,
        );
    } catch (error) {
      // The next start tries again.
      parts.onReaped(`could not tell what the app's process ${record.app.pid} left: ${messageOf(error)}`);
    }
  }
}

/** The app that wrote the record is alive: this run, or another instance. */
function isOwned(record: ProcessRecord, list: readonly ProcessEntry[], parts: ReaperParts): boolean {
  const { pid, started } = record.app;
  const isApp = (entry: ProcessEntry): boolean =>
    isUnknown(entry) ||
    (started === null
      ? parts.platform === 'linux' || startedBefore(entry.started, record.at, parts.platform)
      : started === entry.started);
  // Only the app itself can have had its number when it wrote this; what its program is called does not matter.
  return sameBoot(record) && list.some((entry) => entry.pid === pid && !entry.zombie && isApp(entry));
}

/** Written in a container of this run of the system: what lives there cannot be seen from here, and its numbers mean others. */
function isElsewhere(record: ProcessRecord): boolean {
  return sameBoot(record) && record.pidNamespace !== undefined && record.pidNamespace !== pidNamespace();
}

function sameBoot(record: ProcessRecord): boolean {
  const now = bootId();
  return record.boot === null || now === null || record.boot === now;
}

/** Windows without PowerShell tells numbers only. Who might be another is not ended, and not taken for gone. */
const isUnknown = ({ started, executable }: ProcessEntry): boolean => started === '' && executable === null;

/**
 * True when a running process is the recorded one. With a known start that and the program decide; without (Windows; macOS when its list
 * could not be read) the program, and that it already ran when the record was written.
 *
 * @throws Error when the list tells its number only.
 */
export function isSame(
  recorded: RecordedProcess,
  entry: ProcessEntry,
  record: Pick<ProcessRecord, 'at'>,
  { table, platform }: Pick<ReaperParts, 'table' | 'platform'>,
): boolean {
  if (recorded.pid !== entry.pid || entry.zombie) return false;
  if (isUnknown(entry)) throw new Error(`PowerShell does not say which program process ${entry.pid} is`);
  const executable = entry.executable ?? table.executable(entry.pid);
  if (recorded.executable !== null && executable !== null) {
    const fold = (file: string): string => (platform === 'win32' ? file.toLowerCase() : file);
    if (fold(recorded.executable) !== fold(executable)) return false;
  }
  if (recorded.started !== null) return recorded.started === entry.started;
  return (
    recorded.executable !== null && executable !== null && startedBefore(entry.started, record.at, platform)
  );
}

/**
 * `started` as Windows tells it: ticks of 100 ns since year 1; as macOS: a date in UTC; Linux' ticks since the start of the system are never
 * missing in a record. A second of slack for rounding.
 */
function startedBefore(started: string, atMs: number, platform: string): boolean {
  const startedMs =
    platform === 'win32'
      ? (Number(started) - 621_355_968_000_000_000) / 10_000
      : platform === 'darwin'
        ? Date.parse(`${started} UTC`)
        : Number.NaN;
  return startedMs > 0 && startedMs <= atMs + 1000;
}

/** Who was ended; null when not all of them could be. */
async function endRecorded(
  record: ProcessRecord,
  first: readonly ProcessEntry[],
  parts: ReaperParts,
): Promise<readonly number[] | null> {
  const running = (list: readonly ProcessEntry[]): readonly RecordedProcess[] =>
    record.processes.filter((process) => list.some((entry) => isSame(process, entry, record, parts)));
  // Throws where waiting would not help.
  running(first);
  const ended = new Set<number>();
  let seen: readonly ProcessEntry[] = [];
  // A onefile program's bootloader, alone, removes what it unpacked.
  const [bootloader] = record.processes.length > 1 ? record.processes : [];
  const left = await endProcesses({
    ...parts,
    async members() {
      const list = await parts.table.list();
      const roots = running(list);
      seen = treeMembers(
        list,
        { child: roots[0]?.pid ?? null, python: roots[1]?.pid ?? null },
        (entry) => parts.table.hasMark(entry.pid, record.instance),
        seen,
      ).filter(({ pid }) => pid !== process.pid);
      for (const { pid } of seen) ended.add(pid);
      return seen;
    },
    politeMs,
    boundMs,
    isSpared: (entry, elapsedMs) => entry.pid === bootloader?.pid && elapsedMs < removalMs,
  });
  return left?.length === 0 ? [...ended] : null;
}
