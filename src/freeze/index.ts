export { freezeBackend } from './freeze.js';
export { freezeAll } from './freeze-all.js';
export { createManifest } from './manifest.js';
export { cleanCache, type CleanOptions, type CleanResult } from './cache/clean.js';
export { cacheKey } from './fingerprint/cache-key.js';
export { explainBackend, type Explanation } from './explain-backend.js';
export { exportBundle } from './prebuilt/export.js';
export { strictRules } from './strict/strict-rules.js';
export type { FreezeOptions } from './types.js';
