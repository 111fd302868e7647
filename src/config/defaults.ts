import { notSourceFiles, notSourceFolders, outputFolders } from '../lib/not-source.js';
import type { HealthSettings } from '../runtime/manifest.js';
import type { ResolvedPyInstaller } from './resolved.js';

/** Range of Python versions when none is given. */
export const defaultPythonVersion = '>=3.10';

/** The companion's own answer to a health question; see docs/protocol.md. */
export const companionPingPath = '/.electron-pyinstaller/ping';

/** As Kubernetes asks, and patient: a report, not a restart. */
export const defaultHealth: Omit<HealthSettings, 'http'> = {
  intervalMs: 10_000,
  timeoutMs: 5000,
  failures: 3,
  onUnhealthy: 'report',
};

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
  excludeFiles: [],
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
