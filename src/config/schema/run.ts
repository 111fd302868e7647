import { group } from './group.js';
import { flag, text, textRecord, texts } from './values.js';

/** How the backend is run during development. */
export interface DevelopmentConfig {
  /**
   * The interpreter during development: a path (relative to the project) or a command. Left out: the environment of
   * `python`.
   * @example 'backend/.venv/bin/python'
   */
  interpreter?: string;
  /**
   * Restart the backend when a file below `source` changes.
   * @defaultValue true
   */
  watch?: boolean;
  /**
   * Arguments in place of `run.args` during development.
   * @example ['--reload-templates']
   */
  args?: readonly string[];
  /**
   * Environment variables added to `run.env` during development.
   * @defaultValue {}
   */
  env?: Record<string, string>;
}

/**
 * How the backend is started. In `args`, `env` and `cwd`, `{port}`, `{host}`, `{userData}` (the app's data folder),
 * `{resources}` (the app's resources folder) and `{bundle}` (the folder where `data` is put; in development the source folder; not in the
 * `cwd` of a `mode: 'onefile'`) are replaced at each start; `{token}` in `env` too.
 */
export interface RunConfig {
  /**
   * Arguments.
   * @defaultValue []
   * @example ['--port', '{port}']
   */
  args?: readonly string[];
  /**
   * Environment variables, added to the cleaned environment of the app.
   * @defaultValue {}
   * @example { DATABASE: '{userData}/app.db' }
   */
  env?: Record<string, string>;
  /**
   * Working directory. Left out: the app's data folder.
   * @example '{userData}/work'
   */
  cwd?: string;
  /** What differs during development. */
  dev?: DevelopmentConfig;
}

const developmentSchema = group<DevelopmentConfig>('DevelopmentConfig')({
  interpreter: text.optional(),
  watch: flag.optional(),
  args: texts.optional(),
  env: textRecord.optional(),
});

/** The group `run`. */
export const runSchema = group<RunConfig>('RunConfig')({
  args: texts.optional(),
  env: textRecord.optional(),
  cwd: text.optional(),
  dev: developmentSchema.optional(),
});
