import { isWindows } from '../is-windows.js';
import { childEnvironment, instanceVariable, protocolVariable } from './child-environment.js';
import { BackendError, starting } from '../errors.js';
import type { BackendErrorCode } from '../errors.js';
import { restoreExecutePermission } from './execute-permission.js';
import type { Credentials, RequestedAddress } from '../talk/handshake.js';
import { locateFrozen } from './locate.js';
import type { BackendManifest } from '../manifest.js';
import { node } from '../node.js';
import { fillPlaceholders } from './placeholders.js';

/** Everything `spawn` needs. */
export interface LaunchPlan {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where the program is. */
export interface ProgramLocation {
  /** Absolute path of what is executed. */
  readonly file: string;
  /** Folder of the bundle; null in development. */
  readonly directory: string | null;
  /** Architecture of the bundle; null in development. */
  readonly arch: string | null;
}

/**
 * Find a backend's program and make sure that it can be executed. A frozen program that lost its execute permission gets it
 * back where that is allowed.
 *
 * @param remark - told what was changed
 * @throws BackendError `E_EXE_MISSING`, `E_EXE_NOT_EXECUTABLE`.
 */
export function locateProgram(
  backend: BackendManifest,
  resources: string,
  remark: (text: string) => void = () => undefined,
): ProgramLocation {
  const { program } = backend;
  const found =
    program.type === 'frozen'
      ? locateFrozen(program, resources, process.arch)
      : { executable: program.interpreter, directory: null, arch: null };
  const what = program.type === 'frozen' ? 'the frozen program' : 'the Python interpreter';
  const refusal = (code: BackendErrorCode, seen: string, hint: string): BackendError =>
    new BackendError(code, `${starting(backend.name)}: ${what} ${seen}: ${found.executable}`, { hint });
  if (!node.path.isAbsolute(found.executable)) {
    throw refusal(
      'E_EXE_MISSING',
      'is not given by an absolute path',
      'A bare name would be looked up in folders that others may write to.',
    );
  }
  const stat = node.fs.statSync(found.executable, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw refusal(
      'E_EXE_MISSING',
      'does not exist',
      program.type === 'frozen'
        ? 'The app was packaged without it, or security software removed it (see its quarantine). Install the app again.'
        : 'Create the environment again: run `npm start` once more.',
    );
  }
  const regainsPermission = (): boolean => {
    if (program.type !== 'frozen' || found.directory === null) return false;
    const changed = restoreExecutePermission(program, found.directory, found.arch);
    if (!changed.includes(program.executable)) return false;
    remark(
      `${found.executable} had lost its execute permission; it was given back (${changed.length} ${changed.length === 1 ? 'file' : 'files'})`,
    );
    return true;
  };
  // No execute bit is set at all; with any of them set, the answer of the system (EACCES) counts.
  const isForbidden = stat.isFile() && !isWindows && (stat.mode & 0o111) === 0 && !regainsPermission();
  if (!stat.isFile() || isForbidden) {
    throw refusal(
      'E_EXE_NOT_EXECUTABLE',
      `is ${stat.isFile() ? 'not executable' : 'not a file'}`,
      isForbidden
        ? `Its mode was lost in copying, and this user may not change it. Install the app again, or: chmod +x ${JSON.stringify(found.executable)}`
        : 'Install the app again.',
    );
  }
  return { file: found.executable, directory: found.directory, arch: found.arch };
}

/** What a plan is made of. */
export interface PlanParts {
  readonly backend: BackendManifest;
  readonly location: ProgramLocation;
  readonly credentials: Credentials;
  readonly address: RequestedAddress;
  readonly userData: string;
  readonly resources: string;
  readonly baseEnv: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** Arguments of a job run; come last. */
  readonly extraArgs: readonly string[];
}

/** Compose command line, environment and working directory. Pure. */
export function planLaunch(parts: PlanParts): LaunchPlan {
  const { backend, location, address, credentials } = parts;
  const { settings, program } = backend;
  const values = {
    port: address.type === 'port' ? String(address.port) : '0',
    host: address.type === 'port' ? address.host : '127.0.0.1',
    userData: parts.userData,
    resources: parts.resources,
    // In development the build has put the folder there.
    bundle: node.path.join(location.directory ?? '', (program.type === 'frozen' && program.contents) || '.'),
    token: credentials.token,
  };
  const fill = (text: string): string => fillPlaceholders(text, values);
  const fromSettings = Object.entries(settings.env).map(([name, value]) => [name, fill(value)]);
  return {
    file: location.file,
    args: [
      ...(program.type === 'development' ? program.args : []),
      ...settings.args.map(fill),
      ...parts.extraArgs,
    ],
    cwd: workingDirectory(parts, fill),
    env: childEnvironment(parts.baseEnv, {
      platform: parts.platform,
      program: program.type,
      additions: {
        ...(program.type === 'development' ? program.env : {}),
        ...Object.fromEntries(fromSettings),
        [instanceVariable]: credentials.instance,
        ...(backend.companion === 'none' ? {} : { [protocolVariable]: '1' }),
      },
    }),
  };
}

function workingDirectory(parts: PlanParts, fill: (text: string) => string): string {
  const { settings, program } = parts.backend;
  const base = program.type === 'development' ? program.cwd : parts.userData;
  return settings.cwd === null ? base : node.path.resolve(base, fill(settings.cwd));
}

/** Make sure that the working directory exists; only the app's own data folder is created. */
export async function prepareWorkingDirectory(
  plan: LaunchPlan,
  userData: string,
  name: string,
): Promise<void> {
  if (plan.cwd === userData || plan.cwd.startsWith(userData + node.path.sep))
    await node.fs.promises.mkdir(plan.cwd, { recursive: true, mode: 0o700 });
  const stat = node.fs.statSync(plan.cwd, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return;
  throw new BackendError(
    'E_EXE_MISSING',
    `${starting(name)}: its working directory ${stat === undefined ? 'does not exist' : 'is not a folder'}: ${plan.cwd}`,
    { hint: 'Correct `run.cwd` in the configuration.' },
  );
}
