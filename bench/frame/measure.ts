import { judge, type Result } from './judge.ts';
import { figuresOf, type Figure, type Row, type Said } from './row.ts';
import type { Workplace } from './workplace.ts';

/** What was measured of one line of the table. */
export interface Measured {
  readonly figure: Figure;
  readonly result: Result;
}

/** Measure one row: each side once to warm up, unless it runs once only, then in turn. */
export async function measure(row: Row, place: Workplace, runs: number): Promise<readonly Measured[]> {
  const sides = await row.prepare(place);
  const ours: Said[] = [];
  const others: Said[] = [];
  try {
    for (let turn = runs === 1 ? 0 : -1; turn < runs; turn++) {
      const own = await sides.ours();
      const other = await sides.other?.();
      if (turn < 0) continue;
      ours.push(own);
      if (other !== undefined) others.push(other);
    }
  } finally {
    await sides.end?.();
  }
  return figuresOf(row).map((figure, index) => {
    const column = (said: readonly Said[]): number[] => said.map((one) => [one].flat()[index] ?? Number.NaN);
    const compared = figure.other !== undefined && others.length > 0;
    return { figure, result: judge(figure.goal, column(ours), compared ? column(others) : null) };
  });
}
