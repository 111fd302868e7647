import { judge, type Result } from './judge.ts';
import type { Row } from './row.ts';
import type { Workplace } from './workplace.ts';

/** Measure one row: each side once to warm up, then in turn. */
export async function measure(row: Row, place: Workplace, runs: number): Promise<Result> {
  const sides = await row.prepare(place);
  const ours: number[] = [];
  const others: number[] = [];
  const { other } = sides;
  try {
    await sides.ours();
    await other?.();
    for (let turn = 0; turn < runs; turn++) {
      ours.push(await sides.ours());
      if (other !== null) others.push(await other());
    }
  } finally {
    await sides.end?.();
  }
  return judge(row.goal, ours, other === null ? null : others);
}
