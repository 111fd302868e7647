/** Signals by which a person or a CI system ends a build. */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * How long a signal may come again without being a second one. One Ctrl-C reaches a host's process twice, from the terminal
 * and from the process that started it (Forge's is such a pair). Killed by the second, `electron-forge package` ends with 0.
 */
const sameSignalMs = 500;

/**
 * Run cancellable work so that Ctrl-C cancels it instead of tearing the process away from under it.
 *
 * The listeners exist only while the work runs, and half a second after a signal. A second signal later than that is left
 * to the host or to the system, so that a hang in the clean-up cannot trap anybody.
 *
 * @param work - gets the signal that is aborted on SIGINT, SIGTERM or SIGHUP
 * @param parent - a further signal that cancels the work
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  parent?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const removals = endSignals.map((name) => {
    const remove = () => process.removeListener(name, listener);
    const listener = () => {
      if (controller.signal.aborted) return;
      controller.abort(name);
      setTimeout(removeAll, sameSignalMs).unref();
    };
    process.on(name, listener);
    return remove;
  });
  const removeAll = () => {
    for (const remove of removals) remove();
  };
  const signal = parent === undefined ? controller.signal : AbortSignal.any([parent, controller.signal]);
  try {
    return await work(signal);
  } finally {
    if (!controller.signal.aborted) removeAll();
  }
}
