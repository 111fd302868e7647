import type { Workplace } from './workplace.ts';

/** What a row must reach; everything given has to hold, of the medians. */
export interface Goal {
  /** Ours divided by the other, of the median of the pairs. */
  readonly ratio?: number;
  /** Ours by itself, in the row's unit. */
  readonly ours?: number;
  /** How much more than the other ours may be, in the row's unit. */
  readonly more?: number;
}

/** Both sides of a comparison, ready to be run again and again. Each call gives one figure. */
export interface Sides {
  ours(): Promise<number>;
  /** Null: there is nothing to compare with. */
  readonly other: (() => Promise<number>) | null;
  end?(): Promise<void>;
}

/** One line of the table. */
export interface Row {
  /** What `npm run bench -- <name>` takes. */
  readonly name: string;
  readonly ours: string;
  /** What it is compared with; empty: nothing. */
  readonly other: string;
  readonly unit: 'ms' | 'MB';
  readonly runs: number;
  /** With `--quick`; 0: left out there. */
  readonly quickRuns: number;
  readonly goal: Goal;
  /** The physical limit, or what stands in the way. */
  readonly limit: string;
  prepare(place: Workplace): Promise<Sides>;
}
