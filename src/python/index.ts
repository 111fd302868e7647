export { findInterpreter, type FindOptions } from './find.js';
export { provisionEnvironment, type ProvisionSettings } from './provision.js';
export { findManaged } from './managed.js';
export { checkPyInstaller, oldHooksWarning, pyinstallerRequirement } from './pyinstaller-policy.js';
export {
  formatVersion,
  parseVersion,
  parseVersionRange,
  satisfies,
  type VersionRange,
} from './version-range.js';
export type {
  CandidateSource,
  CandidateVerdict,
  Distribution,
  FoundInterpreter,
  InterpreterProbe,
  InterpreterProblem,
  PythonEnvironment,
} from './types.js';
export { findOnPath } from './path-search.js';
export { realDisk } from './disk.js';
export { installerFor } from './find.js';
export { useExisting } from './existing.js';
export { readRequirementInputs } from './requirement-inputs.js';
