import type { TargetArch } from '../target.js';

/** What one short run of an interpreter told about itself. Paths are absolute. */
export interface InterpreterProbe {
  /** `sys.executable`: the interpreter itself, never a pyenv shim or launcher. */
  readonly executable: string;
  readonly version: readonly [major: number, minor: number, micro: number];
  /** `cpython`, `pypy`, … */
  readonly implementation: string;
  /** `sys.platform`: `linux`, `darwin`, `win32`, `cygwin`. */
  readonly platform: string;
  /** `platform.machine()`, e.g. `x86_64`. */
  readonly machine: string;
  /** What it runs as, in Node's spelling. */
  readonly arch: TargetArch;
  readonly pointerBits: number;
  /** `sysconfig.get_platform()`, e.g. `win-amd64`, `macosx-11.0-universal2`. */
  readonly buildPlatform: string;
  readonly prefix: string;
  readonly basePrefix: string;
  /** The interpreter a virtual environment was made from; the same as `executable` outside of one. */
  readonly baseExecutable: string;
  /** libpython (or the framework's library, or pythonXY.dll); null: this Python has none. */
  readonly sharedLibrary: string | null;
  /** `sysconfig` SOABI, e.g. `cpython-312-x86_64-linux-gnu`; empty on old Windows builds. */
  readonly soabi: string;
  readonly isConda: boolean;
  readonly hasVenv: boolean;
  readonly hasEnsurepip: boolean;
  readonly hasPip: boolean;
  /** Folders its packages are installed in. */
  readonly sitePackages: readonly string[];
  /** Installed version of PyInstaller; null: not installed. */
  readonly pyinstaller: string | null;
  /** Installed version of pyinstaller-hooks-contrib; null: not installed. */
  readonly hooksContrib: string | null;
}

/** Where a candidate came from. */
export type CandidateSource =
  /** `python.interpreter` of the configuration. */
  | 'config'
  /** The variable ELECTRON_PYINSTALLER_PYTHON. */
  | 'variable'
  /** `python.env` with a folder. */
  | 'environment'
  | 'uv'
  | 'poetry'
  | 'pdm'
  | 'VIRTUAL_ENV'
  /** A `.venv` or `venv` folder. */
  | 'folder'
  | 'conda'
  /** The Windows launcher `py`. */
  | 'launcher'
  | 'PATH'
  | 'pyenv'
  /** `uv python find`. */
  | 'uv-python'
  /** A place where installers put Python. */
  | 'well-known';

/** Why an interpreter cannot be used. */
export type InterpreterProblem =
  | 'missing'
  | 'store-alias'
  | 'not-runnable'
  | 'timeout'
  | 'no-answer'
  | 'python-2'
  | 'implementation'
  | 'platform'
  | 'version'
  | 'bits'
  | 'arch'
  | 'no-shared-library'
  | 'no-venv';

/** One interpreter that was looked at, and what came of it. */
export interface CandidateVerdict {
  readonly source: CandidateSource;
  /** Where it came from, for people, e.g. `python3 on PATH`. */
  readonly origin: string;
  /** Command or path that was tried. */
  readonly command: string;
  readonly status: 'chosen' | 'refused' | 'same' | 'not-tried';
  /** The interpreter behind the command, when it answered. */
  readonly executable: string | null;
  /** `3.12.1`, when it answered. */
  readonly version: string | null;
  readonly problem: InterpreterProblem | null;
  /** One sentence: why it was refused. Empty when it was not. */
  readonly detail: string;
  /** What to do about it. Empty when nothing. */
  readonly fix: string;
}

/** The interpreter that will be used, and why. */
export interface FoundInterpreter {
  readonly probe: InterpreterProbe;
  /** One sentence for people, e.g. `python3 on PATH, the first that satisfies >=3.10`. */
  readonly reason: string;
  readonly source: CandidateSource;
  /** Everything that was looked at, in order. */
  readonly candidates: readonly CandidateVerdict[];
}

/** One installed distribution. */
export interface Distribution {
  /** Normalised name (lower case, `-`). */
  readonly name: string;
  readonly version: string;
  /** Hexadecimal SHA-256 of its RECORD; for an editable install of its source tree as well. */
  readonly recordDigest: string;
  /** Of an editable install: what of its source tree is code, and what is data. */
  readonly tree?: SourceTreeParts;
}

/** A source tree outside of the environment, code and data apart. */
export interface SourceTreeParts {
  readonly directory: string;
  /** As {@link Distribution.recordDigest}, without the contents of {@link dataFiles}. */
  readonly codeDigest: string;
  /** Files, absolute, that by their names are neither modules nor libraries. */
  readonly dataFiles: readonly string[];
}

/** A Python environment that is ready to freeze from. */
export interface PythonEnvironment {
  /** Absolute path of the environment's interpreter. */
  readonly interpreter: string;
  /** Folder of the (virtual) environment; null: an interpreter's own, e.g. the system's. */
  readonly directory: string | null;
  readonly probe: InterpreterProbe;
  /** Changes whenever the environment may behave differently. */
  readonly key: string;
  readonly distributions: readonly Distribution[];
  /** True: nothing was installed, and for a managed environment no process was started. */
  readonly reused: boolean;
  /** Empty when PyInstaller was not asked for and is not there. */
  readonly pyinstallerVersion: string;
  readonly hooksVersion: string;
}
