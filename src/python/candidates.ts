import type { ResolvedPython } from '../config/resolved.js';
import { findOnPath, interpretersOf, pathOf, variable, type DiskView } from './path-search.js';
import { supportedPython } from './problems.js';
import type { CandidateSource } from './types.js';
import { parseVersionRange, satisfies } from './version-range.js';

/** Variable that names the interpreter to use, before anything is searched. */
const interpreterVariable = 'ELECTRON_PYINSTALLER_PYTHON';

/** A place to look for an interpreter. */
export interface Candidate {
  readonly source: CandidateSource;
  /** For people, e.g. `python3 on PATH`. */
  readonly origin: string;
  /** Absolute path of the interpreter, or of the tool that knows where it is. */
  readonly command: string;
  /** Arguments before the interpreter's own (`-3.12` for the launcher), or the question to the tool. */
  readonly args: readonly string[];
  /** True: `command` is a tool that prints the interpreter's path. */
  readonly asks: boolean;
  /** Folder the command runs in. */
  readonly cwd: string;
  /** True: somebody chose it, so a refusal is an error instead of a reason to look further. */
  readonly binding: boolean;
}

/** What the search depends on. */
export interface CandidateInput {
  readonly python: ResolvedPython;
  readonly projectDir: string;
  /** Absolute source folders of the backend: virtual environments often stand there. */
  readonly sourceDirs: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly homeDir: string;
  /** Key of the configuration that names `python.interpreter`. */
  readonly interpreterKey: string;
}

/** Minor versions that are searched by name, in the order they are preferred when the range leaves the choice. */
const minors = [15, 14, 13, 12, 11, 10].filter((minor) =>
  satisfies(parseVersionRange(supportedPython), [3, minor]),
);

/**
 * Where interpreters may be, best first: what somebody named, the project's own environment, the active one, the system's.
 *
 * An explicit choice (configuration, variable, `env` with a folder) ends the list: it is used or it is an error.
 * For `env: active` the first environment that exists is binding as well, because another one would not be the
 * project's. Pure: the disk is asked through `disk`.
 */
export function listCandidates(input: CandidateInput, disk: DiskView): Candidate[] {
  const named = namedCandidate(input, disk);
  if (named !== null) return [named];
  const own = [
    ...projectTools(input, disk),
    ...virtualEnvironments(input, disk),
    ...condaEnvironments(input, disk),
  ];
  if (input.python.env.type === 'active') {
    const [first] = own;
    if (first !== undefined) return [{ ...first, binding: true }];
  }
  const all = [
    ...own,
    ...launchers(input, disk),
    ...onPath(input, disk),
    ...pyenvVersions(input, disk),
    ...uvPythons(input, disk),
    ...wellKnown(input, disk),
  ];
  return all.filter(
    (candidate, index) =>
      all.findIndex(
        (other) => other.command === candidate.command && other.args.join(' ') === candidate.args.join(' '),
      ) === index,
  );
}

function candidate(
  input: CandidateInput,
  source: CandidateSource,
  origin: string,
  command: string,
  rest: Partial<Candidate> = {},
): Candidate {
  return {
    source,
    origin,
    command,
    args: [],
    asks: false,
    cwd: input.projectDir,
    binding: false,
    ...rest,
  };
}

function namedCandidate(input: CandidateInput, disk: DiskView): Candidate | null {
  const { python, env, platform } = input;
  if (python.env.type === 'path') {
    const places = interpretersOf(python.env.directory, platform);
    const command = places.find((file) => disk.isFile(file)) ?? places[0] ?? python.env.directory;
    return candidate(input, 'environment', 'python.env of the configuration', command, { binding: true });
  }
  if (python.interpreter !== null) {
    const command = absolute(python.interpreter, input, disk);
    return candidate(input, 'config', `${input.interpreterKey} of the configuration`, command, {
      binding: true,
    });
  }
  const chosen = variable(env, interpreterVariable, platform);
  if (chosen === undefined) return null;
  const command = absolute(chosen, input, disk);
  return candidate(input, 'variable', `environment variable ${interpreterVariable}`, command, {
    binding: true,
  });
}

