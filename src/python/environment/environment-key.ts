import { existsSync, readFileSync, statSync } from 'node:fs';
import type { ResolvedPython } from '../../config/resolved.js';
import { variable } from '../find/path-search.js';
import type { RequirementInputs } from '../requirements/requirement-inputs.js';
import type { OwnProject } from '../requirements/own-project.js';
import type { DynamicVersion } from './own-version.js';
import type { InterpreterProbe } from '../types.js';
import { sha256 } from '../../lib/hash.js';

/** Change when environments are made differently, so that old ones are not used. */
const layoutVersion = 1;

/** What a managed environment is made from. */
export interface EnvironmentInputs {
  readonly probe: InterpreterProbe;
  readonly python: ResolvedPython;
  readonly requirementType: unknown;
  readonly inputs: RequirementInputs;
  readonly pyinstaller: string;
  readonly installer: 'uv' | 'pip';
  readonly withProject: boolean;
  readonly own: OwnProject | null;
  readonly ownVersion: Pick<DynamicVersion, 'digest'> | null;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

/** Variables that decide *what* gets installed; those that say from where do not count. */
const deciding = [
  'PIP_PRE',
  'PIP_NO_BINARY',
  'PIP_ONLY_BINARY',
  'PIP_PREFER_BINARY',
  'PIP_NO_DEPS',
  'PIP_IGNORE_REQUIRES_PYTHON',
  'UV_PRERELEASE',
  'UV_RESOLUTION',
  'UV_EXCLUDE_NEWER',
  'UV_INDEX_STRATEGY',
  'UV_NO_BINARY',
  'UV_NO_BINARY_PACKAGE',
  'UV_TORCH_BACKEND',
];

/** Variables that name files with constraints. */
const decidingFiles = ['PIP_CONSTRAINT', 'PIP_REQUIREMENT', 'UV_CONSTRAINT', 'UV_OVERRIDE'];

/**
 * The parts of the key, by name, so that a difference can be explained. Every value is a short string.
 */
export function describeInputs(inputs: EnvironmentInputs): Record<string, string> {
  const { probe, python, env, platform } = inputs;
  const parts: Record<string, string> = {
    layout: String(layoutVersion),
    interpreter: [probe.version.join('.'), probe.implementation, probe.soabi, probe.arch, platform].join(' '),
    // An environment refers to the interpreter it was made from by path.
    base: probe.baseExecutable,
    library:
      probe.sharedLibrary === null ? 'none' : `${probe.sharedLibrary} ${sizeAndTime(probe.sharedLibrary)}`,
    pyinstaller: inputs.pyinstaller,
    installer: inputs.installer,
    requirements: JSON.stringify(inputs.requirementType),
    project: String(inputs.withProject),
    indexes: sha256(
      JSON.stringify([
        python.indexUrl,
        python.extraIndexUrls,
        python.findLinks,
        python.pipArgs,
        python.offline,
      ]),
    ),
  };
  if (inputs.own !== null) parts['own project'] = sha256(JSON.stringify(inputs.own));
  if (inputs.ownVersion !== null) parts['own version'] = inputs.ownVersion.digest;
  inputs.inputs.digests.forEach(([label, digest], index) => {
    parts[`input ${index} ${label}`] = digest;
  });
  for (const name of deciding) {
    const value = variable(env, name, platform);
    if (value !== undefined) parts[`variable ${name}`] = value;
  }
  for (const name of decidingFiles) {
    const value = variable(env, name, platform);
    if (value !== undefined) parts[`variable ${name}`] = sha256(filesOf(value).map(contentOf).join('\0'));
  }
  return parts;
}

/** Name of the environment's folder: 24 hexadecimal digits (Windows paths are short of room). */
export function environmentKey(parts: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify(sorted)).slice(0, 24);
}

/** Several names are separated by spaces, as pip and uv do; one name may hold spaces. */
function filesOf(value: string): string[] {
  return existsSync(value) ? [value] : value.split(/\s+/);
}

function sizeAndTime(file: string): string {
  try {
    const { size, mtimeMs } = statSync(file);
    return `${size} ${mtimeMs}`;
  } catch {
    return 'missing';
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return file;
  }
}
