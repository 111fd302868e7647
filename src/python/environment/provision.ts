import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { isPyInstallerError, PyInstallerError } from '../../errors.js';
import type { WorkOptions } from '../../report.js';
import type { FindOptions } from '../find/find.js';
import { findInterpreterCached } from '../find/interpreter-cache.js';
import { bringPython, broughtPythons, pythonToBring } from './bring-python.js';
import { oldHooksWarning } from './pyinstaller-policy.js';
import { provisionManaged } from './managed.js';
import { useExisting } from './existing.js';
import type { FoundInterpreter, PythonEnvironment } from '../types.js';

/** What the environment is for, and what it is made from. */
export interface ProvisionSettings {
  /** `ignored`: PyInstaller may be missing from the project's own environment (development needs none). Default `required`. */
  readonly pyinstaller?: 'required' | 'ignored';
  /** Key of the configuration that named the interpreter, for messages. Default `python.interpreter`. */
  readonly interpreterKey?: string | undefined;
  /** Default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Called before an environment is made; what it throws is thrown. */
  readonly beforeMaking?: (found: FoundInterpreter) => Promise<void>;
}

/**
 * Have a Python environment ready in which a backend can be frozen.
 *
 * `env: managed` makes one in the cache, once per set of inputs; with unchanged inputs it is reused without starting a
 * process. `env: active` and a folder use the project's own environment as it is.
 *
 * @throws PyInstallerError `ERR_PYTHON` (no usable interpreter), `ERR_ENVIRONMENT` (installing failed, or PyInstaller is
 * missing), `ERR_NOT_FOUND` (a requirements file is missing), `ERR_CACHE`, `ERR_CANCELLED`.
 */
export async function provisionEnvironment(
  backend: ResolvedBackend,
  options: WorkOptions,
  settings: ProvisionSettings = {},
): Promise<PythonEnvironment> {
  if (backend.target.platform !== process.platform) {
    throw new PyInstallerError(
      'ERR_TARGET',
      `The backend "${backend.name}" is wanted for ${backend.target.platform}, this machine is ${process.platform}.`,
      { backend: backend.name, hint: 'PyInstaller cannot freeze for another system: use `prebuilt` for it.' },
    );
  }
  const env = settings.env ?? process.env;
  const required = settings.pyinstaller !== 'ignored';
  const { interpreterKey } = settings;
  const find: FindOptions = {
    python: backend.python,
    projectDir: backend.projectDir,
    sourceDirs: backend.source,
    env,
    platform: backend.target.platform,
    arch: backend.target.arch,
    backend: backend.name,
    // A managed environment is the one that will be frozen from, also during development.
    purpose: required || backend.python.env.type === 'managed' ? 'freeze' : 'run',
    interpreterKey,
    broughtDir: broughtPythons(options.cacheDir),
    report: options.report,
    signal: options.signal,
  };
  const found = await findOrBring(backend, find, options);
  const environment = await (backend.python.env.type === 'managed'
    ? provisionManaged(backend, found, options, env, settings.beforeMaking)
    : useExisting(backend, found, required));
  const message = required ? oldHooksWarning(environment.hooksVersion, new Date()) : null;
  if (message !== null) options.report?.({ type: 'warning', backend: backend.name, message });
  return environment;
}

async function findOrBring(
  backend: ResolvedBackend,
  find: FindOptions,
  options: WorkOptions,
): Promise<FoundInterpreter> {
  const cacheDir = path.resolve(options.cacheDir);
  try {
    return await findInterpreterCached(find, cacheDir);
  } catch (error) {
    const version = pythonToBring(backend, find.env);
    if (version === null || !isPyInstallerError(error) || error.code !== 'ERR_PYTHON') throw error;
    await bringPython(version, backend, find, options, error);
    return await findInterpreterCached(find, cacheDir);
  }
}
