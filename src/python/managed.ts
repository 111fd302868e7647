import { mkdir, readFile, rm, writeFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedBackend } from '../config/resolved.js';
import { PyInstallerError } from '../errors.js';
import type { FreezeOptions } from '../freeze/types.js';
import { buildEnvironment } from './build-environment.js';
import { addSources, digestDistributions, readInstalled, versionOf } from './distributions.js';
import { describeInputs, environmentKey } from './environment-key.js';
import { withFileLock } from './file-lock.js';
import { installerFor } from './find.js';
import type { Installer } from './install-commands.js';
import { identityOf } from './interpreter-cache.js';
import { checkPyInstaller, pyinstallerRequirement } from './pyinstaller-policy.js';
import { readRequirementInputs, type RequirementInputs } from './requirement-inputs.js';
import type { FoundInterpreter, InterpreterProbe, PythonEnvironment } from './types.js';

/** Written last: an environment without it is half made. */
const completeFile = 'complete.json';

interface Complete {
  readonly parts: Readonly<Record<string, string>>;
  readonly probe: InterpreterProbe;
  /** Of the interpreter, its base and its library. */
  readonly identity: string;
  /** Of what was installed. */
  readonly installed: string;
}

/** Everything that decides which environment a backend gets. */
interface ManagedPlan {
  readonly key: string;
  readonly directory: string;
  readonly parts: Readonly<Record<string, string>>;
  readonly installer: Installer;
  readonly inputs: RequirementInputs;
  readonly pyinstaller: string;
  readonly withProject: boolean;
}

async function planManaged(
  backend: ResolvedBackend,
  found: FoundInterpreter,
  cacheDir: string,
  env: NodeJS.ProcessEnv,
): Promise<ManagedPlan> {
  const { python, requirements } = backend;
  const installer = requireInstaller(backend, env);
  const withProject = installsProject(backend);
  const inputs = await readRequirementInputs(requirements, backend.projectDir, withProject);
  const pyinstaller = pyinstallerRequirement(backend.pyinstaller.version, backend.pyinstaller.mode);
  const parts = describeInputs({
    probe: found.probe,
    python,
    requirementType: withoutPlaces(requirements),
    inputs,
    pyinstaller,
    installer: installer.kind,
    withProject,
    env,
    platform: backend.target.platform,
  });
  const key = environmentKey(parts);
  const directory = path.join(path.resolve(cacheDir), 'environments', key);
  return { key, directory, parts, installer, inputs, pyinstaller, withProject };
}

/**
 * Look whether the managed environment of a backend is there already; null: it would have to be made. Starts no process.
 *
 * @throws PyInstallerError as {@link provisionEnvironment} does for what it can see without installing.
 */
export async function findManaged(
  backend: ResolvedBackend,
  found: FoundInterpreter,
  cacheDir: string,
  env: NodeJS.ProcessEnv,
): Promise<PythonEnvironment | null> {
  const { directory, key } = await planManaged(backend, found, cacheDir, env);
  return readComplete(backend, directory, key);
}

