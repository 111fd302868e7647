import { PyInstallerError } from '../../errors.js';
import type { BuilderPackager, CancellationToken } from './context.js';

/**
 * Tie a piece of work to electron-builder's cancellation. Ctrl-C only sets a token there; a hook that then returns as if
 * nothing had happened would end the run with exit code 0 and no artifacts, so this throws.
 *
 * @throws PyInstallerError `ERR_CANCELLED`
 */
export async function untilCancelled<T>(
  packager: BuilderPackager,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const token = packager.info?.cancellationToken ?? packager.cancellationToken;
  const controller = new AbortController();
  const listener = () => controller.abort();
  throwIfCancelled(token);
  token?.on?.('cancel', listener);
  try {
    const result = await work(controller.signal);
    throwIfCancelled(token);
    return result;
  } finally {
    token?.removeListener?.('cancel', listener);
  }
}

function throwIfCancelled(token: CancellationToken | undefined): void {
  if (token?.cancelled !== true) return;
  throw new PyInstallerError(
    'ERR_CANCELLED',
    'The build was cancelled while the Python backends were frozen.',
  );
}
