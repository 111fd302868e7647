import * as fc from 'fast-check';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapLimited } from '../../src/lib/map-limited.js';

describe('mapLimited', () => {
  it('keeps the order and never exceeds the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        async (items, limit) => {
          let running = 0;
          let highest = 0;
          const results = await mapLimited(items, limit, async (item, index) => {
            highest = Math.max(highest, ++running);
            for (let turn = 0; turn < item; turn++) await setImmediate();
            running--;
            return [item, index];
          });
          expect(results).toEqual(items.map((item, index) => [item, index]));
          expect(highest).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('rejects with the first failure only after everything under way has ended, and starts nothing more', async () => {
    const ended: number[] = [];
    const run = mapLimited([0, 1, 2, 3, 4, 5], 2, async (item) => {
      if (item === 1) throw new Error('one failed');
      await setTimeout(20);
      ended.push(item);
    });
    await expect(run).rejects.toThrow('one failed');
    expect(ended).toEqual([0]);
  });
});
