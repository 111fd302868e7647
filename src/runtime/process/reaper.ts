import { promises } from 'node:fs';
import { instanceVariable } from '../launch/child-environment.js';
import { sleep } from '../clock.js';
import type { Clock } from '../clock.js';
import { bootId, readRecords } from './process-record.js';
import type { ProcessRecord, RecordedProcess } from './process-record.js';
import { treeMembers } from './process-table.js';
import type { ProcessEntry, ProcessTable } from './process-table.js';
import { taskkill } from './process-table-windows.js';
import { sendSignal } from './process-tree.js';
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
      if (isOwned(record, list, parts)) continue;
      const ended = await endProcesses(record, parts);
      const removed = await removeUnpacked(record.meipass);
      await promises.rm(file, { force: true });
      if (ended.length > 0 || removed)
        parts.onReaped(
          `ended what the app's process ${record.app.pid} left: ${ended.length === 0 ? 'no process' : `processes ${ended.join(', ')}`}${removed ? `, removed ${record.meipass ?? ''}` : ''}`,
        );
    } catch {
      // The next start tries again.
    }
  }
}

/** The app that wrote the record is alive: this run, or another instance. */
function isOwned(record: ProcessRecord, list: readonly ProcessEntry[], parts: ReaperParts): boolean {
  const { pid, started } = record.app;
  const isApp = (entry: ProcessEntry): boolean =>
    started === null
      ? parts.platform === 'linux' || startedBefore(entry.started, record.at, parts.platform)
      : started === entry.started;
  // Only the app itself can have had its number when it wrote this; what its program is called does not matter.
  return sameBoot(record) && list.some((entry) => entry.pid === pid && !entry.zombie && isApp(entry));
}

function sameBoot(record: ProcessRecord): boolean {
  const now = bootId();
  return record.boot === null || now === null || record.boot === now;
}

/**
 * True when a running process is the recorded one. With a known start that and the program decide; without (Windows; macOS when its list
 * could not be read) the program, and that it already ran when the record was written.
 */
export function isSame(
  recorded: RecordedProcess,
  entry: ProcessEntry,
  record: Pick<ProcessRecord, 'at'>,
  { table, platform }: Pick<ReaperParts, 'table' | 'platform'>,
): boolean {
  if (recorded.pid !== entry.pid || entry.zombie) return false;
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

async function endProcesses(record: ProcessRecord, parts: ReaperParts): Promise<readonly number[]> {
  const { table, clock, platform } = parts;
  const ended = new Set<number>();
  if (!sameBoot(record)) return [];
  const startMs = clock.now();
  for (;;) {
    const list = await table.list();
    const roots = record.processes.filter((process) =>
      list.some((entry) => isSame(process, entry, record, parts)),
    );
    const left = membersOf(record, roots, list, parts);
    if (left.length === 0 || clock.now() - startMs > boundMs) return Array.from(ended);
    // Python first: a onefile program's bootloader, alone, removes what it unpacked.
    const isOnefile = record.processes.length > 1 && roots[0]?.pid === record.processes[0]?.pid;
    const waiting = isOnefile && clock.now() - startMs < removalMs ? roots[0]?.pid : undefined;
    for (const entry of left) {
      if (entry.pid === process.pid) continue;
      ended.add(entry.pid);
      if (platform === 'win32') await taskkill(entry.pid);
      else if (entry.pid !== waiting) sendSignal(entry.pid, 'SIGKILL');
    }
    await sleep(clock, 50);
  }
}

function membersOf(
  record: ProcessRecord,
  roots: readonly RecordedProcess[],
  list: readonly ProcessEntry[],
  { table, platform }: ReaperParts,
): readonly ProcessEntry[] {
  if (platform === 'win32') return list.filter((entry) => roots.some((root) => root.pid === entry.pid));
  const [first, second] = roots;
  return treeMembers(list, { child: first?.pid ?? null, python: second?.pid ?? null }, (entry) =>
    table.hasMark(entry.pid, instanceVariable, record.instance),
  ).filter((entry) => entry.pid !== process.pid);
}
