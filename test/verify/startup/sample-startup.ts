import type { Startup } from '../../../src/verify/startup/costs.js';

/** Whose packages the sample's are. */
export const distributions: ReadonlyMap<string, string> = new Map([
  ['fastapi', 'fastapi'],
  ['PIL', 'pillow'],
]);

/** A small start. */
export const startup: Startup = {
  begunAt: 0,
  beforeMs: 100,
  readyMs: 500,
  imports: [
    ['electron_pyinstaller._serve', -1, 20],
    ['main', -1, 430],
    ['fastapi', 1, 300],
    ['json', 2, 50],
    ['services.images', 1, 120],
    ['PIL', 4, 30],
    ['PIL.Image', 4, 80],
  ],
};
