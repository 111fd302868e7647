import type { TargetArch } from '../../target.js';
import type { InterpreterProbe, InterpreterProblem } from '../types.js';
import { supportedPython, versionToInstall } from '../../config/limits.js';
import { formatVersion, parseVersionRange, satisfies } from '../../config/version-range.js';

/** What an interpreter must be able to do. */
export interface InterpreterNeeds {
  /** Range as configured. */
  readonly version: string;
  readonly platform: NodeJS.Platform;
  readonly arch: TargetArch;
  /**
   * `pip`: a virtual environment is made with `venv` and `ensurepip`. `uv`: uv makes it. `bring`: uv, which pip brings before.
   * `none`: none is made.
   */
  readonly environment: 'pip' | 'uv' | 'bring' | 'none';
  /** `run`: only run from source, so neither a shared library nor a certain architecture is needed. */
  readonly purpose: 'freeze' | 'run';
}

/** A refusal: what kind, and what was seen. */
export interface Refusal {
  readonly problem: InterpreterProblem;
  readonly detail: string;
}

/** Decide whether an interpreter can freeze a backend. Pure; the first problem found is the one told. */
export function judge(probe: InterpreterProbe, needs: InterpreterNeeds): Refusal | null {
  const version = formatVersion(probe.version);
  if (probe.implementation !== 'cpython') {
    return { problem: 'implementation', detail: `it is ${probe.implementation}, PyInstaller needs CPython` };
  }
  if (probe.platform !== needs.platform) {
    return {
      problem: 'platform',
      detail: `it is a ${probe.platform} program, the backend is for ${needs.platform}`,
    };
  }
  if (!satisfies(parseVersionRange(supportedPython), probe.version)) {
    return {
      problem: 'version',
      detail: `it is Python ${version}; versions ${supportedPython} are supported`,
    };
  }
  if (!satisfies(parseVersionRange(needs.version), probe.version)) {
    return { problem: 'version', detail: `it is Python ${version}, which does not satisfy ${needs.version}` };
  }
  if (needs.purpose === 'run') return null;
  if (!runsAs(probe, needs.arch)) {
    return probe.pointerBits === 32
      ? { problem: 'bits', detail: `it is a 32-bit Python (${probe.arch}), the backend is for ${needs.arch}` }
      : { problem: 'arch', detail: `it is a Python for ${probe.arch}, the backend is for ${needs.arch}` };
  }
  if (probe.sharedLibrary === null) {
    return {
      problem: 'no-shared-library',
      detail: `it was built without a shared libpython, or the library is not installed`,
    };
  }
  if (needs.environment === 'uv' || needs.environment === 'none') return null;
  if (needs.environment === 'bring' && probe.hasPip) return null;
  if (!probe.hasVenv || !probe.hasEnsurepip) {
    const module = probe.hasVenv ? 'ensurepip' : 'venv';
    return {
      problem: 'no-venv',
      detail: `its module ${module} is missing, so it cannot make a virtual environment`,
    };
  }
  return null;
}

/** A universal macOS interpreter holds both architectures; PyInstaller takes the one asked for out of it. */
function runsAs(probe: InterpreterProbe, arch: TargetArch): boolean {
  return probe.arch === arch || probe.buildPlatform.endsWith('-universal2');
}

/** What the fix depends on. */
export interface FixContext {
  /** `major.minor` of the interpreter concerned, e.g. `3.12`; empty: unknown. */
  readonly version: string;
  /** Range as configured. */
  readonly range?: string;
  readonly executable?: string;
  readonly platform?: NodeJS.Platform;
  readonly arch?: TargetArch;
  readonly isConda?: boolean;
}

/** What to do about a problem: complete sentences. */
export function describeProblem(problem: InterpreterProblem, context: FixContext): string {
  return fixes[problem](context);
}

const platformOf = (context: FixContext) => context.platform ?? process.platform;
const dottedOf = (context: FixContext) => (context.version === '' ? '3.x' : context.version);
const forOtherVersion = (context: FixContext) => installAdvice(platformOf(context), context.range);
const forOtherArch = (context: FixContext) => archAdvice(platformOf(context), context.arch);

