import { readFileSync } from 'node:fs';
import path from 'node:path';
import { quote, type ConfigPath } from '../check/problem.js';
import type { ResolvedRequirements } from '../resolved.js';
import type { BackendOverrides, RequirementsGroup } from '../schema/index.js';
import type { BackendContext } from './context.js';
import { absolute, existing, statOrNull } from './paths.js';
import { isInside } from '../../lib/paths.js';

const lockTools: Readonly<Record<string, 'uv' | 'poetry' | 'pdm' | 'pipenv'>> = {
  'uv.lock': 'uv',
  'poetry.lock': 'poetry',
  'pdm.lock': 'pdm',
  'Pipfile.lock': 'pipenv',
};

type Kind = 'file' | 'package' | 'project' | 'lock' | 'folder' | 'wheel';

const nothing: ResolvedRequirements = { type: 'none' };

/** Where the Python packages come from. `sourceDir` is searched when the key is left out. */
export function resolveRequirements(
  context: BackendContext,
  config: BackendOverrides,
  sourceDir: string,
): ResolvedRequirements {
  const { requirements } = config;
  if (requirements === undefined)
    return config.python?.env === undefined || config.python.env === 'managed' ? found(sourceDir) : nothing;
  if (typeof requirements === 'string') return fromList(context, [[['requirements'], requirements]]);
  if (isList(requirements))
    return fromList(
      context,
      requirements.map((item, index) => [['requirements', index], item]),
    );
  return fromGroup(context, requirements);
}

function isList(value: RequirementsGroup | readonly string[]): value is readonly string[] {
  return Array.isArray(value);
}

/** Conda's own name for the file, and others that people give it. */
const condaFile = /^(?:environment|conda|conda[-_]env|env)[\w.-]*\.ya?ml$/i;

/** The file that is there when the key is left out: a lock before requirements.txt before what only says ranges. */
function found(folder: string): ResolvedRequirements {
  const files = [
    ...Object.keys(lockTools),
    'requirements.txt',
    'pyproject.toml',
    'Pipfile',
    'environment.yml',
    'environment.yaml',
  ];
  for (const name of files) {
    const file = path.join(folder, name);
    if (statOrNull(file)?.isFile() !== true) continue;
    const tool = lockTools[name];
    const isAlone = statOrNull(path.join(folder, 'pyproject.toml')) === null;
    if (tool !== undefined && tool !== 'pipenv' && isAlone) continue;
    if (name === 'pyproject.toml' && !isProject(file)) continue;
    if (tool !== undefined) return { type: 'lock', tool, file, directory: folder, extras: [], groups: [] };
    if (name === 'pyproject.toml') return { type: 'project', directory: folder, extras: [], groups: [] };
    return { type: 'pip', files: [file], packages: [], requireHashes: false };
  }
  return nothing;
}

