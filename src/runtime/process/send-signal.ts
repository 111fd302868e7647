/** What a signal did. */
export type SignalResult = 'sent' | 'gone' | 'forbidden';

/** Send a signal; 0 only asks whether something has this number. Negative numbers address groups. */
function send(target: number, signal: NodeJS.Signals | 0): SignalResult {
  try {
    process.kill(target, signal);
    return 'sent';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'forbidden' : 'gone';
  }
}

/** Send a signal to one process. */
export function sendSignal(pid: number, signal: NodeJS.Signals): SignalResult {
  // 0 and negative numbers address whole groups, 1 is the system's first process.
  return Number.isInteger(pid) && pid > 1 ? send(pid, signal) : 'gone';
}

/** True when a process, or (negative) a group has this number. */
export function exists(target: number): boolean {
  return send(target, 0) !== 'gone';
}

/** Kill a process and the group it leads, without looking. */
export function killGroup(pid: number): void {
  if (pid <= 1) return;
  send(-pid, 'SIGKILL');
  send(pid, 'SIGKILL');
}
