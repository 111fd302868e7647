#!/usr/bin/env node
import module from 'node:module';
import path from 'node:path';

// The check comes before every import: older versions of Node cannot even read the dependencies.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `electron-pyinstaller needs Node 22.12 or newer; this is ${process.version}.\nInstall a newer one, for example with: npm install --save-dev node@22\n`,
  );
  process.exitCode = 1;
} else {
  const { defaultCacheDir } = await import('../config/find/cache-dir.js');
  // Most of a command's time is reading its own code.
  module.enableCompileCache(path.join(defaultCacheDir(process.env, process.platform), 'code'));
  const { run } = await import('./run.js');
  const { processIo } = await import('./io.js');
  process.exitCode = await run(process.argv.slice(2), processIo());
}
