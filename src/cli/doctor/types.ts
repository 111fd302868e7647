/** The result of one check. */
export interface CheckResult {
  /** Stable, for programs: `node`, `python:engine`, `disk`, … */
  readonly id: string;
  readonly title: string;
  /** `warn`: the build may work. `fail`: it will not. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was seen. Lines after the first are details of it. */
  readonly detail: string;
  /** What to do; absent when there is nothing to do. */
  readonly fix?: string;
}

/** What checks look at besides the configuration; tests replace it. */
export interface CheckContext {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly nodeVersion: string;
  readonly now: Date;
  readonly signal?: AbortSignal | undefined;
}
