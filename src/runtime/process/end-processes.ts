import { sleep } from '../clock.js';
import type { Clock } from '../clock.js';
import type { ProcessEntry } from './process-table.js';
import { taskkill } from './process-table-windows.js';
import { sendSignal } from './send-signal.js';

/** A process that did not end. */
export interface Survivor {
  readonly entry: ProcessEntry;
  /** The system refused the signal: it runs as another user. Otherwise it was killed and is stuck inside the system. */
  readonly forbidden: boolean;
}

/** Who is ended, and how. */
export interface EndPolicy {
  readonly clock: Clock;
  readonly platform: string;
  /** Read anew in each round. Rejects while nothing can be read: nothing is taken for ended then. */
  members(): Promise<readonly ProcessEntry[]>;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly politeMs: number;
  /** Milliseconds that killing may take. */
  readonly boundMs: number;
  /** A bootloader that still removes what it unpacked: it is waited for and not signalled. */
  isSpared?(entry: ProcessEntry, elapsedMs: number): boolean;
  /** Ends a process of Windows and what it started. */
  readonly terminate?: (pid: number) => Promise<unknown>;
}

/**
 * End processes: SIGTERM (a stopped one is woken for it), a wait, SIGKILL until none is left. Windows knows killing only. Those that may not
 * be signalled are not waited for. Never rejects.
 *
 * @returns Who did not end; null when the system's list could not be read.
 */
export async function endProcesses(policy: EndPolicy): Promise<readonly Survivor[] | null> {
  const { clock, platform, politeMs, boundMs, terminate = taskkill } = policy;
  const startMs = clock.now();
  /** Whether it refused its last signal. */
  const refused = new Map<string, boolean>();
  for (;;) {
    const members = await policy.members().catch(() => null);
    const elapsedMs = clock.now() - startMs;
    const isPolite = elapsedMs < politeMs;
    for (const entry of members ?? []) {
      const { pid } = entry;
      const key = keyOf(entry);
      if (policy.isSpared?.(entry, elapsedMs) === true) sendSignal(pid, 'SIGCONT');
      else if (platform === 'win32') {
        if (!isPolite) await terminate(pid);
      } else if (!(isPolite && refused.has(key))) {
        refused.set(key, sendSignal(pid, isPolite ? 'SIGTERM' : 'SIGKILL') === 'forbidden');
        if (isPolite) sendSignal(pid, 'SIGCONT');
      }
    }
    const left = members?.map((entry) => ({ entry, forbidden: refused.get(keyOf(entry)) === true })) ?? null;
    if (left?.every(({ forbidden }) => forbidden) === true || elapsedMs >= politeMs + boundMs) return left;
    await sleep(clock, 15);
  }
}

/** Together with its start a number means one process. */
const keyOf = ({ pid, started }: ProcessEntry): string => `${pid} ${started}`;
