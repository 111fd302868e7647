import type { RuntimeSettings } from './manifest.js';

/** Settings before a manifest could be read; also what `attach` uses without one. */
export const defaultSettings: RuntimeSettings = {
  address: { type: 'announce' },
  ready: { announced: true, http: null, log: null, timeoutMs: 90_000, slowAfterMs: 10_000 },
  health: null,
  restart: {
    max: 4,
    windowMs: 180_000,
    delayMs: 500,
    factor: 2,
    maxDelayMs: 30_000,
    stableAfterMs: 60_000,
    maxStartFailures: 3,
    never: [78],
    immediately: [75],
  },
  stop: { graceMs: 5000, terminateMs: 1500, killMs: 1000, http: null },
  logs: { file: true, maxFiles: 5, maxBytes: 5 * 1024 * 1024, ringLines: 200, redact: [] },
  integrity: 'exe',
  token: true,
  lifeline: 'thread',
  stdio: 'json-lines',
  startAfter: [],
  args: [],
  env: {},
  cwd: null,
};
