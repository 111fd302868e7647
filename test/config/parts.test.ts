import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultCacheDir } from '../../src/config/index.js';
import { jsonErrorPosition, positionAt } from '../../src/config/find/json-position.js';
import { editDistance, nearest } from '../../src/config/check/nearest.js';
import { plainData } from '../../src/config/check/plain.js';
import { formatPath, show } from '../../src/config/check/problem.js';
import { sizeInBytes } from '../../src/config/check/units.js';

describe('the edit distance', () => {
  test.each<readonly [string, string, number]>([
    ['', '', 0],
    ['a', '', 1],
    ['main', 'mian', 1],
    ['kitten', 'sitting', 3],
    ['hiddenImport', 'hiddenImports', 1],
  ])('of %j and %j is %d', (a, b, distance) => expect(editDistance(a, b)).toBe(distance));

  test('is symmetric, zero only for equal texts, and never above the longer text', () => {
    const word = fc.string({ maxLength: 20 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });

  test('is not worked out for giant texts', () => {
    expect(editDistance('x'.repeat(1e6), 'y')).toBe(Number.POSITIVE_INFINITY);
  });
});

test('the nearest key ignores case and separators, and is none when nothing is near', () => {
  const keys = ['hiddenImports', 'excludes', 'http'];
  expect(nearest('hidden-imports', keys)).toBe('hiddenImports');
  expect(nearest('HIDDEN_IMPORTS', keys)).toBe('hiddenImports');
  expect(nearest('exclude', keys)).toBe('excludes');
  expect(nearest('htpp', keys)).toBe('http');
  expect(nearest('banana', keys)).toBeUndefined();
  expect(nearest('', keys)).toBeUndefined();
});

describe('sizes', () => {
  test.each<readonly [number | string, number]>([
    [17, 17],
    ['17 B', 17],
    ['500 MB', 500_000_000],
    ['500MiB', 524_288_000],
    ['1.5 GB', 1_500_000_000],
    ['2kib', 2048],
    ['1 TB', 1e12],
  ])('%j is %d bytes', (size, bytes) => expect(sizeInBytes(size)).toBe(bytes));
});

describe('the cache folder', () => {
  const own = { ELECTRON_PYINSTALLER_CACHE: '/c' };
  test.each<readonly [NodeJS.ProcessEnv, NodeJS.Platform, string]>([
    [{ HOME: '/home/ada' }, 'linux', '/home/ada/.cache/electron-pyinstaller'],
    [{ HOME: '/home/ada', XDG_CACHE_HOME: '/x' }, 'linux', '/x/electron-pyinstaller'],
    [{ HOME: '/home/ada', XDG_CACHE_HOME: 'relative' }, 'linux', '/home/ada/.cache/electron-pyinstaller'],
    [{ HOME: '/Users/ada' }, 'darwin', '/Users/ada/Library/Caches/electron-pyinstaller'],
    [
      { LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' },
      'win32',
      'C:\\Users\\ada\\AppData\\Local\\electron-pyinstaller\\Cache',
    ],
    [
      { USERPROFILE: 'C:\\Users\\ada' },
      'win32',
      'C:\\Users\\ada\\AppData\\Local\\electron-pyinstaller\\Cache',
    ],
    [{ ...own, HOME: '/home/ada', XDG_CACHE_HOME: '/x' }, 'linux', path.resolve('/c')],
    [{ ...own, HOME: '/Users/ada' }, 'darwin', path.resolve('/c')],
  ])('%j on %s is %s', (env, platform, folder) => expect(defaultCacheDir(env, platform)).toBe(folder));
});

test('paths are written as one would in code', () => {
  expect(formatPath(['backends', 'my-engine', 'data', 2, 'from'])).toBe('backends["my-engine"].data[2].from');
  expect(formatPath(['x'.repeat(500)])).toMatch(/^\["x{80}"… \(500 characters\)\]$/);
  expect(formatPath(['a\nb'])).toBe('["a\\nb"]');
});

test('any plain value is shown on one line of limited length', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const shown = show(value);
      expect(shown).not.toContain('\n');
      expect(shown.length).toBeLessThan(700);
    }),
  );
});

