import type { ChildProgram } from './child-program.js';
import { sleep } from '../clock.js';
import type { Clock } from '../clock.js';
import type { StopSettings } from '../manifest.js';

/** Milliseconds between the last kill and the look at what is left. */
const finalMs = 500;

/**
 * The whole stop of a child without a state machine around it (a job). Each step ends as soon as the exit is seen.
 *
 * @param exited Aborted when the child's exit was seen.
 * @returns Process ids that survived.
 */
export async function stopChild(
  child: ChildProgram,
  settings: StopSettings,
  clock: Clock,
  exited: AbortSignal,
): Promise<readonly number[]> {
  const steps = [
    ['graceful', settings.graceMs],
    ['terminate', settings.terminateMs],
    ['kill', settings.killMs],
    ['final', finalMs],
  ] as const;
  let forced = false;
  for (const [step, ms] of steps) {
    if (exited.aborted) break;
    child.end(step);
    forced = step === 'kill' || step === 'final';
    if (!child.isUseless(step)) await sleep(clock, ms, exited);
  }
  return child.sweep(!forced);
}
