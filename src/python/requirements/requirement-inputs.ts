import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedRequirements } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { digestTree } from '../environment/digest-tree.js';
import type { OptionLine } from '../environment/like-pip.js';
import { parseRequirementFile, requirementName } from './requirement-file.js';
import { requirementText } from './requirement-text.js';
import { sha256 } from '../../lib/hash.js';
import { pathExists } from '../../lib/files.js';

/** Everything on the disk that decides what gets installed. */
export interface RequirementInputs {
  /** What it is (independent of where the project stands) and its digest; sorted. */
  readonly digests: readonly (readonly [label: string, digest: string])[];
  /** pip's hash-checking mode is on. */
  readonly hashed: boolean;
  /** PyInstaller is among the requirements themselves, so its version is the project's choice. */
  readonly namesPyInstaller: boolean;
  /** Options that requirement files hold for all of their lines. */
  readonly options: readonly OptionLine[];
  /** Folder in which relative paths of requirement files are valid. */
  readonly cwd: string;
}

/**
 * Read everything the requirements consist of: files with all they include, local projects, lock files.
 *
 * @param withProject the project itself gets installed, so its sources count as well.
 * @throws PyInstallerError `ERR_NOT_FOUND` when a file is missing, naming the line that asks for it.
 */
export async function readRequirementInputs(
  requirements: ResolvedRequirements,
  projectDir: string,
  withProject: boolean,
): Promise<RequirementInputs> {
  if (requirements.type === 'none') {
    return { digests: [], hashed: false, namesPyInstaller: false, options: [], cwd: projectDir };
  }
  return requirements.type === 'pip'
    ? readPip(requirements, projectDir)
    : readProject(requirements, withProject);
}

type Pip = Extract<ResolvedRequirements, { type: 'pip' }>;

async function readPip(requirements: Pip, projectDir: string): Promise<RequirementInputs> {
  const state = new PipState();
  for (const file of requirements.files) await state.addFile(file, null);
  const first = requirements.files[0];
  const folders = [...(first === undefined ? [] : [path.dirname(first)]), projectDir];
  const cwd = await folderWithAll(folders, state.localTargets);
  for (const requirement of requirements.packages) {
    state.digests.push(['package', sha256(requirement)]);
    if (requirementName(requirement) === 'pyinstaller') state.namesPyInstaller = true;
    for (const line of parseRequirementFile(requirement)) if (line.type === 'local') state.locals.push(line);
  }
  for (const { target, editable } of state.locals) {
    const file = path.resolve(cwd, target);
    state.digests.push([`local ${path.basename(file)}`, await digestLocal(file, editable)]);
  }
  return {
    digests: state.digests,
    hashed: state.hashed || requirements.requireHashes,
    namesPyInstaller: state.namesPyInstaller,
    options: state.options,
    cwd,
  };
}

class PipState {
  readonly digests: (readonly [string, string])[] = [];
  readonly locals: { readonly target: string; readonly editable: boolean }[] = [];
  readonly options: OptionLine[] = [];
  hashed = false;
  namesPyInstaller = false;
  private readonly seen = new Set<string>();

  get localTargets(): string[] {
    return this.locals.map(({ target }) => target);
  }

  async addFile(file: string, from: { readonly file: string; readonly line: number } | null): Promise<void> {
    if (this.seen.has(file)) return;
    this.seen.add(file);
    const text = requirementText(file, await readText(file, from));
    // Only what pip sees counts: another line ending is not another requirement.
    this.digests.push([`file ${path.basename(file)}`, sha256(text.replaceAll('\r\n', '\n'))]);
    for (const line of parseRequirementFile(text)) {
      if (line.type === 'include') {
        if (/^[a-z]+:\/\//i.test(line.target)) continue;
        await this.addFile(path.resolve(path.dirname(file), line.target), { file, line: line.line });
      } else if (line.type === 'local') this.locals.push(line);
      else {
        if (line.hashed) this.hashed = true;
        if (line.type === 'other' && line.option !== null)
          this.options.push({ place: `${path.basename(file)}:${line.line}`, option: line.option });
        if (line.type === 'name' && line.name === 'pyinstaller') this.namesPyInstaller = true;
      }
    }
  }
}

async function readText(file: string, from: { file: string; line: number } | null): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const asked = from === null ? 'the configuration' : `line ${from.line} of ${from.file}`;
    throw new PyInstallerError(
      'ERR_NOT_FOUND',
      `Could not read the requirements file ${file}, which ${asked} names.`,
      {
        file: from?.file ?? file,
        hint: 'Correct the path or create the file.',
        cause,
      },
    );
  }
}

