/**
 * Node's own `fs`, copied before anything is patched: what Electron calls `original-fs`. Everything inside the shim that means
 * real files uses this copy.
 */
import fs from 'node:fs';

export const originalFs: typeof fs = {
  ...fs,
  promises: { ...fs.promises },
  // The copies above are shallow and lose properties of functions (`realpathSync.native`): functions are shared, so these stay.
};
