import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { globToRegExp, ignorePatterns } from '../../src/lib/glob.js';
import { isIgnored } from '../../src/runtime/dev/ignored-path.js';

test.each([
  ['*.json', 'a.json', true],
  ['*.json', 'b/a.json', false],
  ['**/*.json', 'a.json', true],
  ['**/*.json', 'b/c/a.json', true],
  ['config/**/*.json', 'config/a.json', true],
  ['config/**/*.json', 'config/x/y/a.json', true],
  ['config/**/*.json', 'other/a.json', false],
  ['config/**', 'config/x/y', true],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['[a-c]x', 'bx', true],
  ['[!a-c]x', 'bx', false],
  ['{a,b}.txt', 'b.txt', true],
  ['{a,b}.txt', 'c.txt', false],
  ['a(b)+.txt', 'a(b)+.txt', true],
  ['a\\*.txt', 'a*.txt', true],
  ['a\\*.txt', 'ab.txt', false],
  ['[broken', '[broken', true],
  ['{broken', '{broken', true],
  ['./cache', 'cache', true],
  ['a**b', 'ax/yb', false],
  ['[z-a]', 'b', false],
  ['config/**', 'config', false],
  ['{a,{b,c}}/*.txt', 'c/x.txt', true],
  ['*.txt', '.hidden.txt', true],
  ['**/x', '.git/x', true],
  ['!a', '!a', true],
  ['!a', 'b', false],
  ['@(a|b)', '@(a|b)', true],
  ['@(a|b)', 'a', false],
  ['a$$', 'a$$', true],
  ['"a"', 'a', false],
  ['a\\\\b', 'a\\b', true],
  ['a/*', 'a\\b', false],
  ['*', 'a\\b', true],
  ['*', 'a\nb', true],
])('the glob %s against %s gives %s', (glob, path, expected) => {
  expect(globToRegExp(glob).test(path)).toBe(expected);
});

// `.` and `..` are no names: the paths that are matched come from walking a folder.
const segment = fc.stringMatching(/^[a-zé0-9 ._$()|+"!@-]{1,8}$/).filter((name) => !/^\.\.?$/.test(name));

test('a path without special characters matches itself, and with **/ in front at any depth', () => {
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (parts) => {
      const path = parts.join('/');
      expect(globToRegExp(path).test(path)).toBe(true);
      expect(globToRegExp(`**/${parts.at(-1)}`).test(path)).toBe(true);
      expect(globToRegExp('**').test(path)).toBe(true);
      expect(globToRegExp('*').test(path)).toBe(parts.length === 1);
    }),
  );
});

test('no glob makes the translation throw', () => {
  fc.assert(
    fc.property(
      fc.string({
        minLength: 1,
        unit: fc.constantFrom(
          'a',
          '/',
          '*',
          '?',
          '[',
          ']',
          '{',
          '}',
          ',',
          '\\',
          '!',
          '-',
          '.',
          '(',
          '|',
          'z',
        ),
      }),
      (glob) => {
        globToRegExp(glob);
      },
    ),
  );
});

test('a pattern leaves out the folder it names and everything below', () => {
  const patterns = ignorePatterns(['.venv', 'build/**', 'data/cache/', '*.log']);
  expect(isIgnored('.venv/lib/a.py', patterns)).toBe(true);
  expect(isIgnored('src/.venv/lib/a.py', patterns)).toBe(true);
  expect(isIgnored('build/x', patterns)).toBe(true);
  expect(isIgnored('data/cache/x', patterns)).toBe(true);
  expect(isIgnored('data/other/x', patterns)).toBe(false);
  expect(isIgnored('a/b/run.log', patterns)).toBe(true);
  expect(isIgnored('main.py', patterns)).toBe(false);
});