/** pip takes relative paths from its working directory: use the first folder in which all of them exist. */
async function folderWithAll(folders: readonly string[], targets: readonly string[]): Promise<string> {
  for (const folder of folders) {
    const found = await Promise.all(targets.map((target) => pathExists(path.resolve(folder, target))));
    if (found.every(Boolean)) return folder;
  }
  return folders[0] ?? process.cwd();
}

/** An editable project is used where it stands, so its place and metadata count here; otherwise its contents do. */
async function digestLocal(file: string, editable: boolean): Promise<string> {
  const found = await stat(file).catch(() => null);
  if (found === null) return 'missing';
  if (found.isFile()) return sha256(await readFile(file));
  return editable ? sha256(`${file}\n${await digestMetadata(file)}`) : digestTree(file);
}

/** Files that say what a project depends on. */
const metadataFiles = ['pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt', 'requirements.in'];

async function digestMetadata(directory: string): Promise<string> {
  const contents = await Promise.all(
    metadataFiles.map((name) => readFile(path.join(directory, name), 'utf8').catch(() => '')),
  );
  return sha256(JSON.stringify(contents));
}

type ProjectOrLock = Extract<ResolvedRequirements, { type: 'project' | 'lock' }>;

async function readProject(requirements: ProjectOrLock, withProject: boolean): Promise<RequirementInputs> {
  const { directory } = requirements;
  const isPipenv = requirements.type === 'lock' && requirements.tool === 'pipenv';
  const pyproject = isPipenv ? '' : await readText(path.join(directory, 'pyproject.toml'), null);
  const digests: [string, string][] = [['metadata', await digestMetadata(directory)]];
  let namesPyInstaller = /["']?pyinstaller\b/i.test(pyproject);
  if (requirements.type === 'lock') {
    const lock = await readText(requirements.file, null);
    digests.push([`lock ${path.basename(requirements.file)}`, sha256(lock)]);
    namesPyInstaller = isPipenv
      ? /^\s*"pyinstaller": \{/im.test(lock)
      : /^name\s*=\s*"pyinstaller"/m.test(lock);
    for (const target of localSources(lock)) {
      digests.push([`local ${target}`, await digestTree(path.resolve(directory, target))]);
    }
  }
  // What its build backend alone knows may stand anywhere in the project, which then gets installed.
  if (withProject || (requirements.type === 'project' && isDynamic(pyproject)))
    digests.push(['project', await digestTree(directory)]);
  for (const target of poetryPaths(pyproject))
    digests.push([`local ${target}`, await digestLocal(path.resolve(directory, target), false)]);
  return { digests, hashed: requirements.type === 'lock', namesPyInstaller, options: [], cwd: directory };
}

/** Its dependencies are not written in `[project]`; see project-file.ts for the exact reading. */
function isDynamic(pyproject: string): boolean {
  if (/^\s*\[tool\.poetry\.dependencies(?:\.[^\]]+)?\]/m.test(pyproject)) return false;
  return !/^\s*\[project\]/m.test(pyproject) || /^\s*dynamic\s*=\s*\[[^\]]*dependencies/m.test(pyproject);
}

/** Local folders and files that Poetry's tables name, besides the project. */
function poetryPaths(pyproject: string): string[] {
  if (!/^\s*\[tool\.poetry\b/m.test(pyproject)) return [];
  const found = [...pyproject.matchAll(/\b(?:path|file)\s*=\s*["']([^"'\n]+)["']/g)].map(
    ([, target]) => target ?? '.',
  );
  return [...new Set(found)].filter((target) => path.posix.normalize(target) !== '.').sort();
}

/** Local folders that a lock file installs from (uv's workspace members, path dependencies), not the project. */
export function localSources(lock: string): string[] {
  const uv = [...lock.matchAll(/^source = \{ (?:editable|directory|virtual|path) = "([^"]+)"/gm)];
  const poetry = [...lock.matchAll(/^\[package\.source\]\ntype = "(?:directory|file)"\nurl = "([^"]+)"/gm)];
  const pdm = [...lock.matchAll(/^path = "(\.[^"]*)"/gm)];
  const found = [...uv, ...poetry, ...pdm].map((match) => match[1] ?? '.');
  return [...new Set(found)].filter((target) => target !== '.').sort();
}
