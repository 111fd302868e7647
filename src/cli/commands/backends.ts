import type { ResolvedBackend } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';

/**
 * The backends named on the command line, all of them without names.
 *
 * @throws PyInstallerError `ERR_NOT_FOUND` for a name that is not configured
 */
export function chooseBackends(
  backends: readonly ResolvedBackend[],
  names: readonly string[],
): readonly ResolvedBackend[] {
  if (names.length === 0) return backends;
  const known = new Map(backends.map((backend) => [backend.name, backend]));
  return names.map((name) => {
    const backend = known.get(name);
    if (backend !== undefined) return backend;
    throw new PyInstallerError(
      'ERR_NOT_FOUND',
      `There is no backend ${JSON.stringify(name)} in the configuration.`,
      {
        hint: `Configured: ${[...known.keys()].join(', ')}.`,
      },
    );
  });
}