/** A pyproject.toml that says what to install, not only how tools are set. */
function isProject(file: string): boolean {
  try {
    const tables = [...readFileSync(file, 'utf8').matchAll(/^\s*\[+\s*([\w.-]+)/gm)].map(
      ([, name]) => name ?? '',
    );
    return (
      tables.length === 0 ||
      tables.some((name) => /^(?:project|build-system|tool\.poetry\.dependencies)/.test(name))
    );
  } catch {
    return true;
  }
}

/** Tell what one text means, by its form; a bare word is a package unless it is a folder with a pyproject.toml. */
function kindOf(context: BackendContext, value: string): Kind {
  const name = path.posix.basename(value.replaceAll('\\', '/'));
  if (name === 'pyproject.toml') return 'project';
  if (Object.hasOwn(lockTools, name) || name.endsWith('.lock')) return 'lock';
  if (/\.(?:txt|in)$/i.test(name) || name === 'Pipfile' || condaFile.test(name)) return 'file';
  // `name @ https://…`, `name @ file:///…` and bare URLs are requirements.
  if (value.includes('@') || value.includes('://')) return 'package';
  if (/\.(?:whl|zip|tar\.gz)$/i.test(name)) return 'wheel';
  if (value === '.' || value === '..' || /[/\\]/.test(value)) return 'folder';
  return found(absolute(context, value)).type === 'none' ? 'package' : 'folder';
}

function fromList(
  context: BackendContext,
  items: readonly (readonly [ConfigPath, string])[],
): ResolvedRequirements {
  const files: string[] = [];
  const packages: string[] = [];
  const whole: ResolvedRequirements[] = [];
  for (const [at, value] of items) {
    const kind = kindOf(context, value);
    if (kind === 'file') files.push(existing(context, at, value, 'file'));
    else if (kind === 'wheel') packages.push(existing(context, at, value, 'file'));
    else if (kind === 'package') packages.push(checkedPackage(context, at, value));
    else {
      whole.push(
        kind === 'lock'
          ? lockOf(context, at, value, {})
          : kind === 'project'
            ? projectOf(context, at, value, {})
            : folderOf(context, at, value),
      );
      if (items.length > 1)
        context.problem(
          at,
          `${quote(value)} is a whole project and cannot be combined with others; put everything into its pyproject.toml`,
        );
    }
  }
  const [project] = whole;
  if (project !== undefined) return project;
  return files.length + packages.length === 0
    ? nothing
    : { type: 'pip', files, packages, requireHashes: false };
}

/** A requirement as PEP 508 begins one; pip says the rest. */
function checkedPackage(context: BackendContext, at: ConfigPath, value: string): string {
  if (value.trimStart().startsWith('-'))
    context.problem(
      at,
      `${quote(value)} is an option of pip, not a requirement; write options into python.pipArgs`,
    );
  else if (
    !/^[a-z+]+:\/\/\S+$|^\s*[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\s*(?:\[[^\]]*\])?\s*(?:$|[<>=!~(;@])/.test(
      value,
    )
  )
    context.problem(
      at,
      `${quote(value)} is neither a requirement such as 'fastapi>=0.110' nor a file that is known (*.txt, pyproject.toml, *.lock, Pipfile, environment.yml)`,
    );
  return value;
}

/** `packages: ['.']` beside a lock: the project itself, built and installed as its tool does. */
function isItself(context: BackendContext, whole: string | undefined, packages: readonly string[]): boolean {
  if (whole === undefined) return false;
  const given = absolute(context, whole);
  const folder = statOrNull(given)?.isFile() === true ? path.dirname(given) : given;
  return packages.every((value) => absolute(context, value) === folder);
}

function withItself(resolved: ResolvedRequirements, itself: boolean): ResolvedRequirements {
  const isWhole = resolved.type === 'project' || resolved.type === 'lock';
  return isWhole && itself ? { ...resolved, itself: true } : resolved;
}

/** `.`, `./lib`: a folder that pip installs. */
function isProjectFolder(context: BackendContext, value: string): boolean {
  if (!/^\.{1,2}(?:$|[\\/])/.test(value)) return false;
  const folder = absolute(context, value);
  return ['pyproject.toml', 'setup.py'].some((name) => statOrNull(path.join(folder, name)) !== null);
}

type Options = Pick<RequirementsGroup, 'extras' | 'groups'>;

function lockOf(
  context: BackendContext,
  at: ConfigPath,
  value: string,
  options: Options,
): ResolvedRequirements {
  const file = existing(context, at, value, 'file or folder');
  if (statOrNull(file)?.isDirectory() === true) {
    const name = Object.keys(lockTools).find((lock) => statOrNull(path.join(file, lock)) !== null);
    if (name === undefined) {
      context.missing(
        at,
        `the folder ${quote(value)} has no ${Object.keys(lockTools).join(', ')} (looked in ${file})`,
      );
      return nothing;
    }
    return lockFile(context, at, path.join(file, name), options);
  }
  return lockFile(context, at, file, options);
}

function lockFile(
  context: BackendContext,
  at: ConfigPath,
  file: string,
  options: Options,
): ResolvedRequirements {
  const tool = lockTools[path.basename(file)];
  const directory = path.dirname(file);
  if (tool === undefined) {
    context.problem(
      at,
      `${quote(path.basename(file))} is not a lock file that is known; these are: ${Object.keys(lockTools).join(', ')}`,
    );
    return nothing;
  }
  if (
    tool !== 'pipenv' &&
    statOrNull(file) !== null &&
    statOrNull(path.join(directory, 'pyproject.toml')) === null
  )
    context.missing(at, `there is no pyproject.toml beside ${path.basename(file)} (looked in ${directory})`);
  return {
    type: 'lock',
    tool,
    file,
    directory,
    extras: [...(options.extras ?? [])],
    groups: [...(options.groups ?? [])],
  };
}

function projectOf(
  context: BackendContext,
  at: ConfigPath,
  value: string,
  options: Options,
): ResolvedRequirements {
  const given = existing(context, at, value, 'file or folder');
  const directory = statOrNull(given)?.isFile() === true ? path.dirname(given) : given;
  if (statOrNull(given) !== null && statOrNull(path.join(directory, 'pyproject.toml')) === null)
    context.missing(at, `there is no pyproject.toml in ${directory}`);
  return {
    type: 'project',
    directory,
    extras: [...(options.extras ?? [])],
    groups: [...(options.groups ?? [])],
  };
}

/** A folder stands for what is in it. */
function folderOf(context: BackendContext, at: ConfigPath, value: string): ResolvedRequirements {
  const folder = existing(context, at, value, 'folder');
  const inside = found(folder);
  if (inside.type === 'none' && statOrNull(folder)?.isDirectory() === true)
    context.missing(
      at,
      `the folder ${quote(value)} has no ${Object.keys(lockTools).join(', ')}, requirements.txt or pyproject.toml (looked in ${folder})`,
    );
  return inside;
}

function fromGroup(context: BackendContext, group: RequirementsGroup): ResolvedRequirements {
  const at = (key: string): ConfigPath => ['requirements', key];
  const { project, lock, files = [], packages = [] } = group;
  const isWhole = project !== undefined || lock !== undefined;
  const itself = packages.length > 0 && isItself(context, lock ?? project, packages);
  if (isWhole && files.length + (itself ? 0 : packages.length) > 0)
    context.problem(
      at(lock === undefined ? 'project' : 'lock'),
      'cannot be combined with files or packages; put everything into the pyproject.toml',
    );
  if (!isWhole && (group.extras !== undefined || group.groups !== undefined))
    context.problem(
      at(group.extras === undefined ? 'groups' : 'extras'),
      "works with project or lock only; write extras of a package as packages: ['name[extra]']",
    );
  if (group.requireHashes === true && files.length === 0)
    context.problem(
      at('requireHashes'),
      'works with files only; lock files carry their hashes, single packages have none',
    );
  else if (group.requireHashes === true && packages.length > 0)
    context.problem(
      at('packages'),
      'cannot be combined with requireHashes: a single requirement has no hash; put it into a file',
    );
  if (lock !== undefined) {
    const resolved = lockOf(context, at('lock'), lock, group);
    if (project !== undefined) checkLockOf(context, at('project'), project, resolved);
    return withItself(resolved, itself);
  }
  if (project !== undefined) return withItself(projectOf(context, at('project'), project, group), itself);
  if (files.length + packages.length === 0) return nothing;
  return {
    type: 'pip',
    files: files.map((value, index) => existing(context, ['requirements', 'files', index], value, 'file')),
    packages: packages.map((value, index) => {
      const place: ConfigPath = ['requirements', 'packages', index];
      return isProjectFolder(context, value)
        ? absolute(context, value)
        : checkedPackage(context, place, value);
    }),
    requireHashes: group.requireHashes ?? false,
  };
}

/** A lock belongs to the pyproject.toml beside it. */
function checkLockOf(
  context: BackendContext,
  at: ConfigPath,
  project: string,
  resolved: ResolvedRequirements,
): void {
  if (resolved.type !== 'lock') return;
  if (!isInside(resolved.directory, absolute(context, project)))
    context.problem(
      at,
      `${quote(project)} is not the project of ${resolved.file}; leave "project" out, the pyproject.toml beside the lock is used`,
    );
}