/** Have an environment of our own, made from the backend's requirements; see {@link provisionEnvironment}. */
export async function provisionManaged(
  backend: ResolvedBackend,
  found: FoundInterpreter,
  options: FreezeOptions,
  env: NodeJS.ProcessEnv,
): Promise<PythonEnvironment> {
  const plan = await planManaged(backend, found, options.cacheDir, env);
  const { key, directory, parts, installer, inputs, pyinstaller, withProject } = plan;

  const ready = await readComplete(backend, directory, key);
  if (ready !== null) return ready;

  const started = performance.now();
  const report = (type: 'stage' | 'detail', text: string) => {
    const elapsedMs = performance.now() - started;
    if (type === 'detail') options.report?.({ type, backend: backend.name, text, elapsedMs });
    else options.report?.({ type, backend: backend.name, stage: 'environment', title: text, elapsedMs });
  };
  const onWait = (holder: string) =>
    report('detail', `Waiting for ${holder}, which is making the same environment`);
  const lock = { onWait, ...(options.signal === undefined ? {} : { signal: options.signal }) };
  return withFileLock(`${directory}.lock`, lock, async () => {
    const made = await readComplete(backend, directory, key);
    if (made !== null) return made;
    report('stage', `Making the Python environment (${installer.kind})`);
    const temporaryDir = `${directory}.tmp`;
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
        directory,
        temporaryDir,
        logFile: path.join(path.resolve(options.cacheDir), 'logs', `environment-${backend.name}-${key}.log`),
        env,
        onLine: (line) => report('detail', line),
        onStep: (title) => report('stage', title),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
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
}

function requireInstaller(backend: ResolvedBackend, env: NodeJS.ProcessEnv): Installer {
  const installer = installerFor(backend.python, env, backend.target.platform);
  if (installer.kind === 'pip') return installer;
  if (installer.program !== null) return { kind: 'uv', program: installer.program };
  throw new PyInstallerError(
    'ERR_ENVIRONMENT',
    `The backend "${backend.name}" is to be installed with uv, which is not on PATH.`,
    {
      backend: backend.name,
      path: `${backend.configPath}.python.installer`,
      hint: 'Install uv (https://docs.astral.sh/uv), or set python.installer to `auto` or `pip`.',
    },
  );
}

/** A console script is known only once the project that defines it is installed. */
function installsProject(backend: ResolvedBackend): boolean {
  const { type } = backend.requirements;
  return backend.entry.type === 'consoleScript' && (type === 'project' || type === 'lock');
}

/** The same requirements in another folder make the same environment. */
function withoutPlaces(requirements: ResolvedBackend['requirements']): unknown {
  if (requirements.type === 'none') return ['none'];
  if (requirements.type === 'pip') return ['pip', requirements.packages, requirements.requireHashes];
  const tool = requirements.type === 'lock' ? requirements.tool : 'none';
  return [requirements.type, tool, requirements.extras, requirements.groups];
}

/**
 * The finished environment; null: not there, half made, or changed since it was made. Starts no process.
 *
 * @throws PyInstallerError `ERR_ENVIRONMENT` when the PyInstaller the requirements ask for cannot be used.
 */
async function readComplete(
  backend: ResolvedBackend,
  directory: string,
  key: string,
): Promise<PythonEnvironment | null> {
  const complete = await readJson(path.join(directory, completeFile));
  if (complete === null || identityOf(complete.probe) !== complete.identity) return null;
  const { probe } = complete;
  const installed = await readInstalled(probe.sitePackages);
  if (digestDistributions(installed) !== complete.installed) return null;
  const pyinstallerVersion = versionOf(installed, 'pyinstaller') ?? '';
  const { version: range, mode } = backend.pyinstaller;
  const problem = checkPyInstaller(pyinstallerVersion, { range, mode, python: probe.version });
  if (problem !== null) {
    throw new PyInstallerError(
      'ERR_ENVIRONMENT',
      `Cannot freeze the backend "${backend.name}": ${problem.detail}`,
      {
        backend: backend.name,
        path: `${backend.configPath}.pyinstaller.version`,
        hint: `${problem.fix} The requirements of the backend name PyInstaller themselves, or one of their packages does.`,
      },
    );
  }
  return {
    interpreter: probe.executable,
    directory,
    probe,
    key,
    distributions: await addSources(installed),
    reused: true,
    pyinstallerVersion,
    hooksVersion: versionOf(installed, 'pyinstaller-hooks-contrib') ?? '',
  };
}

async function readJson(file: string): Promise<Complete | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Complete;
  } catch {
    return null;
  }
}

async function writeComplete(
  directory: string,
  parts: Readonly<Record<string, string>>,
  probe: InterpreterProbe,
): Promise<void> {
  const installed = digestDistributions(await readInstalled(probe.sitePackages));
  const complete: Complete = { parts, probe, identity: identityOf(probe), installed };
  const file = path.join(directory, completeFile);
  await writeFile(`${file}.tmp`, JSON.stringify(complete, null, 2));
  await rename(`${file}.tmp`, file);
}

/** Remove a folder. On Windows a scanner may hold a file for a moment. */
async function wipe(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
