import type { Goal } from './row.ts';
import { median, summary, type Summary } from './statistics.ts';

/** What is known of one row. */
export interface Result {
  readonly ours: Summary;
  readonly other: Summary | null;
  /** Median of the ratios of the pairs; null: nothing to compare with. */
  readonly ratio: number | null;
  readonly met: boolean;
}

/** Sum up the figures of both sides, pair by pair. */
export function judge(goal: Goal, ours: readonly number[], other: readonly number[] | null): Result {
  const own = summary(ours);
  const others = other === null ? null : summary(other);
  const ratio =
    other === null ? null : median(ours.map((value, index) => value / (other[index] ?? Number.NaN)));
  const difference = others === null ? 0 : own.median - others.median;
  const met =
    (goal.ratio === undefined || (ratio !== null && ratio <= goal.ratio)) &&
    (goal.ours === undefined || own.median <= goal.ours) &&
    (goal.more === undefined || difference <= goal.more);
  return { ours: own, other: others, ratio, met };
}

/** A regression, not noise: machines differ in how much they gain by something. */
export function gotWorse(goal: Goal, { ratio }: Pick<Result, 'ratio'>): boolean {
  return goal.ratio !== undefined && ratio !== null && ratio > goal.ratio * 1.3;
}
