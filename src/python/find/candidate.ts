import type { ResolvedPython } from '../../config/resolved.js';
import type { CandidateSource } from '../types.js';

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
  /** True: somebody chose it, so a refusal is an error instead of a reason to look further (unless a tool had no answer). */
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
  /** Folder with interpreters that uv brought for builds; null: there is none. */
  readonly broughtDir: string | null;
  /** Key of the configuration that names `python.interpreter`. */
  readonly interpreterKey: string;
}

/** A candidate with the usual values. */
export function candidate(
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