/** A command name is looked up on PATH; a relative path counts from the project; a folder means the environment in it. */
function absolute(written: string, input: CandidateInput, disk: DiskView): string {
  const paths = pathOf(input.platform);
  if (!/[\\/]/.test(written)) {
    const [found] = findOnPath(written, input.env, input.platform, disk);
    if (found !== undefined) return found;
  }
  const file = paths.resolve(input.projectDir, written);
  if (disk.isFile(file)) return file;
  return interpretersOf(file, input.platform).find((place) => disk.isFile(place)) ?? file;
}

/** Folders that may hold a Python project, nearest to the backend first. */
function folders(input: CandidateInput): string[] {
  return [...new Set([...input.sourceDirs, input.projectDir])];
}

/** Environments of uv, Poetry and PDM, known by their lock file or their table in pyproject.toml. */
function projectTools(input: CandidateInput, disk: DiskView): Candidate[] {
  const { env, platform } = input;
  const paths = pathOf(platform);
  return folders(input).flatMap((folder) => {
    const pyproject = disk.read(paths.join(folder, 'pyproject.toml')) ?? '';
    const uses = (tool: string) =>
      disk.isFile(paths.join(folder, `${tool}.lock`)) ||
      new RegExp(`^\\s*\\[+tool\\.${tool}[.\\]]`, 'm').test(pyproject);
    const result: Candidate[] = [];
    if (uses('uv')) {
      const directory = paths.resolve(folder, variable(env, 'UV_PROJECT_ENVIRONMENT', platform) ?? '.venv');
      const file = interpretersOf(directory, platform).find((place) => disk.isFile(place));
      if (file !== undefined)
        result.push(candidate(input, 'uv', `uv project in ${folder}`, file, { cwd: folder }));
    }
    for (const [tool, question] of [
      ['poetry', ['env', 'info', '--executable', '--no-ansi']],
      ['pdm', ['info', '--python']],
    ] as const) {
      const [program] = uses(tool) ? findOnPath(tool, env, platform, disk) : [];
      if (program === undefined) continue;
      const origin = `${tool === 'pdm' ? 'PDM' : 'Poetry'} project in ${folder}`;
      result.push(candidate(input, tool, origin, program, { args: question, asks: true, cwd: folder }));
    }
    return result;
  });
}

function virtualEnvironments(input: CandidateInput, disk: DiskView): Candidate[] {
  const { env, platform } = input;
  const paths = pathOf(platform);
  const active = variable(env, 'VIRTUAL_ENV', platform);
  const places: (readonly [CandidateSource, string, string])[] = [];
  if (active !== undefined) places.push(['VIRTUAL_ENV', 'environment variable VIRTUAL_ENV', active]);
  for (const folder of folders(input)) {
    for (const name of ['.venv', 'venv']) {
      const directory = paths.join(folder, name);
      places.push(['folder', `the folder ${directory}`, directory]);
    }
  }
  return places.flatMap(([source, origin, directory]) => {
    const file = interpretersOf(directory, platform).find((place) => disk.isFile(place));
    return file === undefined ? [] : [candidate(input, source, origin, file)];
  });
}

function condaEnvironments(input: CandidateInput, disk: DiskView): Candidate[] {
  const prefix = variable(input.env, 'CONDA_PREFIX', input.platform);
  // conda activates its base environment in every shell: that is nobody's choice for this project.
  if (prefix === undefined || variable(input.env, 'CONDA_DEFAULT_ENV', input.platform) === 'base') return [];
  const file = interpretersOf(prefix, input.platform).find((place) => disk.isFile(place));
  return file === undefined
    ? []
    : [candidate(input, 'conda', 'the active conda environment (CONDA_PREFIX)', file)];
}

/** Minor versions the configured range may allow, newest first. */
function allowedMinors(input: CandidateInput): number[] {
  const range = parseVersionRange(input.python.version);
  // A range may exclude single patch releases: a minor counts when some patch release of it is allowed.
  return minors.filter((minor) => patches.some((patch) => satisfies(range, [3, minor, patch])));
}