const fixes: Readonly<Record<InterpreterProblem, (context: FixContext) => string>> = {
  missing: () => 'Correct the path, or remove it to let the interpreter be searched.',
  'store-alias': ({ range = '*' }) =>
    `Install Python from python.org (or with \`winget install Python.Python.${minorToInstall(range)}\`), and switch the alias off under ` +
    'Settings > Apps > Advanced app settings > App execution aliases.',
  'not-runnable': () => 'Check that it is a program for this machine and that it may be executed.',
  timeout: () => 'Run it by hand with `-c "print(1)"`: a virus scanner or a network drive may hold it up.',
  'no-answer': ({ executable = '', range = '*' }) =>
    /[\\/]shims[\\/]/.test(executable)
      ? `It is a shim with no version selected here: run \`pyenv local ${versionToInstall(range)}\` (or \`asdf local python …\`) in the project.`
      : 'Run it by hand with `-I -c "print(1)"` and repair what it complains about.',
  'python-2': forOtherVersion,
  version: forOtherVersion,
  implementation: () => 'Use CPython: it is the only implementation PyInstaller can freeze.',
  platform: (context) =>
    platformOf(context) === 'win32'
      ? 'Use the Python of python.org, not one of Cygwin or MSYS2.'
      : 'Use a Python made for this system.',
  bits: forOtherArch,
  arch: forOtherArch,
  'no-shared-library': (context) => sharedLibraryAdvice(platformOf(context), dottedOf(context), context),
  'no-venv': (context) =>
    platformOf(context) === 'linux'
      ? `Install it: \`apt install python${dottedOf(context)}-venv\` on Debian and Ubuntu. Or install uv, which needs neither.`
      : 'Reinstall Python from python.org with all its parts, or install uv, which needs neither.',
};

function installAdvice(platform: NodeJS.Platform, range = '*'): string {
  const version = versionToInstall(range);
  const minor = minorToInstall(range);
  const uv = `or with uv: \`uv python install ${version}\``;
  if (platform === 'win32')
    return `Install Python ${version} from python.org (\`winget install Python.Python.${minor}\`), ${uv}.`;
  if (platform === 'darwin')
    return `Install Python ${version} from python.org or with \`brew install python@${minor}\`, ${uv}.`;
  return `Install Python ${version} with the system's package manager or pyenv, ${uv}.`;
}

/** Windows and Homebrew name packages by minor version. */
function minorToInstall(range: string): string {
  return versionToInstall(range).split('.', 2).join('.');
}

function archAdvice(platform: NodeJS.Platform, arch: TargetArch | undefined): string {
  const wanted = arch ?? 'the wanted architecture';
  if (platform === 'darwin') {
    return (
      `Use the universal2 installer of python.org, or a Python for ${wanted}. PyInstaller cannot freeze for another ` +
      'architecture than that of its Python.'
    );
  }
  return `Install a Python for ${wanted}: PyInstaller cannot freeze for another architecture than that of its Python.`;
}

function sharedLibraryAdvice(platform: NodeJS.Platform, dotted: string, context: FixContext): string {
  const executable = context.executable ?? '';
  if (context.isConda === true) {
    return `Repair it with \`conda install --force-reinstall python=${dotted}\`, or use a Python of python.org or uv.`;
  }
  if (executable.includes('pyenv')) {
    const option = platform === 'darwin' ? '--enable-framework' : '--enable-shared';
    return `Build it again: \`PYTHON_CONFIGURE_OPTS=${option} pyenv install --force ${dotted}\`.`;
  }
  if (platform === 'linux' && executable.startsWith('/usr/bin/')) {
    return `Install the library: \`apt install libpython${dotted}\` on Debian and Ubuntu (Fedora: \`dnf install python3-libs\`).`;
  }
  return (
    'Build Python with `--enable-shared` (macOS: `--enable-framework`), or take one that has it: ' +
    'python.org, the system package manager, or `uv python install`.'
  );
}

/** For when no interpreter exists at all. */
export function noPythonAdvice(platform: NodeJS.Platform, range: string): string {
  const set = 'set ELECTRON_PYINSTALLER_PYTHON or `python.interpreter` when it stands in an unusual place';
  return `${installAdvice(platform, range).replace(/\.$/, '')}; ${set}.`;
}
