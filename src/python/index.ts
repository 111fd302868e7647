export { findInterpreter, type FindOptions } from './find/find.js';
export { provisionEnvironment, type ProvisionSettings } from './environment/provision.js';
export { findManaged } from './environment/managed.js';
export {
  checkPyInstaller,
  oldHooksWarning,
  pyinstallerRequirement,
} from './environment/pyinstaller-policy.js';
export { formatVersion, parseVersion, type VersionRange } from '../config/version-range.js';
export type {
  CandidateSource,
  CandidateVerdict,
  Distribution,
  FoundInterpreter,
  InterpreterProbe,
  InterpreterProblem,
  PythonEnvironment,
} from './types.js';
export { findOnPath } from './find/path-search.js';
export { realDisk } from './environment/disk.js';
export { planInstaller } from './environment/managed-plan.js';
export { useExisting } from './environment/existing.js';
export { readRequirementInputs } from './requirements/requirement-inputs.js';
export { namedRequirements } from './requirements/named-requirements.js';
export { isForeign } from './requirements/requirement-text.js';
export { missingFromPip, readCondaEnvironment } from './requirements/conda-environment.js';
export { broughtPythons, pythonToBring } from './environment/bring-python.js';
export { toolCommand } from './environment/tool-command.js';
export { mayBringUv } from './environment/bring-uv.js';
export { ownProject, type OwnProject } from './requirements/own-project.js';
