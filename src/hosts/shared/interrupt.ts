/** Signals by which a person or a CI system ends a build. */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Run cancellable work so that Ctrl-C cancels it instead of tearing the process away from under it.
 *
 * The listeners exist only while the work runs. A second signal is left to the host or to the system, so that a hang in
 * the clean-up cannot trap anybody.
 *
 * @param work - gets the signal that is aborted on SIGINT, SIGTERM or SIGHUP
 * @param parent - a further signal that cancels the work
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  parent?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const listeners = endSignals.map((name) => {
    const listener = () => {
      process.removeListener(name, listener);
      controller.abort(name);
    };
    process.on(name, listener);
    return [name, listener] as const;
  });
  const signal = parent === undefined ? controller.signal : AbortSignal.any([parent, controller.signal]);
  try {
    return await work(signal);
  } finally {
    for (const [name, listener] of listeners) process.removeListener(name, listener);
  }
}
