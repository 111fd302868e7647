import type { ResolvedBackend } from '../../config/resolved.js';
import { readInstalled, versionOf } from './distributions.js';
import {
  createCommand,
  emptyRequest,
  installCommand,
  type Installer,
  type InstallRequest,
} from './install-commands.js';
import { runInstaller, type InstallerContext } from './installer-run.js';
import { interpretersOf } from '../find/path-search.js';
import { probeInterpreter } from '../find/probe.js';
import { planRequirements } from '../requirements/requirement-plan.js';
import type { RequirementInputs } from '../requirements/requirement-inputs.js';
import { bringUv } from './bring-uv.js';
import type { PlannedInstaller } from './managed-plan.js';
import type { OwnProject } from '../requirements/own-project.js';
import type { InterpreterProbe } from '../types.js';
import { writeOwnMetadata } from './own-metadata.js';
import { askVersion, type DynamicVersion } from './own-version.js';

/** What {@link buildEnvironment} works with. */
export interface BuildRequest {
  readonly backend: ResolvedBackend;
  readonly base: InterpreterProbe;
  readonly installer: PlannedInstaller;
  readonly inputs: RequirementInputs;
  /** Requirement for PyInstaller, e.g. `pyinstaller==6.22.3`. */
  readonly pyinstaller: string;
  readonly withProject: boolean;
  readonly own: OwnProject | null;
  /** Set when the version of the project itself has to be asked for. */
  readonly ownVersion: DynamicVersion | null;
  /** Where it goes; does not exist yet. Virtual environments cannot be moved, so it is made in its final place. */
  readonly directory: string;
  readonly cacheDir: string;
  readonly temporaryDir: string;
  readonly logFile: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
  readonly onStep: (title: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Make a virtual environment and install the requirements and PyInstaller into it.
 *
 * @returns what its interpreter says about itself.
 * @throws PyInstallerError `ERR_ENVIRONMENT`, `ERR_CANCELLED`.
 */
export async function buildEnvironment(request: BuildRequest): Promise<InterpreterProbe> {
  const { backend, base, directory, inputs } = request;
  const context: InstallerContext = {
    backend: backend.name,
    base: base.executable,
    cwd: inputs.cwd,
    env: request.installer.kind === 'uv' ? { ...request.env, ...request.installer.env } : request.env,
    temporaryDir: request.temporaryDir,
    logFile: request.logFile,
    onLine: request.onLine,
    signal: request.signal,
  };
  const installer = await installerOf(request, context);
  const seed = needsToml(backend) && base.version[1] < 11;
  await runInstaller(
    'making a virtual environment',
    createCommand(installer, base.executable, directory, seed),
    context,
  );
  const interpreter = interpretersOf(directory, backend.target.platform)[0] ?? directory;

  const plan = await planRequirements({
    backend,
    installer,
    inputs,
    withProject: request.withProject,
    context,
    interpreter,
    cacheDir: request.cacheDir,
  });
  // One run lets the installer see contradictions. Two are needed when PyInstaller's version is the project's choice, and
  // where PyInstaller, which is in no lock of theirs, would break the rules of the first run.
  const together = plan.length === 1 && !inputs.hashed && !inputs.namesPyInstaller;
  for (const [index, step] of plan.entries()) {
    if (!together && isEmpty(step.request)) continue;
    request.onStep(together ? 'Installing the requirements and PyInstaller' : step.title);
    const packages =
      together && index === 0 ? [...step.request.packages, ...ours(request)] : step.request.packages;
    const command = installCommand(installer, interpreter, backend.python, { ...step.request, packages });
    await runInstaller('installing the requirements', command, { ...context, cwd: step.cwd });
  }
  if (!together) {
    const probe = await probeInterpreter(interpreter, { fresh: true });
    const installed = await readInstalled(probe.sitePackages);
    const packages =
      versionOf(installed, 'pyinstaller') === null ? ours(request) : ['pyinstaller-hooks-contrib'];
    request.onStep('Installing PyInstaller');
    const command = installCommand(installer, interpreter, backend.python, { ...emptyRequest, packages });
    await runInstaller('installing PyInstaller', command, context);
  }
  const made = await probeInterpreter(interpreter, { fresh: true, signal: request.signal });
  const { own, ownVersion } = request;
  if (own !== null) {
    const version =
      ownVersion === null
        ? own.version
        : await askVersion(own, ownVersion, interpreter, installer, backend.python, context);
    await writeOwnMetadata({ ...own, version }, made.sitePackages);
  }
  return made;
}

/** The installer with its program, which may have to be brought. */
async function installerOf(request: BuildRequest, context: InstallerContext): Promise<Installer> {
  const { installer, base, backend, cacheDir } = request;
  if (installer.kind === 'pip') return { kind: 'pip' };
  if (installer.program !== null) return { kind: 'uv', program: installer.program };
  request.onStep('Bringing uv from the package index');
  return { kind: 'uv', program: await bringUv(base, backend.python, cacheDir, context) };
}

function isEmpty(request: InstallRequest): boolean {
  return request.files.length === 0 && request.packages.length === 0;
}

function ours(request: BuildRequest): string[] {
  return [request.pyinstaller, 'pyinstaller-hooks-contrib'];
}

function needsToml(backend: ResolvedBackend): boolean {
  const { requirements } = backend;
  return requirements.type === 'project' || (requirements.type === 'lock' && requirements.tool !== 'uv');
}
