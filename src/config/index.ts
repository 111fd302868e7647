export { cacheDirVariable, defaultCacheDir } from './cache-dir.js';
export { defineConfig, type ConfigInput } from './define.js';
export { configFileNames, loadConfig, type LoadedConfig, type LoadOptions } from './load.js';
export { resolveConfig, type ResolveOptions } from './resolve.js';
export type {
  ResolvedBackend,
  ResolvedConfig,
  ResolvedData,
  ResolvedEntry,
  ResolvedName,
  ResolvedPyInstaller,
  ResolvedPython,
  ResolvedRequirements,
  ResolvedVerify,
} from './resolved.js';
export type * from './schema/index.js';
