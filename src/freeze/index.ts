export { freezeBackend } from './freeze.js';
export { freezeAll } from './freeze-all.js';
export { createManifest } from './manifest.js';
export { cleanCache, type CleanOptions, type CleanResult } from './cache/store.js';
export { exportBundle } from './prebuilt/export.js';
export type { FreezeOptions, FrozenBackend } from './types.js';
