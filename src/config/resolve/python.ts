import { allowedMinors, supportedPython } from '../limits.js';
import { defaultPythonVersion } from '../defaults.js';
import type { ResolvedPython } from '../resolved.js';
import type { PythonConfig } from '../schema/index.js';
import type { BackendContext } from './context.js';
import { absolute, existing } from './paths.js';

/** A path is told from the name of a command by a separator in it. */
function isPathLike(value: string): boolean {
  return value.includes('/') || value.includes('\\') || value.startsWith('.');
}

/** An interpreter as the user wrote it: a path made absolute, a command name as it is. */
export function interpreterPath(context: BackendContext, value: string): string {
  return isPathLike(value) ? absolute(context, value) : value;
}

/** The group `python`. */
export function resolvePython(context: BackendContext, config: PythonConfig = {}): ResolvedPython {
  const { interpreter, env, version } = config;
  if (version !== undefined && allowedMinors(version).length === 0)
    context.problem(
      ['python', 'version'],
      `no supported Python satisfies "${version}" (supported: ${supportedPython}); write for example '>=3.10' or '3.12'`,
    );
  if (config.offline === true && (config.indexUrl !== undefined || config.extraIndexUrls !== undefined))
    context.problem(
      ['python', 'offline'],
      'cannot be combined with python.indexUrl or python.extraIndexUrls: offline asks no index',
    );
  return {
    version: version?.trim() ?? defaultPythonVersion,
    interpreter: interpreter === undefined ? null : resolveInterpreter(context, interpreter),
    env:
      env === undefined || env === 'managed'
        ? { type: 'managed' }
        : env === 'active'
          ? { type: 'active' }
          : { type: 'path', directory: existing(context, ['python', 'env'], env, 'folder') },
    installer: config.installer ?? 'auto',
    indexUrl: config.indexUrl ?? null,
    extraIndexUrls: [...(config.extraIndexUrls ?? [])],
    findLinks: (config.findLinks ?? []).map((value, index) =>
      /^[a-z][a-z0-9+.-]+:\/\//i.test(value)
        ? value
        : existing(context, ['python', 'findLinks', index], value, 'file or folder'),
    ),
    offline: config.offline ?? false,
    pipArgs: [...(config.pipArgs ?? [])],
  };
}

function resolveInterpreter(context: BackendContext, value: string): string {
  return isPathLike(value) ? existing(context, ['python', 'interpreter'], value, 'file') : value;
}
