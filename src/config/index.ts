export { defaultCacheDir } from './find/cache-dir.js';
export { configFileNames, loadConfig, type LoadedConfig, type LoadOptions } from './find/load.js';
export { resolveConfig } from './resolve/resolve.js';
export type { ResolvedBackend, ResolvedConfig } from './resolved.js';
export type * from './schema/index.js';
