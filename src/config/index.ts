export { defaultCacheDir } from './cache-dir.js';
export { configFileNames, loadConfig, type LoadedConfig, type LoadOptions } from './load.js';
export { resolveConfig } from './resolve.js';
export type { ResolvedBackend, ResolvedConfig } from './resolved.js';
export type * from './schema/index.js';
