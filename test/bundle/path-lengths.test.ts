import { expect, test } from 'vitest';
import { judgePathLengths } from '../../src/bundle/path-lengths.js';

const expectations = (platform: 'win32' | 'linux') => ({
  target: { platform, arch: 'x64' as const },
  executable: platform === 'win32' ? 'engine.exe' : 'engine',
  console: null,
  glibc: null,
  maxSizeBytes: null,
});
const file = (path: string) => ({ type: 'file' as const, path, size: 1, mode: 0o644 });
const ofLength = (length: number, first = 'a'): string => `_internal/${first.padEnd(length - 10, 'x')}`;

test('a file whose path leaves too little for the names of user and app on Windows is warned of, the longest first', () => {
  const [problem, ...others] = judgePathLengths(
    [file(ofLength(100)), file(ofLength(170, 'b')), file(ofLength(190, 'c'))],
    expectations('win32'),
  );
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ id: 'path-length', severity: 'warning' });
  expect(problem?.message).toBe(
    '2 files have paths that may be too long for Windows, which opens none of more than 259 letters. ' +
      String.raw`In C:\Users\<user>\AppData\Local\Programs\<app>\resources\engine 18 letters are left for both names:` +
      `\n  ${ofLength(190, 'c')}\n  ${ofLength(170, 'b')}`,
  );
});

test('what is left is exact: with names of so many letters the path has 259', () => {
  const left = /(\d+) letters/.exec(
    judgePathLengths([file(ofLength(180))], expectations('win32'))[0]?.message.split('resources')[1] ?? '',
  )?.[1];
  const user = 'u'.repeat(10);
  const app = 'p'.repeat(Number(left) - 10);
  expect(
    `C:\\Users\\${user}\\AppData\\Local\\Programs\\${app}\\resources\\engine\\${ofLength(180)}`,
  ).toHaveLength(259);
});

test.each([
  [300, 'nothing is left for both names'],
  [207, 'one letter is left for both names'],
])('a path of %i letters says that %s', (length, words) => {
  expect(judgePathLengths([file(ofLength(length))], expectations('win32'))[0]?.message).toContain(words);
});

test('elsewhere paths are as long as they are', () => {
  expect(judgePathLengths([file(ofLength(300))], expectations('linux'))).toEqual([]);
});
