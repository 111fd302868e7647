import type { Target } from '../../target.js';
import type { ConfigPath } from '../check/problem.js';

/** What the resolvers of one backend share. Paths are relative to the (merged) backend. */
export interface BackendContext {
  readonly name: string;
  readonly projectDir: string;
  readonly target: Target;
  /** Note something that is wrong. */
  readonly problem: (path: ConfigPath, text: string) => void;
  /** Note a file or folder that does not exist. */
  readonly missing: (path: ConfigPath, text: string) => void;
  /** Note something a person should read although the build goes on. */
  readonly warn: (path: ConfigPath, text: string) => void;
  /** Place in the configuration, as people write it. */
  readonly shown: (path: ConfigPath) => string;
}
