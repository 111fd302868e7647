/** One way to make a bundle smaller. */
export interface Advice {
  readonly id:
    | 'cuda'
    | 'triton'
    | 'models'
    | 'debug-symbols'
    | 'duplicates'
    | 'tests'
    | 'build-tools'
    | 'unrequested'
    | 'documentation';
  /** One line, e.g. `Tests of numpy`. */
  readonly title: string;
  /** Why, and when not to. */
  readonly detail: string;
  /** The line of configuration that does it; null: there is none, `detail` says what to do. */
  readonly edit: string | null;
  /** What does not work any more without it, a clause; left out: nothing that a program misses. */
  readonly costs?: string;
  /** What it saves. */
  readonly bytes: number;
  /** Some of the things meant, largest first. */
  readonly examples: readonly string[];
}
