import type { ResolvedBackend } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { describeInputs, environmentKey } from './environment-key.js';
import { environmentDir } from './environments.js';
import { installerFor } from '../find/find.js';
import type { Installer } from './install-commands.js';
import { dynamicVersion, type DynamicVersion } from './own-version.js';
import { pyinstallerRequirement } from './pyinstaller-policy.js';
import { readRequirementInputs, type RequirementInputs } from '../requirements/requirement-inputs.js';
import { ownProject, ownProjectDir, type OwnProject } from '../requirements/own-project.js';
import type { FoundInterpreter } from '../types.js';
import { sha256 } from '../../lib/hash.js';

/** Everything that decides which environment a backend gets. */
export interface ManagedPlan {
  readonly key: string;
  readonly directory: string;
  readonly parts: Readonly<Record<string, string>>;
  readonly installer: Installer;
  readonly inputs: RequirementInputs;
  readonly pyinstaller: string;
  readonly withProject: boolean;
  /** The project itself, whose metadata goes into the environment. */
  readonly own: OwnProject | null;
  /** Set when its version has to be asked for. */
  readonly ownVersion: DynamicVersion | null;
}

/** Decide which environment a backend gets. Reads files, and asks Git when the version of the project may come from there. */
export async function planManaged(
  backend: ResolvedBackend,
  found: FoundInterpreter,
  cacheDir: string,
  env: NodeJS.ProcessEnv,
): Promise<ManagedPlan> {
  const { python, requirements } = backend;
  const installer = requireInstaller(backend, env);
  const withProject = installsProject(backend);
  const own = withProject ? null : await ownProject(backend);
  const ownVersion = await dynamicVersion(own, ownProjectDir(backend), env);
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
    own,
    ownVersion,
    env,
    platform: backend.target.platform,
  });
  const key = environmentKey(parts);
  const directory = environmentDir(cacheDir, key);
  return { key, directory, parts, installer, inputs, pyinstaller, withProject, own, ownVersion };
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
  const { requirements } = backend;
  if (requirements.type !== 'project' && requirements.type !== 'lock') return false;
  return backend.entry.type === 'consoleScript' || requirements.itself === true;
}

/** The same requirements in another folder make the same environment. Digests, because URLs may carry secrets. */
function withoutPlaces(requirements: ResolvedBackend['requirements']): unknown {
  if (requirements.type === 'none') return ['none'];
  if (requirements.type === 'pip')
    return ['pip', sha256(JSON.stringify(requirements.packages)), requirements.requireHashes];
  const tool = requirements.type === 'lock' ? requirements.tool : 'none';
  return [requirements.type, tool, requirements.extras, requirements.groups];
}
