/** Call a function once, when the signal is aborted later on. Returns what takes it back. */
export function onAbort(signal: AbortSignal | null | undefined, listener: () => void): () => void {
  signal?.addEventListener('abort', listener, { once: true });
  return () => signal?.removeEventListener('abort', listener);
}

/** Resolves when the signal is aborted; never without one. */
export function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) resolve();
    else onAbort(signal, resolve);
  });
}
