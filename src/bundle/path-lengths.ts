import { longestWindowsPath } from '../lib/paths.js';
import { count, shorten, type BundleExpectations, type BundleProblem } from './problem.js';
import type { BundleEntry } from './walk.js';

/** What should be left for two names that nobody knows here: the longest of a local account has 20 letters. */
const namesOfUserAndApp = 40;

/** Where an installer puts an app for one user, which is what those of both hosts do unless they are told otherwise. */
const inAppFolder = (backend: string, file: string): string =>
  `C:\\Users\\\\AppData\\Local\\Programs\\\\resources\\${backend}\\${file.replaceAll('/', '\\')}`;

/** Windows: files whose path gets too long where apps are installed. Opening them fails there, on this machine it does not. */
export function judgePathLengths(
  entries: readonly BundleEntry[],
  { target, executable }: BundleExpectations,
): BundleProblem[] {
  if (target.platform !== 'win32') return [];
  const backend = executable.replace(/\.exe$/, '');
  const long = entries
    .filter(({ type }) => type !== 'directory')
    .map(({ path: file }) => ({ file, left: longestWindowsPath - inAppFolder(backend, file).length }))
    .filter(({ left }) => left < namesOfUserAndApp)
    .sort((a, b) => a.left - b.left);
  const [worst] = long;
  if (worst === undefined) return [];
  const room =
    worst.left < 1 ? 'nothing is' : worst.left === 1 ? 'one letter is' : `${worst.left} letters are`;
  return [
    {
      id: 'path-length',
      severity: 'warning',
      message: `${count(long.length, 'file has a path', 'files have paths')} that may be too long for Windows, which opens none of more than ${longestWindowsPath} letters. In C:\\Users\\<user>\\AppData\\Local\\Programs\\<app>\\resources\\${backend} ${room} left for both names:${shorten(long.map(({ file }) => file))}`,
      hint: 'Leave out what the program does not open, with `pyinstaller.excludeFiles` or `exclude` of the rule in `data`; or give long folders of `data` a short `to`.',
    },
  ];
}
