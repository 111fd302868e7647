import type { StopSettings } from '../manifest.js';

/** A backend may extend its start to this many milliseconds in total. */
export const maxStartMs = 600_000;

/** Milliseconds reserved for making sure that nothing survived. */
export const verifyMs = 1500;

/** Upper bound in milliseconds of a whole stop. */
export function stopBoundMs(stop: StopSettings): number {
  return stop.graceMs + stop.terminateMs + stop.killMs + verifyMs;
}

/** The start's deadline after the backend asked for `ms` more from now; never earlier than before. */
export function startDeadline(startedAtMs: number, deadlineMs: number, nowMs: number, ms: number): number {
  return Math.max(deadlineMs, Math.min(nowMs + ms, startedAtMs + maxStartMs));
}
