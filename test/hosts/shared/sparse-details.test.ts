import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { sparseDetails } from '../../../src/hosts/shared/sparse-details.js';
import type { EngineEvent } from '../../../src/report.js';

const stage = (title: string, elapsedMs: number): EngineEvent => ({
  type: 'stage',
  backend: 'engine',
  stage: 'x',
  title,
  elapsedMs,
});
const detail = (text: string, elapsedMs: number, backend = 'engine'): EngineEvent => ({
  type: 'detail',
  backend,
  text,
  elapsedMs,
});

it('says every 15 seconds of a silent stage what is going on', () => {
  const line = sparseDetails();
  expect(line(stage('Installing packages', 1000))).toBeNull();
  expect(line(detail('Collecting torch', 5000))).toBeNull();
  expect(line(detail('Downloading torch-2.15.0-cp311.whl (539 MB)', 16_500))).toBe(
    'still installing packages, 17 s: Downloading torch-2.15.0-cp311.whl (539 MB)',
  );
  expect(line(detail('Collecting numpy', 17_000))).toBeNull();
  expect(line(stage('Analyzing hidden imports', 30_000))).toBeNull();
  expect(line(detail('still analyzing hidden imports (sympy.core), 46 s', 46_000))).toBe(
    'still analyzing hidden imports (sympy.core), 46 s',
  );
});

it('keeps the time of each backend', () => {
  const line = sparseDetails();
  line(stage('Analyzing', 100_000));
  expect(line(detail('a', 20_000, 'other'))).toMatch(/^still working, 20 s: a$/);
  expect(line(detail('a', 101_000))).toBeNull();
});

it('is one line, and as many as fit the time', () => {
  const events = fc.array(fc.record({ text: fc.string({ minLength: 1 }), afterMs: fc.nat(9000) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(events, (list) => {
      const line = sparseDetails();
      line(stage('Analyzing', 0));
      let elapsedMs = 0;
      const shown = list.flatMap(({ text, afterMs }) => {
        elapsedMs += afterMs;
        return line(detail(text, elapsedMs)) ?? [];
      });
      expect(shown.length).toBeLessThanOrEqual(elapsedMs / 15_000);
      // Events come at least every 9 s here: two lines are never further apart than 15 s and one event.
      expect(shown.length).toBeGreaterThanOrEqual(Math.floor(elapsedMs / 24_000));
      for (const text of shown) expect(text).not.toContain('\n');
    }),
  );
});
