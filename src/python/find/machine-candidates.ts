import { candidate, type Candidate, type CandidateInput } from './candidate.js';
import { findOnPath, interpretersOf, pathOf, variable, type DiskView } from './path-search.js';
import { allowedMinors, supportedMinors } from '../../config/limits.js';
import { parseVersionRange } from '../../config/version-range.js';

/**
 * The interpreters of the machine, after those of the project: launcher, PATH, pyenv, uv, usual places, and what uv
 * brought for builds. Pure.
 */
export function machineCandidates(input: CandidateInput, disk: DiskView): Candidate[] {
  const all = [launchers, onPath, pyenvVersions, uvPythons, wellKnown, broughtByUv];
  return all.flatMap((list) => list(input, disk));
}

function launchers(input: CandidateInput, disk: DiskView): Candidate[] {
  if (input.platform !== 'win32') return [];
  const [launcher] = findOnPath('py', input.env, input.platform, disk);
  if (launcher === undefined) return [];
  const allowed = allowedMinors(input.python.version);
  const wanted = allowed.length === supportedMinors.length ? ['-3'] : [];
  return [...wanted, ...allowed.map((minor) => `-3.${minor}`)].map((flag) =>
    candidate(input, 'launcher', `py ${flag}`, launcher, { args: [flag] }),
  );
}

function onPath(input: CandidateInput, disk: DiskView): Candidate[] {
  const allowed = allowedMinors(input.python.version);
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
  return versionsIn(paths.join(root, 'versions'), /^3\.(\d+)\.(\d+)$/, input, disk).map(({ name, file }) =>
    candidate(input, 'pyenv', `pyenv version ${name}`, file),
  );
}

function broughtByUv(input: CandidateInput, disk: DiskView): Candidate[] {
  if (input.broughtDir === null) return [];
  return versionsIn(input.broughtDir, /^cpython-3\.(\d+)\.(\d+)-/, input, disk).map(({ file }) =>
    candidate(input, 'uv-python', 'brought by uv', file),
  );
}

/** Interpreters in folders whose names say their version, newest first. */
function versionsIn(
  folder: string,
  pattern: RegExp,
  input: CandidateInput,
  disk: DiskView,
): { readonly name: string; readonly file: string }[] {
  const paths = pathOf(input.platform);
  const allowed = allowedMinors(input.python.version);
  return disk
    .list(folder)
    .map((name) => ({ name, version: pattern.exec(name)?.slice(1).map(Number) ?? [] }))
    .filter(({ version: [minor] }) => minor !== undefined && allowed.includes(minor))
    .sort((a, b) => (b.version[0] ?? 0) - (a.version[0] ?? 0) || (b.version[1] ?? 0) - (a.version[1] ?? 0))
    .flatMap(({ name }) => {
      const file = interpretersOf(paths.join(folder, name), input.platform).find((place) =>
        disk.isFile(place),
      );
      return file === undefined ? [] : [{ name, file }];
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
  const files = allowedMinors(input.python.version).flatMap((minor) => {
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
