import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInside, relativeInside, shownPath } from '../../src/lib/paths.js';

const name = fc.constantFrom('a', 'b', '..c', '...', '.d', 'a b');
const folder = fc.array(name, { maxLength: 4 }).map((names) => path.resolve('/', ...names));

test('a path is inside of a folder exactly when it is the folder or begins with it and a separator', () => {
  fc.assert(
    fc.property(folder, folder, (outer, inner) => {
      const start = outer.endsWith(path.sep) ? outer : outer + path.sep;
      expect(isInside(outer, inner)).toBe(inner === outer || inner.startsWith(start));
    }),
  );
});

test('what is inside is reached again from the folder', () => {
  fc.assert(
    fc.property(folder, folder, (outer, inner) => {
      const relative = relativeInside(outer, inner);
      if (relative !== null) expect(path.resolve(outer, relative)).toBe(inner);
    }),
  );
});

test('a file of the project is shown from there, every other one whole', () => {
  expect(shownPath('/app', '/app/backend/main.py')).toBe('backend/main.py');
  expect(shownPath('/app', '/app/..hidden')).toBe('..hidden');
  expect(shownPath('/app', '/app')).toBe('.');
  expect(shownPath('/app', '/other/main.py')).toBe('/other/main.py');
});