const patches = Array.from({ length: 40 }, (_, patch) => patch);

function launchers(input: CandidateInput, disk: DiskView): Candidate[] {
  if (input.platform !== 'win32') return [];
  const [launcher] = findOnPath('py', input.env, input.platform, disk);
  if (launcher === undefined) return [];
  const allowed = allowedMinors(input);
  const wanted = allowed.length === minors.length ? ['-3'] : [];
  return [...wanted, ...allowed.map((minor) => `-3.${minor}`)].map((flag) =>
    candidate(input, 'launcher', `py ${flag}`, launcher, { args: [flag] }),
  );
}

function onPath(input: CandidateInput, disk: DiskView): Candidate[] {
  const allowed = allowedMinors(input);
  const versioned = allowed.map((minor) => `python3.${minor}`);
  const general = ['python3', 'python'];
  // A pinned version is looked up by name first; otherwise the user's usual python3 comes before newer ones, for which
  // there may be no wheels yet.
  const names = allowed.length === 1 ? [...versioned, ...general] : [...general, ...versioned];
  return names.flatMap((name) =>
    findOnPath(name, input.env, input.platform, disk).map((file) =>
      candidate(input, 'PATH', `${name} on PATH`, file),
    ),
  );
}

function pyenvVersions(input: CandidateInput, disk: DiskView): Candidate[] {
  const { platform, env } = input;
  const paths = pathOf(platform);
  const root =
    variable(env, 'PYENV_ROOT', platform) ??
    (platform === 'win32'
      ? paths.join(input.homeDir, '.pyenv', 'pyenv-win')
      : paths.join(input.homeDir, '.pyenv'));
  const folder = paths.join(root, 'versions');
  const allowed = allowedMinors(input);
  return disk
    .list(folder)
    .map((name) => ({ name, version: /^3\.(\d+)\.(\d+)$/.exec(name)?.slice(1).map(Number) ?? [] }))
    .filter(({ version: [minor] }) => minor !== undefined && allowed.includes(minor))
    .sort((a, b) => (b.version[0] ?? 0) - (a.version[0] ?? 0) || (b.version[1] ?? 0) - (a.version[1] ?? 0))
    .flatMap(({ name }) => {
      const directory = paths.join(folder, name);
      const file = [...interpretersOf(directory, platform)].find((place) => disk.isFile(place));
      return file === undefined ? [] : [candidate(input, 'pyenv', `pyenv version ${name}`, file)];
    });
}

function uvPythons(input: CandidateInput, disk: DiskView): Candidate[] {
  const [uv] = findOnPath('uv', input.env, input.platform, disk);
  if (uv === undefined) return [];
  const { specifier } = parseVersionRange(input.python.version);
  const args = ['python', 'find', '--no-project', '--no-python-downloads', specifier];
  return [candidate(input, 'uv-python', 'uv python find', uv, { args, asks: true })];
}

/** Where installers put Python; programs started from a desktop often have a PATH without it. */
function wellKnown(input: CandidateInput, disk: DiskView): Candidate[] {
  const paths = pathOf(input.platform);
  const local = variable(input.env, 'LOCALAPPDATA', input.platform);
  const files = allowedMinors(input).flatMap((minor) => {
    if (input.platform === 'darwin') {
      return [
        `/Library/Frameworks/Python.framework/Versions/3.${minor}/bin/python3`,
        `/opt/homebrew/bin/python3.${minor}`,
        `/usr/local/bin/python3.${minor}`,
      ];
    }
    if (input.platform === 'win32') {
      const roots = [
        local === undefined ? [] : [paths.join(local, 'Programs', 'Python')],
        ['C:\\Program Files'],
      ];
      return roots.flat().map((root) => paths.join(root, `Python3${minor}`, 'python.exe'));
    }
    return [`/usr/local/bin/python3.${minor}`, `/usr/bin/python3.${minor}`];
  });
  return files
    .filter((file) => disk.isFile(file))
    .map((file) => candidate(input, 'well-known', 'a usual place of installation', file));
}
