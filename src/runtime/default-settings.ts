import type { RuntimeSettings } from './manifest.js';

/**
 * What a backend is run with unless its configuration says otherwise; also the settings before a manifest could be read, and what
 * `attach` uses without one.
 */
export const defaultSettings: RuntimeSettings = {
  address: { type: 'announce' },
  // 90 s is what systemd allows; antivirus scans and model loading need it.
  ready: { announced: true, http: null, log: null, timeoutMs: 90_000, slowAfterMs: 10_000 },
  health: null,
  // Four restarts in three minutes, as language clients do it; delays from half a second to half a minute.
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
  // Together at most eight seconds, so that quitting an app never feels stuck.
  stop: { graceMs: 5000, terminateMs: 1500, killMs: 1000, http: null },
  logs: { file: true, maxFiles: 5, maxBytes: 5 * 1024 * 1024, ringLines: 200, redact: [] },
  // The program and Python by digest.
  integrity: 'exe',
  token: true,
  lifeline: 'thread',
  stdio: 'json-lines',
  startAfter: [],
  args: [],
  env: {},
  cwd: null,
};
