import { isWindows } from '../is-windows.js';
import { killGroup, sendSignal } from './send-signal.js';

/** A running child, as seen by the last moment of this process. */
export interface LastMoment {
  readonly pid: number;
  /** Its companion ends it by itself when our end of the lifeline closes. */
  readonly endsByItself: boolean;
}

const children = new Set<LastMoment>();

/**
 * `app.exit()`, `process.exit()` and an uncaught exception skip every asynchronous way to stop. What is left is one synchronous
 * signal; the lifeline does the rest.
 */
function atExit(): void {
  for (const child of children) {
    if (child.endsByItself || isWindows) sendSignal(child.pid, 'SIGTERM');
    else killGroup(child.pid);
  }
}

/** Remember a child while it runs; returns the function that forgets it. The listener exists only while there are children. */
export function catchAtExit(child: LastMoment): () => void {
  if (children.size === 0) process.on('exit', atExit);
  children.add(child);
  return () => {
    if (children.delete(child) && children.size === 0) process.off('exit', atExit);
  };
}
