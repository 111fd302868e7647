import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { isPyInstallerError, PyInstallerError } from '../../errors.js';
import { withFileLock } from '../../lib/file-lock.js';
import type { WorkOptions } from '../../report.js';
import { buildEnvironment } from './build-environment.js';
import { readComplete, writeComplete } from './complete-file.js';
import { environmentLock, markEnvironmentUsed } from './environments.js';
import { planManaged, type ManagedPlan, type PlannedInstaller } from './managed-plan.js';
import type { FoundInterpreter, PythonEnvironment } from '../types.js';
import { cacheError } from '../../advice/file-system.js';

/**
 * Look whether the managed environment of a backend is there already; null: it would have to be made. Starts no Python.
 *
 * @throws PyInstallerError as {@link provisionEnvironment} does for what it can see without installing.
 */
export async function findManaged(
  backend: ResolvedBackend,
  found: FoundInterpreter,
  cacheDir: string,
  env: NodeJS.ProcessEnv,
): Promise<PythonEnvironment | null> {
  return findReady(backend, await planManaged(backend, found, cacheDir, env));
}

async function findReady(
  backend: ResolvedBackend,
  plans: readonly ManagedPlan[],
): Promise<PythonEnvironment | null> {
  for (const { directory, key } of plans) {
    const ready = await readComplete(backend, directory, key);
    if (ready !== null) return ready;
  }
  return null;
}

/** Have an environment of our own, made from the backend's requirements; see {@link provisionEnvironment}. */
export async function provisionManaged(
  backend: ResolvedBackend,
  found: FoundInterpreter,
  options: WorkOptions,
  env: NodeJS.ProcessEnv,
  beforeMaking?: (found: FoundInterpreter) => Promise<void>,
): Promise<PythonEnvironment> {
  const plans = await planManaged(backend, found, options.cacheDir, env);
  const ready = await findReady(backend, plans);
  if (ready !== null) {
    await markEnvironmentUsed(ready.directory ?? '');
    return ready;
  }
  await beforeMaking?.(found);
  const [plan, instead] = plans;
  if (instead === undefined) return await make(plan, backend, found, options, env);
  try {
    return await make(plan, backend, found, options, env);
  } catch (error) {
    if (!isPyInstallerError(error) || error.code !== 'ERR_ENVIRONMENT') throw error;
    const installer = { kind: 'pip', reason: 'uv could not' } as const;
    const made = await make({ ...instead, installer }, backend, found, options, env);
    // Where pip cannot do it either, it says why by itself.
    const message = `pip made the environment, because uv could not (python.installer: 'pip' leaves uv out): ${error.message.split('\n')[0]}`;
    options.report?.({ type: 'warning', backend: backend.name, message });
    return made;
  }
}

async function make(
  plan: ManagedPlan,
  backend: ResolvedBackend,
  found: FoundInterpreter,
  options: WorkOptions,
  env: NodeJS.ProcessEnv,
): Promise<PythonEnvironment> {
  const { key, directory, parts, installer, inputs, pyinstaller, withProject, own, ownVersion } = plan;
  const started = performance.now();
  const report = (type: 'stage' | 'detail', text: string) => {
    const elapsedMs = performance.now() - started;
    if (type === 'detail') options.report?.({ type, backend: backend.name, text, elapsedMs });
    else options.report?.({ type, backend: backend.name, stage: 'environment', title: text, elapsedMs });
  };
  const onWait = (holder: string) =>
    report('detail', `Waiting for ${holder}, which is making the same environment`);
  const making = withFileLock(environmentLock(directory), { onWait, signal: options.signal }, async () => {
    const made = await readComplete(backend, directory, key);
    if (made !== null) return made;
    report('stage', `Making the Python environment (${describeInstaller(installer)})`);
    const temporaryDir = `${directory}.tmp`;
    const logFile = path.join(
      path.resolve(options.cacheDir),
      'logs',
      `environment-${backend.name}-${key}.log`,
    );
    await rm(logFile, { force: true });
    await wipe(directory);
    await wipe(temporaryDir);
    try {
      await mkdir(temporaryDir, { recursive: true });
      const probe = await buildEnvironment({
        backend,
        base: found.probe,
        installer,
        inputs,
        pyinstaller,
        withProject,
        own,
        ownVersion,
        directory,
        cacheDir: options.cacheDir,
        temporaryDir,
        logFile,
        env,
        onLine: (line) => report('detail', line),
        onStep: (title) => report('stage', title),
        signal: options.signal,
      });
      await writeComplete(directory, parts, probe);
    } catch (error) {
      await wipe(directory);
      throw error;
    } finally {
      await wipe(temporaryDir);
    }
    const environment = await readComplete(backend, directory, key);
    if (environment !== null) return { ...environment, reused: false };
    throw new PyInstallerError(
      'ERR_CACHE',
      `The Python environment ${directory} changed while it was being finished.`,
      {
        backend: backend.name,
        hint: 'Something else writes into the cache folder. Run the build again.',
      },
    );
  });
  return making.catch((error: unknown) => {
    const doing = `Making the Python environment of the backend "${backend.name}"`;
    if (error !== options.signal?.reason) throw cacheError(doing, options.cacheDir, error);
    throw new PyInstallerError('ERR_CANCELLED', `${doing} was cancelled.`, {
      backend: backend.name,
      cause: error,
    });
  });
}

function describeInstaller(installer: PlannedInstaller): string {
  return installer.kind === 'pip' && installer.reason !== null ? `pip: ${installer.reason}` : installer.kind;
}

/** Remove a folder. On Windows a scanner may hold a file for a moment. */
async function wipe(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
