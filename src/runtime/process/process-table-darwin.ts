import { askSystem } from './ask-system.js';
import { entryOf, noAnswers } from './process-table.js';
import type { ProcessEntry, ProcessTable } from './process-table.js';

/** Columns in an order that can be cut apart: the last two hold spaces (`Fri Nov 22 11:14:02 2024`, a path). */
const psArguments = ['-axo', 'pid=,ppid=,pgid=,stat=,lstart=,comm='];

/** Parse the output of `ps` with {@link psArguments} under `LC_ALL=C`. */
export function parsePs(text: string): readonly ProcessEntry[] {
  const line = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]{8}\s+\d{4})\s+(.*)$/;
  return text.split('\n').flatMap((row) => {
    const found = line.exec(row);
    if (found === null) return [];
    const [, pid, ppid, group, state, started, command] = found as unknown as string[];
    return [
      entryOf(Number(pid), {
        ppid: Number(ppid),
        group: Number(group),
        started: (started ?? '').replaceAll(/\s+/g, ' '),
        zombie: state?.startsWith('Z') === true,
        executable: command ?? null,
      }),
    ];
  });
}

/** Processes of macOS, from `ps`. Nothing can be read at once, so `startedNow` never knows. */
export const darwinProcessTable: ProcessTable = {
  async list() {
    // UTC: a start read now is compared with one written down before a journey.
    const { error, stdout } = await askSystem('/bin/ps', psArguments, 2000, { LC_ALL: 'C', TZ: 'UTC' });
    if (error !== null) throw error;
    return parsePs(stdout);
  },
  ...noAnswers,
};
