/**
 * First thing that runs in every thread of the stand-in (`node --require`), worker threads and ELECTRON_RUN_AS_NODE included:
 * Electron sees into archives in all of them.
 */
import { isMainThread } from 'node:worker_threads';
import { standInMarker } from './find-app.ts';
import { sweepMirrors } from './mirror.ts';
import { originalFs } from './original-fs.ts';
import { patchFs } from './patch-fs.ts';
import { patchModules } from './patch-modules.ts';

if (isMainThread) {
  sweepMirrors();
  process.on('exit', sweepMirrors);
}
patchFs();
patchModules(__dirname);

// What `stand-in/original-fs.cjs` exports.
Object.assign(globalThis, { [Symbol.for(`${standInMarker}-fs`)]: originalFs });
