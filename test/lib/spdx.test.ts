import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { deniedLicense, isExpression } from '../../src/lib/spdx.js';

test.each([
  ['MIT', ['GPL-3.0-only'], null],
  ['GPL-3.0-only', ['GPL-3.0-only'], 'GPL-3.0-only'],
  ['GPL-3.0-only', ['gpl-3.0-only'], 'GPL-3.0-only'],
  ['MIT OR GPL-3.0-only', ['GPL-3.0-only'], null],
  ['MIT OR GPL-3.0-only', ['GPL-3.0-only', 'MIT'], 'MIT'],
  ['MIT AND GPL-3.0-only', ['GPL-3.0-only'], 'GPL-3.0-only'],
  ['(MIT OR BSD-3-Clause) AND (GPL-2.0-only OR ISC)', ['GPL-2.0-only'], null],
  ['(MIT OR BSD-3-Clause) AND (GPL-2.0-only OR ISC)', ['GPL-2.0-only', 'ISC'], 'GPL-2.0-only'],
  ['GPL-2.0-or-later WITH Bootloader-exception', ['GPL-2.0-or-later'], null],
  [
    'GPL-2.0-only WITH Classpath-exception-2.0',
    ['GPL-2.0-only WITH Classpath-exception-2.0'],
    'GPL-2.0-only WITH Classpath-exception-2.0',
  ],
  ['no license', ['MIT'], null],
])('%s with %j denied', (expression, denied, expected) => {
  expect(deniedLicense(expression, denied)).toBe(expected);
});

const ids = ['MIT', 'ISC', 'GPL-2.0-only', 'Apache-2.0', 'MPL-2.0'] as const;
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...ids),
    fc
      .tuple(tie('tree'), fc.constantFrom('AND', 'OR'), tie('tree'))
      .map(([a, word, b]) => `(${a} ${word} ${b})`),
  ),
}));

test('an expression is denied exactly when no choice of its alternatives goes without the denied', () => {
  /** What Python would say with every allowed license true. */
  const isAllowed = (expression: string, denied: readonly string[]): boolean => {
    const values = ids.map((id) => [id, !denied.includes(id)] as const);
    let text = expression.replaceAll(' AND ', ' && ').replaceAll(' OR ', ' || ');
    for (const [id, value] of values) text = text.replaceAll(id, String(value));
    while (/[a-z]+ /.test(text) || text.includes('(')) {
      const next = text
        .replaceAll(/\((true|false) && (true|false)\)/g, (_, a, b) => String(a === 'true' && b === 'true'))
        .replaceAll(/\((true|false) \|\| (true|false)\)/g, (_, a, b) => String(a === 'true' || b === 'true'));
      if (next === text) break;
      text = next;
    }
    return text === 'true';
  };
  fc.assert(
    fc.property(tree, fc.subarray([...ids]), (expression, denied) => {
      const found = deniedLicense(expression, denied);
      expect(found === null).toBe(isAllowed(expression, denied));
      if (found !== null) expect(denied).toContain(found);
    }),
  );
});

test('what is no expression is told', () => {
  expect(['MIT', 'MIT OR ISC', 'LicenseRef-own'].map(isExpression)).toEqual([true, true, true]);
  expect(['', 'MIT License', 'GPL', 'MIT OR'].map(isExpression)).toEqual([false, false, false, false]);
});
