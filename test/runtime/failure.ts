import { isBackendError } from '../../src/runtime/index.js';
import type { BackendError } from '../../src/runtime/index.js';

/** The BackendError a promise rejects with; anything else is thrown on. */
export async function failure(promise: Promise<unknown>): Promise<BackendError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!isBackendError(error)) throw error as Error;
  return error;
}
