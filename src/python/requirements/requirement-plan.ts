import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedBackend, ResolvedRequirements } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { findOnPath } from '../find/path-search.js';
import { realDisk } from '../environment/disk.js';
import {
  emptyRequest,
  sourceOptions,
  type Installer,
  type InstallRequest,
} from '../environment/install-commands.js';
import { bringUv, mayBringUv } from '../environment/bring-uv.js';
import { runInstaller, type InstallerContext } from '../environment/installer-run.js';
import { parseJson } from '../../lib/files.js';
import { isWithoutGroups, lockedVersions, readLock } from './lock-file.js';
import { readPipfileLock } from './pipfile.js';
import { isForeign, movableText } from './requirement-text.js';
import { readProjectDependencies } from './project-file.js';
import type { RequirementInputs } from './requirement-inputs.js';
import { readToml } from './toml.js';

/** One installation run. */
export interface InstallStep {
  readonly title: string;
  readonly request: InstallRequest;
  readonly cwd: string;
}

/** What {@link planRequirements} works with. */
export interface PlanRequest {
  readonly backend: ResolvedBackend;
  readonly installer: Installer;
  readonly inputs: RequirementInputs;
  readonly withProject: boolean;
  readonly context: InstallerContext;
  /** Of the environment, which is there and empty. */
  readonly interpreter: string;
  readonly cacheDir: string;
}

type Project = Extract<ResolvedRequirements, { type: 'project' }>;
type Lock = Extract<ResolvedRequirements, { type: 'lock' }>;

const title = 'Installing the requirements';

/**
 * The installation runs that fulfil the requirements (without PyInstaller).
 *
 * @throws PyInstallerError `ERR_ENVIRONMENT` when a lock file cannot be read, `ERR_CONFIG` for an unknown extra or group.
 */
export async function planRequirements(plan: PlanRequest): Promise<InstallStep[]> {
  const { requirements } = plan.backend;
  if (requirements.type === 'none') return [step(plan, {})];
  if (requirements.type === 'pip') {
    const { packages } = requirements;
    // One hash asks for hashes everywhere: pip's rule, which uv has only when it is told.
    const isAsked = plan.inputs.hashed && plan.backend.python.installer !== 'uv';
    const requireHashes = requirements.requireHashes || isAsked;
    const files = await Promise.all(requirements.files.map((file, index) => readableFile(plan, file, index)));
    return [step(plan, { files, packages, requireHashes })];
  }
  const steps =
    requirements.type === 'project'
      ? await planProject(plan, requirements)
      : [await planLock(plan, requirements)];
  if (!plan.withProject) return steps;
  // Its dependencies are there already.
  const itself = { packages: [requirements.directory], noDependencies: true };
  return [
    ...steps,
    { ...step(plan, itself), title: `Installing the project ${path.basename(requirements.directory)}` },
  ];
}

/** A file that pip can read: the file itself, or a translation. */
async function readableFile(plan: PlanRequest, file: string, index: number): Promise<string> {
  if (!isForeign(file)) return file;
  const translated = path.join(plan.context.temporaryDir, `requirements-${index}.txt`);
  await writeFile(translated, movableText(file, await readFile(file, 'utf8')));
  return translated;
}

function step(plan: PlanRequest, request: Partial<InstallRequest>): InstallStep {
  return { title, request: { ...emptyRequest, ...request }, cwd: plan.inputs.cwd };
}

/**
 * Only the dependencies: the project's own modules come from the source folders. When nobody but its build backend knows
 * the dependencies, the project is installed with them.
 */
async function planProject(plan: PlanRequest, project: Project): Promise<InstallStep[]> {
  const file = path.join(project.directory, 'pyproject.toml');
  const content = await readToml(file);
  const { extras, groups, directory } = project;
  const dependencies = readProjectDependencies(content, { file, extras, groups });
  if (dependencies.type === 'dynamic') {
    const itself = extras.length === 0 ? directory : `${directory}[${extras.join(',')}]`;
    return [step(plan, { packages: [itself, ...dependencies.requirements] })];
  }
  if (plan.installer.kind === 'uv' && dependencies.poetry === undefined) {
    // uv also honours its own tables (sources, indexes, overrides).
    const options = [
      ...extras.flatMap((extra) => ['--extra', extra]),
      ...groups.flatMap((group) => ['--group', group]),
    ];
    return [step(plan, { files: [file], extraArgs: options })];
  }
  const indexes = dependencies.poetry?.indexes ?? [];
  const extraArgs = indexes.flatMap((url) => ['--extra-index-url', url]);
  return [step(plan, { packages: dependencies.requirements, extraArgs })];
}

