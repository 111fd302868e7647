/** What `npm run test:windows` runs, and what Wine cannot show. */

/** One call of vitest under Windows Node. */
export interface Part {
  readonly name: string;
  readonly project: 'unit' | 'windows';
  /** Folder below `test/`. */
  readonly filter: string;
  readonly timeoutMs: number;
  /** What it is about, for the page. */
  readonly about: string;
}

const unit = (filter: string, about: string): Part => ({
  name: filter,
  project: 'unit',
  filter: `test/${filter}/`,
  timeoutMs: 480_000,
  about,
});

/** The longest first. */
export const parts: readonly Part[] = [
  {
    name: 'journey',
    project: 'windows',
    filter: 'test/windows/',
    timeoutMs: 1_200_000,
    about: 'a project is built, verified, placed and run',
  },
  unit('place', 'copying into the resources of an app'),
  unit('bundle', 'what a frozen program is made of'),
];

/** A test that is not run, or that cannot pass under Wine. */
export interface Exception {
  /** Beginning of `file > title`. */
  readonly test: string;
  readonly reason: string;
}

const links = 'Wine 8 does not list symbolic links';

/** Failures of Wine, not of Windows. One that is listed here and passes is counted as passed. */
export const exceptions: readonly Exception[] = [
  {
    test: 'test/place/place.test.ts > placeBackends puts each backend into its folder',
    reason: links,
  },
  { test: 'test/bundle/walk.test.ts > listBundle lists files, empty folders and links', reason: links },
];
