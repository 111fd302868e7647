import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { execaSync } from 'execa';

/** A Python that the companion supports. */
export interface Interpreter {
  /** `3.12` */
  readonly version: string;
  /** Absolute path of the executable itself, not of a launcher in front of it. */
  readonly executable: string;
}

const supportedMinors = [10, 11, 12, 13, 14] as const;
const probeCode = 'import sys, venv, ensurepip; print("%d.%d|%s" % (*sys.version_info[:2], sys.executable))';

/**
 * All supported Python versions of this machine, oldest first, one for each minor version: from PATH and from pyenv.
 *
 * Those without `venv` are left out, because most tests need an environment.
 */
export function findInterpreters(): readonly Interpreter[] {
  const found = new Map<string, Interpreter>();
  for (const candidate of candidates()) {
    const interpreter = probe(candidate);
    if (interpreter !== null && !found.has(interpreter.version)) found.set(interpreter.version, interpreter);
  }
  return supportedMinors.flatMap((minor) => found.get(`3.${minor}`) ?? []);
}

/** Say on the terminal which versions a test file runs on and which it does not, because a machine may lack some. */
export function announceInterpreters(found: readonly Interpreter[]): void {
  const versions = found.map((each) => each.version);
  const missing = supportedMinors
    .map((minor) => `3.${minor}`)
    .filter((version) => !versions.includes(version));
  const skipped = missing.length === 0 ? '' : `; not on this machine, skipped: ${missing.join(', ')}`;
  console.log(`companion: run with Python ${versions.join(', ') || '(none)'}${skipped}`);
}

/** The interpreter for tests that need one only: `python3` of PATH when it is supported, else the newest found. */
export function defaultInterpreter(): Interpreter {
  const chosen = probe('python3') ?? findInterpreters().at(-1);
  if (chosen === undefined) {
    throw new Error('looked for Python 3.10-3.14 with venv on PATH and in ~/.pyenv: none found; install one');
  }
  return chosen;
}

/** Null for a command that does not exist, does not work or is of an unsupported version. */
function probe(command: string): Interpreter | null {
  const result = execaSync(command, ['-c', probeCode], { reject: false, timeout: 20_000 });
  const [version = '', executable = ''] = (result.stdout ?? '').trim().split('|');
  const isSupported = supportedMinors.some((minor) => version === `3.${minor}`);
  return isSupported && executable !== '' ? { version, executable } : null;
}

function candidates(): readonly string[] {
  const names =
    process.platform === 'win32'
      ? ['python']
      : ['python3', ...supportedMinors.map((minor) => `python3.${minor}`)];
  return [...names, ...pyenvInterpreters()];
}

function pyenvInterpreters(): readonly string[] {
  const versions = path.join(process.env['PYENV_ROOT'] ?? path.join(homedir(), '.pyenv'), 'versions');
  try {
    return (
      readdirSync(versions)
        // Asking an unsupported one is a waste of time; other names (environments) may hold any version.
        .filter(
          (name) =>
            !/^\d+\.\d+/u.test(name) || supportedMinors.some((minor) => name.startsWith(`3.${minor}`)),
        )
        .map((name) => path.join(versions, name, 'bin', 'python'))
    );
  } catch {
    return [];
  }
}
