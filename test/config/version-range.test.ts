import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { python3 } from '../python/real-pythons.js';
import {
  compareVersions,
  parseVersion,
  parseVersionRange,
  satisfies,
} from '../../src/config/version-range.js';

describe('satisfies', () => {
  test.each([
    ['>=3.10', [3, 10, 0], true],
    ['>=3.10', [3, 9, 18], false],
    ['>=3.10', [4, 0, 0], true],
    ['3.12', [3, 12, 7], true],
    ['3.12', [3, 13, 0], false],
    ['3', [3, 8, 1], true],
    ['3.12.*', [3, 12, 0], true],
    ['3.11.7', [3, 11, 7], true],
    ['3.11.7', [3, 11, 8], false],
    ['==3.11.7', [3, 11, 7], true],
    ['==3.11', [3, 11, 7], false],
    ['==3.11', [3, 11, 0], true],
    ['==3.11.*', [3, 11, 7], true],
    ['!=3.12.0', [3, 12, 0], false],
    ['!=3.12.*', [3, 12, 4], false],
    ['!=3.12.*', [3, 13, 4], true],
    ['>=3.10,<3.14', [3, 13, 9], true],
    ['>=3.10, <3.14', [3, 14, 0], false],
    ['~=3.11', [3, 12, 0], true],
    ['~=3.11', [4, 0, 0], false],
    ['~=3.11.2', [3, 11, 9], true],
    ['~=3.11.2', [3, 12, 0], false],
    ['>3.12', [3, 12, 1], true],
    ['<=3.12', [3, 12, 1], false],
    ['*', [2, 7, 18], true],
  ])('%s and %j: %s', (range, version, expected) => {
    expect(satisfies(parseVersionRange(range), version)).toBe(expected);
  });

  test.each([
    '',
    'latest',
    '^3.11',
    '>=3.10 || <3',
    '3.x',
    '>=3.10.*',
    '~=3',
    '>=',
    '3..1',
    '>=3.10,',
    '=3.10',
  ])('refuses %j and shows what is allowed', (range) => {
    expect(() => parseVersionRange(range)).toThrow(/is not a version range[\s\S]*>=3\.10,<3\.14/);
  });

  test('agrees with the packaging library of Python', () => {
    const release = fc.array(fc.integer({ min: 0, max: 14 }), { minLength: 1, maxLength: 4 });
    const clause = fc
      .tuple(fc.constantFrom('>=', '<=', '>', '<', '==', '!=', '~='), release, fc.boolean())
      .map(([operator, numbers, star]) => {
        const long = operator === '~=' && numbers.length < 2 ? [...numbers, 1] : numbers;
        return `${operator}${long.join('.')}${star && (operator === '==' || operator === '!=') ? '.*' : ''}`;
      });
    const samples = fc.sample(fc.tuple(fc.array(clause, { minLength: 1, maxLength: 3 }), release), {
      numRuns: 2000,
    });
    const questions = samples.map(([clauses, version]) => [clauses.join(','), version.join('.')] as const);
    const script =
      'import json,sys\nfrom pip._vendor.packaging.specifiers import SpecifierSet\n' +
      'print(json.dumps([SpecifierSet(r).contains(v, prereleases=True) for r, v in json.load(sys.stdin)]))';
    const answers = JSON.parse(
      execFileSync(python3(), ['-c', script], { input: JSON.stringify(questions), encoding: 'utf8' }),
    ) as boolean[];
    const ours = samples.map(([clauses, version]) =>
      satisfies(parseVersionRange(clauses.join(',')), version),
    );
    const different = questions.filter((_, index) => ours[index] !== answers[index]);
    expect(different).toEqual([]);
    // Both answers occur often, or the comparison would say nothing.
    expect(ours.filter(Boolean).length).toBeGreaterThan(200);
    expect(ours.filter((holds) => !holds).length).toBeGreaterThan(200);
  });

  test('the specifier handed to installers means the same as the range', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('3', '3.12', '3.11.7', '3.12.*', '>=3.10,<3.14', '~=3.11', '*', '!=3.12.0'),
        fc.array(fc.integer({ min: 0, max: 14 }), { minLength: 3, maxLength: 3 }),
        (range, version) => {
          const parsed = parseVersionRange(range);
          expect(satisfies(parseVersionRange(parsed.specifier), version)).toBe(satisfies(parsed, version));
        },
      ),
    );
  });
});

test('compareVersions is a total order in which missing numbers are 0', () => {
  const version = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
        expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }
      expect(compareVersions([...a, 0], a)).toBe(0);
    }),
  );
});

test.each([
  ['6.22.3', [6, 22, 3]],
  ['6.23.0.dev0+abc', [6, 23, 0]],
  ['2026.9', [2026, 9]],
  ['v3.12rc1', [3, 12]],
  ['unknown', null],
])('parseVersion reads the numbers of %s', (text, expected) => {
  expect(parseVersion(text)).toEqual(expected);
});
