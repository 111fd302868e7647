import { availableParallelism } from 'node:os';
import type { ResolvedBackend } from '../config/resolved.js';
import { freezeBackend } from './freeze.js';
import type { FrozenBackend } from '../bundle/frozen.js';
import type { FreezeOptions } from './types.js';
import { mapLimited } from '../lib/map-limited.js';

/**
 * Freeze several backends, two at a time where the machine has two cores; results come in the order given.
 * Backends with equal requirements share one environment. After the first failure the others are cancelled.
 *
 * @param freezeOne - how one is frozen
 * @throws PyInstallerError as {@link freezeBackend}; the first failure.
 */
export async function freezeAll(
  backends: readonly ResolvedBackend[],
  options: FreezeOptions,
  freezeOne: typeof freezeBackend = freezeBackend,
): Promise<FrozenBackend[]> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  let failure: { readonly error: unknown } | undefined;
  try {
    return await mapLimited(backends, Math.min(2, availableParallelism()), async (backend) => {
      try {
        return await freezeOne(backend, { ...options, signal });
      } catch (error) {
        failure ??= { error };
        stop.abort();
        throw error;
      }
    });
  } catch (error) {
    throw failure === undefined ? error : failure.error;
  }
}
