import { notSourceFiles, notSourceFolders, outputFolders } from '../lib/not-source.js';
import type {
  HealthSettings,
  IntegrityLevel,
  LogSettings,
  RestartSettings,
  StopSettings,
} from '../runtime/manifest.js';
import type { ResolvedPyInstaller } from './resolved.js';

/** Range of Python versions when none is given. */
export const defaultPythonVersion = '>=3.10';

/** The companion's own answer to a health question; see docs/protocol.md. */
export const companionPingPath = '/.electron-pyinstaller/ping';

/** Times of a start, in milliseconds. 90 s is what systemd allows; antivirus scans and model loading need it. */
export const defaultReadyTimes = { timeoutMs: 90_000, slowAfterMs: 10_000 } as const;

/** As Kubernetes asks, and patient: a report, not a restart. */
export const defaultHealth: Omit<HealthSettings, 'http'> = {
  intervalMs: 10_000,
  timeoutMs: 5000,
  failures: 3,
  onUnhealthy: 'report',
};

/** Four restarts in three minutes, as language clients do it; delays from half a second to half a minute. */
export const defaultRestart: RestartSettings = {
  max: 4,
  windowMs: 180_000,
  delayMs: 500,
  factor: 2,
  maxDelayMs: 30_000,
  stableAfterMs: 60_000,
  maxStartFailures: 3,
  never: [78],
  immediately: [75],
};

/** Together at most eight seconds, so that quitting an app never feels stuck. */
export const defaultStop: StopSettings = { graceMs: 5000, terminateMs: 1500, killMs: 1000, http: null };

/** Five files of five mebibytes. */
export const defaultLogs: LogSettings = {
  file: true,
  maxFiles: 5,
  maxBytes: 5 * 1024 * 1024,
  ringLines: 200,
  redact: [],
};

/** The program and Python by digest. */
export const defaultIntegrity: IntegrityLevel = 'exe';

/** Globs below a source folder that never matter to a frozen program. */
export const defaultSourceIgnore: readonly string[] = [
  ...notSourceFolders.map((name) => `**/${name}/**`),
  '**/*.egg-info/**',
  ...notSourceFiles.map((name) => `**/${name}`),
];

/** The same for a source folder that is the project itself: what Electron's and web tools write there. */
export const projectSourceIgnore: readonly string[] = [
  ...outputFolders.map((name) => `${name}/**`),
  '.vite/**',
  'pyinstaller.config.*',
];

/** What PyInstaller is told unless the configuration says otherwise. */
export const pyinstallerDefaults: Omit<ResolvedPyInstaller, 'version' | 'mode' | 'name'> = {
  hooks: [],
  hooksConfig: {},
  runtimeHooks: [],
  paths: [],
  moduleCollectionMode: {},
  optimize: 0,
  strip: false,
  upx: false,
  upxExclude: [],
  console: true,
  debug: false,
  icon: null,
  versionInfo: null,
  manifest: null,
  codesignIdentity: null,
  entitlements: null,
  contentsDirectory: '_internal',
  runtimeTmpdir: null,
  pythonOptions: [],
  // Five times Python's own: deep imports of big packages run into the usual 1000.
  recursionLimit: 5000,
};
