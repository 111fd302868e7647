/**
 * Quitting by signal, as electron_browser_main_parts_posix.cc does it: the first SIGHUP, SIGINT or SIGTERM quits the app (once in a
 * process's life); the same signal a second time has its default effect and kills.
 */

const quitSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Call `quit` at the first of the three signals. */
export function installQuitSignals(quit: () => void): void {
  let asked = false;
  for (const signal of quitSignals) {
    const onSignal = (): void => {
      process.removeListener(signal, onSignal);
      // A listener of the app's own replaces Electron's handler.
      if (asked || process.listenerCount(signal) > 0) return;
      asked = true;
      quit();
    };
    process.on(signal, onSignal);
  }
}
