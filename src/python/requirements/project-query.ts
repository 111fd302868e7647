/** What is wanted from a pyproject.toml. */
export interface ProjectQuery {
  /** Absolute path, for messages. */
  readonly file: string;
  readonly extras: readonly string[];
  readonly groups: readonly string[];
}
