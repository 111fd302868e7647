import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { candidateInput, findInterpreter, installerFor, type FindOptions } from './find.js';
import type { Candidate } from './candidate.js';
import { listCandidates } from './candidates.js';
import { realDisk } from '../environment/disk.js';
import { variable } from './path-search.js';
import type { FoundInterpreter, InterpreterProbe } from '../types.js';
import { writeAtomically } from '../../lib/write-atomically.js';
import { sha256 } from '../../lib/hash.js';
import { readJson } from '../../lib/files.js';

/** Change when the probe or the rules of choosing change. */
const cacheVersion = 1;

interface Remembered {
  readonly version: number;
  readonly found: FoundInterpreter;
  readonly identity: string;
}

/**
 * As {@link findInterpreter}, but the choice is remembered on the disk, so that a build with nothing to do starts no
 * process. What is remembered counts only while every candidate, the interpreter and its libpython are the same files.
 *
 * @param cacheDir absolute cache folder; the choice goes into `interpreters/`.
 */
export async function findInterpreterCached(
  options: FindOptions,
  cacheDir: string,
): Promise<FoundInterpreter> {
  const file = path.join(cacheDir, 'interpreters', `${questionKey(options)}.json`);
  const remembered = await read(file);
  if (remembered !== null && remembered.identity === identityOf(remembered.found.probe))
    return remembered.found;
  const found = await findInterpreter(options);
  await write(file, { version: cacheVersion, found, identity: identityOf(found.probe) });
  return found;
}

/** A digest of everything the choice depends on. */
function questionKey(options: FindOptions): string {
  const disk = options.disk ?? realDisk;
  const candidates = listCandidates(candidateInput(options), disk);
  const { python, env, platform } = options;
  return sha256(
    JSON.stringify([
      cacheVersion,
      options.arch ?? process.arch,
      options.purpose ?? 'freeze',
      platform,
      python.version,
      python.env,
      installerFor(python, env, platform, disk),
      candidates.map((candidate) => fingerprint(candidate, options)),
    ]),
  ).slice(0, 24);
}

function fingerprint(candidate: Candidate, options: FindOptions): unknown[] {
  const { command, args, cwd, source, binding } = candidate;
  return [
    source,
    binding,
    command,
    args,
    stamp(command),
    context(candidate, options),
    candidate.asks ? cwd : '',
  ];
}

/** What a file is: resolved path, size and time. null: there is none. */
function stamp(file: string): readonly [string, number, number] | null {
  try {
    const real = realpathSync(file);
    const { size, mtimeMs } = statSync(real);
    return [real, size, mtimeMs];
  } catch {
    return null;
  }
}

/** What a command's answer depends on besides itself: version files for shims, the environment's own settings. */
function context(candidate: Candidate, options: FindOptions): readonly (string | null)[] {
  const disk = options.disk ?? realDisk;
  const { env, platform } = options;
  if (candidate.asks)
    return ['pyproject.toml', 'poetry.toml', 'pdm.toml', '.pdm-python'].map((name) =>
      disk.read(path.join(candidate.cwd, name)),
    );
  const directory = path.dirname(path.dirname(candidate.command));
  const settings = disk.read(path.join(directory, 'pyvenv.cfg'));
  if (!/[\\/]shims[\\/]/.test(candidate.command)) return [settings];
  const chosen = ['PYENV_VERSION', 'ASDF_PYTHON_VERSION', 'MISE_PYTHON_VERSION'].map(
    (name) => variable(env, name, platform) ?? null,
  );
  const files = ['.python-version', '.tool-versions', 'mise.toml'].flatMap((name) =>
    parents(candidate.cwd).map((folder) => disk.read(path.join(folder, name))),
  );
  return [...chosen, ...files, disk.read(path.join(directory, 'version'))];
}

function parents(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...parents(parent)];
}

/** Changes when the interpreter or its library is replaced (an upgrade in place keeps the path). */
export function identityOf(probe: InterpreterProbe): string {
  return JSON.stringify([
    stamp(probe.executable),
    stamp(probe.baseExecutable),
    probe.sharedLibrary === null ? null : stamp(probe.sharedLibrary),
  ]);
}

async function read(file: string): Promise<Remembered | null> {
  const value = (await readJson(file)) as Remembered | null | undefined;
  return value?.version === cacheVersion ? value : null;
}

/** Only a shortcut: when it cannot be written, the next build asks again. */
async function write(file: string, value: Remembered): Promise<void> {
  await writeAtomically(file, JSON.stringify(value)).catch(() => undefined);
}
