import { askSystem } from '../process/ask-system.js';
import { readProc } from '../process/proc.js';
import { systemTool } from '../process/process-table-windows.js';

/** What one process takes. */
export interface ProcessUsage {
  readonly pid: number;
  /** Resident: shared libraries count in each process. */
  readonly memoryBytes: number;
  /** Processor time since its start. */
  readonly cpuSeconds: number;
}

/** Parse lines of process id, KiB and processor time (seconds, or as `ps` has it: `1-02:03:04.05`). */
export function parseUsage(text: string): readonly ProcessUsage[] {
  return [...text.matchAll(/^ *(\d+) +(\d+) +(?:(\d+)-)?([\d:.]+)/gm)].map(
    ([, pid, kib, days, time = '']) => ({
      pid: Number(pid),
      memoryBytes: Number(kib) * 1024,
      cpuSeconds:
        Number(days ?? 0) * 86_400 + time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0),
    }),
  );
}

/** What processes take; those that ended meanwhile, and what the system does not tell, are left out. */
export async function processUsage(
  pids: readonly number[],
  platform: string = process.platform,
): Promise<readonly ProcessUsage[]> {
  if (platform === 'linux') return parseUsage(pids.map(linuxUsage).join('\n'));
  if (pids.length === 0) return [];
  const { stdout } =
    platform === 'win32'
      ? await askSystem(
          systemTool(process.env, 'WindowsPowerShell', 'v1.0', 'powershell.exe'),
          [
            '-NoProfile',
            `gps -Id ${pids.join()}|%{"$($_.Id) $([long]($_.WS/1KB)) $([int]$_.TotalProcessorTime.TotalSeconds)"}`,
          ],
          15_000,
        )
      : await askSystem('/bin/ps', ['-o', 'pid=,rss=,time=', '-p', pids.join()], 2000, { LC_ALL: 'C' });
  return parseUsage(stdout);
}

/** Fields 14 and 15 of the manual, in hundredths of a second. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function linuxUsage(pid: number): string {
  const fields = readProc(`${pid}/stat`).replace(/.*\) /s, '').split(' ');
  const kib = /VmRSS:\s+(\d+)/.exec(readProc(`${pid}/status`))?.[1];
  return `${pid} ${kib ?? ''} ${(Number(fields[11]) + Number(fields[12])) / 100}`;
}
