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
  timeoutMs: 2_400_000,
  about,
});

/** The longest first. */
export const parts: readonly Part[] = [
  {
    name: 'journey',
    project: 'windows',
    filter: 'test/windows/',
    timeoutMs: 1_800_000,
    about: 'a project is built, verified, placed and run',
  },
  unit('lib', 'paths, files, globs, locks, running programs'),
  unit('advice', 'causes and edits of what fails'),
  unit('config', 'the configuration: found, checked, resolved'),
  unit('python', 'interpreters and environments'),
  unit('freeze', 'freezing, the driver of PyInstaller, warnings that become errors'),
  unit('bundle', 'what a frozen program is made of'),
  unit('verify', 'trying what was frozen'),
  unit('place', 'copying into the resources of an app'),
  unit('hosts', 'Electron Forge, electron-builder, the generated module'),
  unit('cli', 'the command line, init, doctor'),
  unit('runtime', 'starting, watching, asking and ending backends'),
];

/** The parts of these names and, for each file or folder below `test/`, a part of its own; null when one is neither. */
export function partsOf(wanted: readonly string[]): readonly Part[] | null {
  const chosen = wanted.map((one) => {
    const part = parts.find(({ name, filter }) => name === one || `${one}/`.startsWith(filter));
    if (part === undefined || one.length <= part.filter.length) return part;
    return { ...part, name: one.slice('test/'.length).replaceAll('/', '-'), filter: one };
  });
  return chosen.includes(undefined) ? null : chosen.filter((part) => part !== undefined);
}

/** A test that is not run, or that cannot pass under Wine. */
export interface Exception {
  /** Beginning of `file > title`. */
  readonly test: string;
  readonly reason: string;
}

const links = 'Wine 8 makes no symbolic links, and says that it did';

/** Failures of Wine, or of what a test is made of, not of Windows. One that is listed here and passes is counted as passed. */
export const exceptions: readonly Exception[] = [
  {
    test: 'test/place/place.test.ts > placeBackends puts each backend into its folder',
    reason: links,
  },
  {
    test: 'test/hosts/forge/plugin.test.ts > windowsSign also signs the extension modules',
    reason: 'Wine 8 makes no junctions',
  },
  { test: 'test/bundle/walk.test.ts > listBundle lists files, empty folders and links', reason: links },
  { test: 'test/bundle/checks.test.ts > checkBundle on real files reports bad links', reason: links },
  {
    test: 'test/bundle/checks.test.ts > checkBundle on real files finds a program for another system, and one without permission',
    reason: 'Windows has no permission to run',
  },
  { test: 'test/bundle/digest.test.ts > digestBundle lists files and links', reason: links },
  { test: 'test/bundle/archive/unpack-onefile.test.ts > what a onefile program unpacks', reason: links },
  { test: 'test/bundle/digest.test.ts > digestBundle refuses links', reason: links },
  ...[
    'is accepted when it is whole',
    'is refused with no Python',
    'is refused with no link to the current version',
    'is refused with links that became copies',
    'may have a framework without Info.plist and links',
    'needs no signature for Intel',
  ].map((title) => ({
    test: `test/bundle/parts.test.ts > a bundle for macOS that was made elsewhere ${title}`,
    reason: links,
  })),
  ...[
    'a published bundle is found with its links and permissions',
    'a bundle with a link that became a copy',
    'a bundle with a link elsewhere',
  ].map((title) => ({ test: `test/freeze/cache.test.ts > ${title}`, reason: links })),
  {
    test: 'test/freeze/cache.test.ts > a bundle with a lost permission',
    reason: 'Windows has no permission to run',
  },
  { test: 'test/freeze/sources.test.ts > a module under two names', reason: links },
  ...['is accepted after it was signed there', 'is accepted with the record', 'is judged by'].map(
    (title) => ({
      test: `test/freeze/prebuilt/signed.test.ts > a bundle for macOS from another machine ${title}`,
      reason: links,
    }),
  ),
  {
    test: 'test/python/environment/own-version.test.ts > a new tag, another text',
    reason: 'a git for Windows is not here',
  },
];