describe('the position of a JSON error', () => {
  const anyText = fc.oneof(
    fc.json(),
    fc
      .json()
      .chain((text) =>
        fc
          .tuple(fc.nat(text.length), fc.constantFrom('', ',', '"', '}', ']', ':', "'", 'x', '\u00A0', '//'))
          .map(([at, extra]) => text.slice(0, at) + extra + text.slice(at + 1)),
      ),
    fc.string({
      unit: fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        'a',
        '1',
        '-',
        '.',
        'e',
        '\\',
        ' ',
        '\n',
        '\t',
        'true',
        'null',
      ),
    }),
  );

  test('is none exactly for what JSON.parse accepts, and lies inside the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const position = jsonErrorPosition(text);
        let parses = true;
        try {
          JSON.parse(text);
        } catch {
          parses = false;
        }
        expect(position === null).toBe(parses);
        if (position !== null) {
          const lines = text.split('\n');
          expect(position.line).toBeLessThanOrEqual(lines.length);
          expect(position.column).toBeLessThanOrEqual((lines[position.line - 1] ?? '').length + 1);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('agrees with JSON.parse where that gives one', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          JSON.parse(text);
        } catch (error) {
          const index = /at position (\d+)/.exec(String(error));
          // Inside a string or number V8 points at the character, we at the token's beginning.
          if (index === null) return;
          const theirs = positionAt(text, Number(index[1]));
          const ours = jsonErrorPosition(text);
          expect(ours).not.toBeNull();
          const place = (at: { line: number; column: number }): number => at.line * 1e6 + at.column;
          expect(place(ours ?? theirs)).toBeLessThanOrEqual(place(theirs));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('plain data', () => {
  test('is an equal copy of anything JSON can say', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes('__proto__') && !text.includes(String.raw`\u0000`));
        const copy = plainData(value);
        expect(copy.problems).toEqual([]);
        expect(copy.value).toEqual(JSON.parse(text));
        if (typeof value === 'object' && value !== null) expect(copy.value).not.toBe(value);
      }),
    );
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = { cycle };
  const deep: unknown = Array.from({ length: 100 }).reduce((inner) => ({ inner }), 1);
  const wide = Array.from({ length: 30 }).reduce((inner) => [inner, inner], 1);
  const hidden = {
    get trap(): never {
      throw new Error('no\nentry');
    },
  };

  test.each<readonly [string, unknown, string]>([
    ['a cycle', cycle, 'the object contains itself'],
    ['a depth that cannot be meant', deep, 'nested more than 40 levels deep'],
    [
      'a size that cannot be meant',
      wide,
      'the configuration holds more than 100000 values; it cannot be meant',
    ],
    ['a getter that throws', hidden, 'the value cannot be read: no'],
    ['a hole', { list: Array(1e9) }, 'the list has a hole (undefined) here'],
    ['a date', { at: new Date() }, 'a Date cannot stand here; only plain objects'],
    ['a map', new Map(), 'a Map cannot stand here; only plain objects'],
    [
      'a symbol',
      [Symbol('x')],
      'a symbol cannot stand here; only texts, numbers, booleans, lists and objects',
    ],
    ['a bigint', { a: 1n }, 'a bigint cannot stand here; only texts, numbers, booleans, lists and objects'],
    [
      'a revoked proxy',
      revoked(),
      "the value cannot be read: Cannot perform 'IsArray' on a proxy that has been revoked",
    ],
  ])('refuses %s', (_, value, said) => {
    const { problems } = plainData(value);
    expect(problems.map((problem) => problem.text)).toEqual([said]);
  });

  function revoked(): unknown {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }
});
