import { expect, test } from 'vitest';
import { parts, partsOf } from '../../scripts/windows/parts.js';
import { outcomesOf, skippedByReason } from '../../scripts/windows/results.js';
import { notOnWindows } from '../support/windows.js';

const [part] = parts;
if (part === undefined) throw new Error('no parts');

const results = (tests: readonly object[]): string =>
  JSON.stringify({
    testResults: [{ name: 'Z:/tree/test/lib/run.test.ts', status: 'passed', assertionResults: tests }],
  });

test('a test that Windows leaves out is listed under the reason that it gives, one that gives none as such', () => {
  const text = results([
    { fullName: 'a', status: 'skipped', meta: notOnWindows('Windows has no signals').meta },
    { fullName: 'b', status: 'skipped', meta: {} },
    { fullName: 'c', status: 'passed', meta: { whyNotOnWindows: 'never told' } },
  ]);
  const outcomes = outcomesOf(text, 'Z:/tree', part);
  expect(skippedByReason([{ part, outcomes, seconds: 1 }])).toEqual(
    new Map([
      ['Windows has no signals', ['test/lib/run.test.ts > a']],
      ['the test leaves itself out and does not say why', ['test/lib/run.test.ts > b']],
    ]),
  );
  expect(outcomes[2]).toEqual({
    test: 'test/lib/run.test.ts > c',
    status: 'passed',
    reason: '',
  });
});

test('a run that wrote nothing is a failure', () => {
  expect(outcomesOf(null, 'Z:/tree', part)).toMatchObject([{ status: 'failed' }]);
});

test('parts are called by name, folder or file', () => {
  expect(partsOf(['lib', 'test/lib', 'test/place/'])?.map(({ name }) => name)).toEqual([
    'lib',
    'lib',
    'place',
  ]);
  expect(partsOf(['test/lib/run.test.ts'])).toMatchObject([
    { name: 'lib-run.test.ts', filter: 'test/lib/run.test.ts' },
  ]);
  expect(partsOf(['lib', 'libs'])).toBeNull();
});
