import path from 'node:path';
import { companionDir } from '../../lib/package-root.js';
import { run } from '../../lib/run.js';
import { findOnPath, realDisk } from '../../python/index.js';
import { PyInstallerError } from '../../errors.js';

/** Stands in front of the answer; see the script. */
const marker = 'electron-pyinstaller-survey:';

/** Where a server's port comes from. */
export type PortOrigin =
  | {
      readonly type: 'option';
      readonly option: string;
      /** Names of the subcommand it belongs to. */
      readonly command: readonly string[];
    }
  | { readonly type: 'environment'; readonly name: string }
  | { readonly type: 'argument'; readonly index: number }
  | { readonly type: 'fixed'; readonly port: number }
  /** Streamlit is told, and which page it runs: relative to the folder that imports start from. */
  | { readonly type: 'streamlit'; readonly page: string }
  | { readonly type: 'unknown' };

/** An application object, or a function that makes one. */
export interface ApplicationFact {
  readonly name: string;
  readonly interface: 'asgi' | 'wsgi';
  readonly framework: string;
  readonly line: number;
  /** A part of another application: mounted or wrapped. */
  readonly inner?: boolean;
  /** How often it is used, by routes above all. */
  readonly routes?: number;
}

/** A call that starts a server. */
export interface ServeFact {
  readonly how: string;
  /** The application that is served, where it can be told. */
  readonly target: {
    readonly file: string;
    readonly name: string;
    /** Where its module is looked up, when it is named in a string. */
    readonly root: string | null;
    readonly factory: boolean;
  } | null;
  readonly port: PortOrigin;
  readonly line: number;
}

/** A file or folder that the code names and that is there. Absolute paths. */
export interface PathFact {
  readonly path: string;
  /** The whole path with its wildcards. */
  readonly pattern: string | null;
  readonly folder: boolean;
  /** Ending of the files in the folder that are read, where it can be told. */
  readonly suffix: string;
  /** Found through the place of the code; otherwise through the working directory. */
  readonly anchored: boolean;
  readonly written: boolean;
  /** Its Python files are read as files. */
  readonly code?: boolean;
  readonly file: string;
  readonly line: number;
}

/** What one Python file says. Absolute paths. */
export interface FileFacts {
  readonly file: string;
  /** The folder that imports start from. */
  readonly root: string;
  readonly module: string;
  readonly hasMain: boolean;
  readonly applications: readonly ApplicationFact[];
  readonly factories: readonly ApplicationFact[];
  readonly serves: readonly ServeFact[];
  readonly parser: {
    readonly kind: string;
    readonly line: number;
    readonly positional: number;
    readonly options: readonly string[];
  } | null;
  readonly companion: boolean;
  readonly readsStdin: boolean;
  readonly lazy: readonly { readonly package: string; readonly file: string; readonly line: number }[];
  readonly paths: readonly PathFact[];
  /** Line of the import, in a page of Streamlit. */
  readonly page: number | null;
  readonly django: {
    readonly settings: string;
    readonly package: string;
    readonly modules: readonly ('asgi' | 'wsgi')[];
    readonly data: readonly PathFact[];
  } | null;
  /** Files of the project that it imports. */
  readonly imports: readonly string[];
}

/** A path that answers GET. */
export interface RouteFact {
  readonly path: string;
  readonly file: string;
  readonly line: number;
  readonly health: boolean;
}

/** What the Python files of a project are. */
export interface SurveyAnswer {
  readonly files: readonly FileFacts[];
  readonly routes: readonly RouteFact[];
  /** Files that are not valid Python. */
  readonly broken: readonly { readonly file: string; readonly line: number; readonly message: string }[];
  readonly complete: boolean;
}

/** Where to look. Absolute folders. */
export interface SurveyQuestion {
  /** No import starts above it. */
  readonly top: string;
  readonly project: string;
  readonly places: readonly {
    readonly folder: string;
    readonly depth: number;
    readonly except?: readonly string[];
  }[];
}

/**
 * Read the Python files of a project, with Python's own parser; nothing of them is run.
 *
 * @throws PyInstallerError `ERR_PYTHON` when there is no Python.
 */
export async function survey(question: SurveyQuestion): Promise<SurveyAnswer> {
  let best: SurveyAnswer | null = null;
  for await (const text of runTool('survey.py', [JSON.stringify(question)])) {
    const line = text.split(/\r?\n/).find((candidate) => candidate.startsWith(marker));
    if (line === undefined) continue;
    const answer = JSON.parse(line.slice(marker.length)) as SurveyAnswer;
    if (best === null || answer.broken.length < best.broken.length) best = answer;
    // An older Python may not know the syntax of what a newer one runs.
    if (best.broken.length === 0) break;
  }
  if (best === null) throw new PyInstallerError('ERR_PYTHON', 'The Python files could not be read.');
  return best;
}

/**
 * Run one of the small programs in companion/tools with one Python after the other, until the caller has enough; any
 * version that can parse will do.
 *
 * @throws PyInstallerError `ERR_PYTHON` when none can run it.
 */
export async function* runTool(script: string, args: readonly string[]): AsyncGenerator<string> {
  const { env, platform } = process;
  const said: string[] = [];
  let answered = false;
  const names = platform === 'win32' ? ['python', 'python3', 'py'] : ['python3', 'python'];
  const found = names.flatMap((name) => findOnPath(name, env, platform, realDisk));
  // pyenv's starters choose a Python slowly.
  const isShim = (file: string) => Number(file.includes('shims'));
  for (const program of found.sort((a, b) => isShim(a) - isShim(b))) {
    const file = path.join(companionDir, 'tools', script);
    // Reading large projects takes seconds; what takes longer hangs.
    const result = await run(program, ['-I', '-X', 'utf8', file, ...args], { timeoutMs: 60_000 });
    if (result.exitCode === 0) {
      answered = true;
      yield result.stdout;
    } else
      said.push(`${program}: ${result.startError?.message ?? result.stderr.trim().split('\n').at(-1) ?? ''}`);
  }
  if (answered) return;
  throw new PyInstallerError(
    'ERR_PYTHON',
    `The sources are read with Python, and ${said.length === 0 ? 'there is none on PATH' : `none could do it: ${said.join('; ')}`}.`,
    { hint: 'Install Python 3.10 or newer, which freezing needs too: https://www.python.org/downloads' },
  );
}
