import { candidate, type Candidate, type CandidateInput } from './candidate.js';
import { machineCandidates } from './machine-candidates.js';
import { findOnPath, interpretersOf, pathOf, variable, type DiskView } from './path-search.js';
import type { CandidateSource } from '../types.js';

/** Variable that names the interpreter to use, before anything is searched. */
export const interpreterVariable = 'ELECTRON_PYINSTALLER_PYTHON';

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
  const isActive = input.python.env.type === 'active';
  // A tool that was asked may have no environment for the project; what is found as a file is one.
  const first = own.findIndex(({ asks }) => !asks);
  if (isActive && first !== -1) return own.slice(0, first + 1).map((one) => ({ ...one, binding: true }));
  const projects = own.map((one) => ({ ...one, binding: isActive }));
  const all = [...projects, ...machineCandidates(input, disk)];
  return all.filter(
    (candidate, index) =>
      all.findIndex(
        (other) => other.command === candidate.command && other.args.join(' ') === candidate.args.join(' '),
      ) === index,
  );
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
  // conda activates its base environment in every shell, so it says nothing about this project.
  if (prefix === undefined || variable(input.env, 'CONDA_DEFAULT_ENV', input.platform) === 'base') return [];
  const file = interpretersOf(prefix, input.platform).find((place) => disk.isFile(place));
  return file === undefined
    ? []
    : [candidate(input, 'conda', 'the active conda environment (CONDA_PREFIX)', file)];
}
