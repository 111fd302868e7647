import { afterEach, expect, test, vi } from 'vitest';
import { Progress } from '../../src/freeze/progress.js';

afterEach(() => void vi.useRealTimers());

test('a sign of life before the first step says what it is about', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'performance'] });
  const said: string[] = [];
  const end = new Progress('engine', (event) => {
    if (event.type === 'detail') said.push(event.text);
  }).beat();
  vi.advanceTimersByTime(6_000);
  end();
  expect(said).toEqual(['still getting ready, 5 s']);
});
