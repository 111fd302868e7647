import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import type { ResolvedBackend } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { describeInputs, environmentKey } from './environment-key.js';
import { environmentDir } from './environments.js';
import { installerFor } from '../find/find.js';
import { realDisk } from './disk.js';
import { uvLikePip } from './like-pip.js';
import { isUvSetUp, pipSettings } from './pip-settings.js';
import { broughtUv, mayBringUv } from './bring-uv.js';
import { dynamicVersion, type DynamicVersion } from './own-version.js';
import { pyinstallerRequirement } from './pyinstaller-policy.js';
import { readRequirementInputs, type RequirementInputs } from '../requirements/requirement-inputs.js';
import { ownProject, ownProjectDir, type OwnProject } from '../requirements/own-project.js';
import type { FoundInterpreter } from '../types.js';
import { sha256 } from '../../lib/hash.js';

/** How a managed environment will be filled. */
export type PlannedInstaller =
  /** `reason`: why uv, which would be faster, does not do it; null: pip was asked for. */
  | { readonly kind: 'pip'; readonly reason: string | null }
  /** Without a program it is brought. `env`: its variables, so that it does what pip would. */
  | {
      readonly kind: 'uv';
      readonly program: string | null;
      readonly env: Readonly<Record<string, string>>;
    };

/** Everything that decides which environment a backend gets. */
export interface ManagedPlan {
  readonly key: string;
  readonly directory: string;
  readonly parts: Readonly<Record<string, string>>;
  readonly installer: PlannedInstaller;
  readonly inputs: RequirementInputs;
  readonly pyinstaller: string;
  readonly withProject: boolean;
  /** The project itself, whose metadata goes into the environment. */
  readonly own: OwnProject | null;
  /** Set when its version has to be asked for. */
  readonly ownVersion: DynamicVersion | null;
}

/**
 * Decide which environment a backend gets, and which it gets where that cannot be made. Reads files, and asks Git when the version of
 * the project may come from there.
 */
export async function planManaged(
  backend: ResolvedBackend,
  found: FoundInterpreter,
  cacheDir: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly [ManagedPlan, ...ManagedPlan[]]> {
  const { python, requirements } = backend;
  const withProject = installsProject(backend);
  const own = withProject ? null : await ownProject(backend);
  const ownVersion = await dynamicVersion(own, ownProjectDir(backend), env);
  const inputs = await readRequirementInputs(requirements, backend.projectDir, withProject);
  const pyinstaller = pyinstallerRequirement(backend.pyinstaller.version, backend.pyinstaller.mode);
  const planFor = (installer: PlannedInstaller): ManagedPlan => {
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
  };
  const installer = planInstaller(backend, inputs, cacheDir, env);
  const plan = planFor(installer);
  return installer.kind === 'uv' && python.installer === 'auto'
    ? [plan, planFor({ kind: 'pip', reason: null })]
    : [plan];
}

/** Choose what fills the environment. Starts nothing. */
export function planInstaller(
  backend: ResolvedBackend,
  inputs: Pick<RequirementInputs, 'options'>,
  cacheDir: string,
  env: NodeJS.ProcessEnv,
): PlannedInstaller {
  const { python, target, requirements } = backend;
  const installer = installerFor(python, env, target.platform);
  if (installer.kind === 'pip')
    return {
      kind: 'pip',
      reason: python.installer === 'pip' ? null : 'uv is not on PATH, and offline there is no way to it',
    };
  const program = installer.program ?? broughtUv(cacheDir);
  if (program === null && !mayBringUv(python)) throw noUv(backend);
  if (python.installer === 'uv') return { kind: 'uv', program, env: {} };
  const places = { env, platform: target.platform, homeDir: homedir() };
  const choice = uvLikePip({
    settings: pipSettings(places, realDisk),
    isUvSetUp: isUvSetUp(places, realDisk),
    options: inputs.options,
    python,
    isProject: requirements.type === 'project',
    exists: existsSync,
  });
  if (choice.kind === 'pip') return choice;
  // What the user set for uv stays.
  const added = Object.entries(choice.env).filter(
    ([name]) => name === 'SSL_CERT_FILE' || env[name] === undefined,
  );
  return { kind: 'uv', program, env: Object.fromEntries(added) };
}

function noUv(backend: ResolvedBackend): PyInstallerError {
  return new PyInstallerError(
    'ERR_ENVIRONMENT',
    `The backend "${backend.name}" is to be installed with uv, which is not on PATH, and offline there is no way to it.`,
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