async function planLock(plan: PlanRequest, lock: Lock): Promise<InstallStep> {
  const exported = path.join(plan.context.temporaryDir, 'requirements.txt');
  if (lock.tool === 'uv') {
    await exportUv(plan, lock, exported);
    return step(plan, { files: [exported], noDependencies: true });
  }
  const { tool, file, extras, groups } = lock;
  if (tool === 'pipenv') {
    const { text, hashed } = readPipfileLock(parseJson(await readFile(file, 'utf8')), { file, groups });
    await writeFile(exported, text);
    return step(plan, { files: [exported], noDependencies: true, requireHashes: hashed });
  }
  const content = await readToml(file);
  if (tool === 'poetry' && isWithoutGroups(content)) return planOldPoetry(plan, lock, content, exported);
  const { text, hashed } = readLock(content, { tool, file, extras, groups });
  await writeFile(exported, text);
  return step(plan, { files: [exported], noDependencies: true, requireHashes: hashed });
}

/**
 * A lock of Poetry 1 does not say what a package is for. The project does: its dependencies are installed, each at the
 * version that the lock has, whatever brings it.
 */
async function planOldPoetry(
  plan: PlanRequest,
  lock: Lock,
  content: unknown,
  exported: string,
): Promise<InstallStep> {
  const { extras, groups, directory } = lock;
  const file = path.join(directory, 'pyproject.toml');
  const wanted = readProjectDependencies(await readToml(file), { file, extras, groups });
  const constraints = path.join(plan.context.temporaryDir, 'constraints.txt');
  const { pins, indexes } = lockedVersions(content);
  await writeFile(constraints, `${pins.join('\n')}\n`);
  const options = [
    ...new Set([...indexes, ...(wanted.type === 'static' ? (wanted.poetry?.indexes ?? []) : [])]),
  ];
  const lines = [
    ...options.map((url) => `--extra-index-url ${url}`),
    `-c constraints.txt`,
    ...wanted.requirements,
  ];
  await writeFile(exported, `${lines.join('\n')}\n`);
  return step(plan, { files: [exported] });
}

/** uv.lock is uv's own business: its format may change with any version, so uv itself translates it. */
async function exportUv(plan: PlanRequest, lock: Lock, exported: string): Promise<void> {
  const { backend, context } = plan;
  const { python } = backend;
  const found =
    plan.installer.kind === 'uv'
      ? plan.installer.program
      : findOnPath('uv', context.env, backend.target.platform, realDisk)[0];
  const program =
    found ??
    (mayBringUv(python)
      ? await bringUv({ executable: plan.interpreter, hasPip: true }, python, plan.cacheDir, context)
      : undefined);
  if (program === undefined) {
    throw new PyInstallerError(
      'ERR_ENVIRONMENT',
      `The backend "${backend.name}" is locked by ${lock.file}, but uv is not on PATH.`,
      {
        backend: backend.name,
        file: lock.file,
        path: `${backend.configPath}.requirements`,
        hint:
          'Install uv (https://docs.astral.sh/uv), or set python.installer to `auto`, which brings it from the package index. Or commit an export of the lock ' +
          '(`uv export --no-dev -o requirements.txt`) and name that file under `requirements`.',
      },
    );
  }
  // pip takes hashes for everything or for nothing, and folders and repositories have none.
  const withHashes = plan.installer.kind === 'uv' || onlyArchives(await readFile(lock.file, 'utf8'));
  const options = [
    ...(withHashes ? [] : ['--no-hashes']),
    ...lock.extras.flatMap((extra) => ['--extra', extra]),
    ...lock.groups.flatMap((group) => ['--group', group]),
    ...(python.offline ? sourceOptions('uv', { ...python, findLinks: [] }) : []),
  ];
  const command = [
    'export',
    '--frozen',
    '--no-default-groups',
    '--no-emit-project',
    '--no-editable',
    '--no-header',
    '--quiet',
    '--python',
    plan.context.base,
    ...options,
    '--output-file',
    exported,
  ];
  await runInstaller('reading uv.lock', [program, ...command], { ...context, cwd: lock.directory });
}

/** Everything in a uv.lock comes from an index, so that every line of its export has hashes. Pure. */
export function onlyArchives(lock: string): boolean {
  const sources = [...lock.matchAll(/^source = \{ (\w+) = "([^"]*)"/gm)];
  return sources.every(([, kind, place]) => kind === 'registry' || place === '.');
}
