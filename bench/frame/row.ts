import type { Workplace } from './workplace.ts';

/** What a figure must reach; everything given has to hold, of the medians. */
export interface Goal {
  /** Ours divided by the other, of the median of the pairs. */
  readonly ratio?: number;
  /** Ours by itself, in the figure's unit. */
  readonly ours?: number;
  /** How much more than the other ours may be, in the figure's unit. */
  readonly more?: number;
}

/** One line of the table. */
export interface Figure {
  readonly name: string;
  readonly ours: string;
  /** What it is compared with; left out: nothing. */
  readonly other?: string;
  readonly unit: 'ms' | 'MB' | '/s';
  readonly goal: Goal;
  /** The physical limit, or what stands in the way. */
  readonly limit: string;
}

/** What one run says: its figure; with several, in the order of the lines of the table. */
export type Said = number | readonly number[];

/** Both sides of a comparison, ready to be run again and again. */
export interface Sides {
  ours(): Promise<Said>;
  /** Left out: there is nothing to compare with. */
  other?(): Promise<Said>;
  end?(): Promise<void>;
}

/** A line of the table and how it is measured: what `npm run bench -- <name>` takes. */
export interface Row extends Figure {
  readonly runs: number;
  /** With `--quick`; left out: not there. */
  readonly quickRuns?: number;
  /** More lines out of the same runs. */
  readonly also?: readonly Figure[];
  prepare(place: Workplace): Promise<Sides>;
}

/** The lines of the table that a row fills. */
export function figuresOf(row: Row): readonly [Figure, ...Figure[]] {
  return [row, ...(row.also ?? [])];
}
