import type { ResolvedBackend } from '../config/resolved.js';
import { PyInstallerError } from '../errors.js';
import { emptyRequest, type Installer, type InstallRequest } from './install-commands.js';
import type { InstallerContext } from './installer-run.js';
import type { RequirementInputs } from './requirement-inputs.js';

/** One installation run. */
export interface InstallStep {
  readonly title: string;
  readonly request: InstallRequest;
  readonly cwd: string;
}

/** What {@link planRequirements} works with. */
export interface PlanRequest {
  readonly backend: ResolvedBackend;
  /** Interpreter of the new environment. */
  readonly interpreter: string;
  readonly installer: Installer;
  readonly inputs: RequirementInputs;
  readonly withProject: boolean;
  readonly context: InstallerContext;
}

/**
 * The installation runs that fulfil the requirements (without PyInstaller).
 *
 * @throws PyInstallerError `ERR_ENVIRONMENT` when a lock file cannot be read.
 */
export async function planRequirements(plan: PlanRequest): Promise<InstallStep[]> {
  const { requirements } = plan.backend;
  const title = 'Installing the requirements';
  const { cwd } = plan.inputs;
  switch (requirements.type) {
    case 'none':
      return [{ title, request: emptyRequest, cwd }];
    case 'pip': {
      const { files, packages, requireHashes } = requirements;
      if (files.length === 0 && packages.length === 0) return [{ title, request: emptyRequest, cwd }];
      return [{ title, request: { ...emptyRequest, files, packages, requireHashes }, cwd }];
    }
    case 'project':
    case 'lock':
      throw new PyInstallerError('ERR_ENVIRONMENT', `requirements of type ${requirements.type} come next`);
  }
}
