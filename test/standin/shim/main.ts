/**
 * The browser process: makes Node look like Electron's main process, finds the app beside the executable, runs its main module and
 * announces `ready`. Started as `node --require preload.cjs main.cjs <executable> <version> [arguments]`.
 */
import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createElectronModule } from './electron-module.ts';
import { findApp, standInMarker, type FoundApp } from './find-app.ts';
import { installQuitSignals } from './signals.ts';

const [, , executable = '', version = '', ...rest] = process.argv;
const resourcesPath = path.join(path.dirname(executable), 'resources');

process.stderr.write(
  `electron stand-in: Node ${process.versions.node} in the place of Electron ${version}. No window is shown, nothing of Chromium is here.\n`,
);

process.argv = [executable, ...rest];
process.execArgv = [];
define('execPath', executable);
define('resourcesPath', resourcesPath);
define('type', 'browser');
define('versions', { ...process.versions, electron: version, [standInMarker]: '1' });

const found = findApp(resourcesPath, rest[0], { existsSync, readFileSync });
if (found === null) {
  process.stderr.write(`Unable to find Electron app at ${path.resolve(rest[0] ?? '.')}\n`);
  process.exit(1);
}
if (found.isDefaultApp) define('defaultApp', true);

const electron = createElectronModule({
  appPath: found.appPath,
  name: found.name,
  version: found.version,
  isPackaged: !/^electron(?:\.exe)?$/.test(path.basename(executable)),
  executable,
});
const { app } = electron;
Object.assign(globalThis, { [Symbol.for(standInMarker)]: electron });
define('exit', (code?: number) => app.exit(code ?? Number(process.exitCode ?? 0)));

// Electron lives until it is told to quit, whatever the event loop holds.
setInterval(() => {}, 2 ** 30);
installQuitSignals(() => app.quit());

// Electron shows a dialog and goes on; nobody could close a dialog here, so the process ends instead.
process.on('uncaughtException', (error) => {
  if (process.listenerCount('uncaughtException') > 1) return;
  process.stderr.write(
    `A JavaScript error occurred in the main process\nUncaught Exception:\n${error.stack ?? String(error)}\n`,
  );
  app.exit(1);
});
process.on('unhandledRejection', (reason) => {
  if (process.listenerCount('unhandledRejection') > 1) return;
  process.stderr.write(
    `UnhandledPromiseRejectionWarning: ${reason instanceof Error ? reason.stack : String(reason)}\n`,
  );
});

void run(found);

async function run({ mainFile, isModule }: FoundApp): Promise<void> {
  try {
    // An ES module is waited for, a CommonJS one has run when require returns; `ready` comes after either, as in Electron.
    if (isModule) await import(pathToFileURL(mainFile).href);
    else createRequire(mainFile)(mainFile);
  } catch (error) {
    process.emit('uncaughtException', asError(error));
    return;
  }
  setImmediate(() => app.becomeReady());
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function define(name: string, value: unknown): void {
  Object.defineProperty(process, name, { value, writable: true, enumerable: true, configurable: true });
}
