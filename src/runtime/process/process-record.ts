import { attempt } from '../attempt.js';
import { isWindows } from '../is-windows.js';
import { isObject } from '../is-object.js';
import { node } from '../node.js';
import { makePrivateFolder, writePrivately } from '../private-place.js';
import { readProc } from './proc.js';

/** How one process is told from a later one with the same number. */
export interface RecordedProcess {
  readonly pid: number;
  /** As {@link ProcessEntry.started}; null where the system does not say it at once. */
  readonly started: string | null;
  /** Absolute path of its program. */
  readonly executable: string | null;
}

/** What one run of the app leaves on disk while a backend lives, for the next run's reaper. Holds no secret. */
export interface ProcessRecord {
  readonly v: 1;
  readonly name: string;
  readonly app: RecordedProcess;
  readonly processes: readonly RecordedProcess[];
  /** Mark of the generation in its processes' environment. */
  readonly instance: string;
  /** Folder a onefile program unpacked itself into. */
  readonly meipass: string | null;
  /** Identifies the run of the system, where it has such a thing: after a restart numbers mean nothing. */
  readonly boot: string | null;
  /** Where its numbers count: containers that share a home folder have their own. Null except on Linux; older versions did not write it. */
  readonly pidNamespace?: string | null;
  /** Wall-clock milliseconds. */
  readonly at: number;
}

/** Folder of the records. */
export function recordFolder(userData: string): string {
  return node.path.join(userData, 'electron-pyinstaller', 'processes');
}

/** The running system's own identity; null where unknown. */
export function bootId(): string | null {
  return readProc('sys/kernel/random/boot_id').trim() || null;
}

/** See pid_namespaces(7); null where there are none. */
export function pidNamespace(): string | null {
  return isWindows ? null : attempt(() => node.fs.readlinkSync('/proc/self/ns/pid'));
}

/** Read all records of a backend, with their files. Unreadable ones, and other users', are skipped. */
export async function readRecords(
  folder: string,
  name: string,
): Promise<readonly { readonly file: string; readonly record: ProcessRecord }[]> {
  const names = await node.fs.promises.readdir(folder).catch(() => []);
  const found = await Promise.all(
    names
      .filter((entry) => entry.startsWith(`${name}-`) && entry.endsWith('.json'))
      .map(async (entry) => {
        const file = node.path.join(folder, entry);
        // Another user's would make us end our own processes. (Windows has no numbers of users.)
        const owner = await node.fs.promises.lstat(file).catch(() => null);
        if (owner?.uid !== (process.getuid?.() ?? 0)) return [];
        const record = parseRecord(await node.fs.promises.readFile(file, 'utf8').catch(() => ''));
        return record === null || record.name !== name ? [] : [{ file, record }];
      }),
  );
  return found.flat();
}

/** Null when it is no record. Pure. */
export function parseRecord(text: string): ProcessRecord | null {
  const value: unknown = attempt(() => JSON.parse(text) as unknown);
  if (!isObject(value)) return null;
  const record = value as Partial<ProcessRecord>;
  const isProcess = (item: unknown): boolean =>
    isObject(item) && Number.isInteger(item['pid']) && (item['pid'] as number) > 1;
  const valid =
    record.v === 1 &&
    typeof record.name === 'string' &&
    typeof record.instance === 'string' &&
    /^[0-9a-f]{16}$/.test(record.instance) &&
    isProcess(record.app) &&
    Array.isArray(record.processes) &&
    record.processes.every(isProcess) &&
    typeof record.at === 'number';
  return valid ? (record as ProcessRecord) : null;
}

/** Writes records one after the other, so that a removal never comes before the writing it follows. */
export class RecordWriter {
  #last: Promise<void> = Promise.resolve();

  /** Failures do not matter: without a record the next run cannot reap, that is all. */
  write(file: string, record: () => Promise<ProcessRecord>): void {
    this.#then(async () => {
      const text = JSON.stringify(await record());
      // Who can write here, or beside it, decides what the next run ends.
      await makePrivateFolder(node.path.dirname(node.path.dirname(file)));
      await writePrivately(file, text);
    });
  }

  remove(file: string): void {
    this.#then(() => node.fs.promises.rm(file, { force: true }));
  }

  /** Wait for what was asked so far. */
  settled(): Promise<void> {
    return this.#last;
  }

  #then(work: () => Promise<void>): void {
    this.#last = this.#last.then(work).catch(() => undefined);
  }
}
