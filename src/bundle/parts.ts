import { targetName, type TargetPlatform } from '../target.js';
import type { InspectedFile } from './binary/inspect.js';
import { isCoreFile } from './digest.js';
import {
  count,
  formatNames,
  formats,
  shorten,
  type BundleExpectations,
  type BundleProblem,
} from './problem.js';
import type { BundleEntry } from './walk.js';

/** Files Python itself loads at start or on import: a wrong or damaged one is fatal. */
export function isLoaded(file: string, executable: string, platform: TargetPlatform): boolean {
  if (isCoreFile(file, executable)) return !file.endsWith('.zip');
  if (platform === 'win32') return /\.pyd$/i.test(file);
  // The module of another system that a package carries beside the right one.
  if (/-(?:darwin|linux-[^/]*|win[^/]*)\.so$/.test(file) && !file.includes(`-${platform}`)) return false;
  return /\.(?:cpython-|cp\d|abi3|pypy)[^/]*\.so$|\/lib-dynload\/[^/]*\.so$/.test(file);
}

/**
 * Whether a bundle has what its program needs at start, each of the right kind. Pure.
 *
 * @param asked Library of Python that the program loads, relative to the bundle; null: inside of it, or not known.
 * @param isForeign The bundle cannot be run here, where it would say itself that there is no Python.
 */
export function judgeParts(
  entries: readonly BundleEntry[],
  binaries: readonly InspectedFile[],
  expectations: BundleExpectations,
  asked: string | null,
  isForeign: boolean,
): BundleProblem[] {
  const isMac = expectations.target.platform === 'darwin';
  return [
    ...judgeFormats(entries, binaries, expectations),
    ...judgeDamaged(binaries, expectations),
    ...judgePython(entries, asked, isForeign),
    ...(isMac ? judgeFrameworks(entries) : []),
    ...(isMac ? judgeSignatures(binaries, expectations) : []),
  ];
}

/** Libraries that Python loads and that are for another system, or no libraries at all. */
function judgeFormats(
  entries: readonly BundleEntry[],
  binaries: readonly InspectedFile[],
  { target, executable }: BundleExpectations,
): BundleProblem[] {
  const byPath = new Map(binaries.map((file) => [file.path, file.info]));
  const isRead = (file: string): boolean =>
    file !== executable && isLoaded(file, executable, target.platform);
  const paths = new Set([
    ...binaries.map(({ path }) => path),
    ...entries.flatMap((entry) => (entry.type === 'file' ? [entry.path] : [])),
  ]);
  const wrong = [...paths].filter(isRead).flatMap((file) => {
    const format = byPath.get(file)?.format;
    if (format === formats[target.platform] || format === 'damaged') return [];
    return [`${file} (${format === undefined ? 'no library' : formatNames[format]})`];
  });
  if (wrong.length === 0) return [];
  return [
    {
      id: 'format',
      severity: 'error',
      message: `${count(wrong.length, 'file that Python loads is', 'files that Python loads are')} not for ${targetName(target)}:${shorten(wrong)}`,
      hint: 'Something replaced or emptied them after the freeze: take the bundle over unchanged, as a tar file.',
    },
  ];
}

function judgeDamaged(
  binaries: readonly InspectedFile[],
  { target, executable }: BundleExpectations,
): BundleProblem[] {
  const damaged = binaries.flatMap(({ path: file, info }) =>
    info.format === 'damaged' && file !== executable
      ? [{ file, text: `${file}: it begins like ${formatNames[info.claims]}, but ${info.reason}` }]
      : [],
  );
  const fatal = damaged.filter(({ file }) => isLoaded(file, executable, target.platform));
  const others = damaged.filter((one) => !fatal.includes(one));
  const problem = (
    list: typeof damaged,
    severity: BundleProblem['severity'],
    hint: string,
  ): BundleProblem[] =>
    list.length === 0
      ? []
      : [
          {
            id: 'damaged',
            severity,
            message: `${count(list.length, 'file is', 'files are')} damaged or cut short:${shorten(list.map(({ text }) => text))}`,
            hint,
          },
        ];
  return [
    ...problem(
      fatal,
      'error',
      'Python loads it. The disk was full or a copy was interrupted: freeze again, or take the bundle over once more.',
    ),
    ...problem(
      others,
      'warning',
      'Data for tests looks like this. If it is a library of yours, install its package again.',
    ),
  ];
}

/** A library of Python, whatever the system calls it. */
const pythonLibrary =
  /(?:^|\/)(?:libpython[^/]*\.(?:so|dylib)[^/]*|libpypy[^/]*|python3\d+[^/]*\.dll|Python[3T]?|\.Python)$/i;

function judgePython(
  entries: readonly BundleEntry[],
  asked: string | null,
  isForeign: boolean,
): BundleProblem[] {
  const files = entries.filter((entry) => entry.type !== 'directory');
  const library = files.find(({ path }) => path.toLowerCase() === asked?.toLowerCase());
  const isFolder = isForeign && files.some(({ path }) => path.endsWith('base_library.zip'));
  const isThere =
    asked === null ? !isFolder || files.some(({ path }) => pythonLibrary.test(path)) : library !== undefined;
  const problems: BundleProblem[] = [];
  if (!isThere) {
    problems.push({
      id: 'python',
      severity: 'error',
      message:
        asked === null
          ? 'There is no Python in it: no library such as libpython3.12.so, python312.dll or Python.framework.'
          : `There is no Python in it: the program loads ${asked}, which is missing.`,
      hint: 'Freeze again, and take the whole folder over, with its links (as a tar file).',
    });
  }
  const empty = files.find(
    (entry) => entry.type === 'file' && entry.path.endsWith('base_library.zip') && entry.size === 0,
  );
  if (empty !== undefined) {
    problems.push({
      id: 'python',
      severity: 'error',
      message: `Python's own modules are missing: ${empty.path} is empty.`,
      hint: 'The disk was full or a copy was interrupted: freeze again, or take the bundle over once more.',
    });
  }
  return problems;
}

/** What `codesign` and the loader ask of a framework: links to the current version, and an Info.plist. */
function judgeFrameworks(entries: readonly BundleEntry[]): BundleProblem[] {
  const types = new Map(entries.map((entry) => [entry.path, entry.type]));
  const broken: string[] = [];
  const bare: string[] = [];
  const seen = new Set<string>();
  for (const { path: file, type } of entries) {
    const match = /^((?:.*\/)?([^/]+)\.framework)\/Versions\/(?!Current\/)([^/]+)\/\2$/.exec(file);
    const [, folder = '', name = '', version = ''] = match ?? [];
    if (match === null || type !== 'file' || seen.has(folder)) continue;
    seen.add(folder);
    const links = ['Versions/Current', name, 'Resources'].map((link) => `${folder}/${link}`);
    const plist = `${folder}/Versions/${version}/Resources/Info.plist`;
    const hasPlist = types.get(plist) === 'file';
    // PyInstaller leaves both out when the package has no Info.plist (old PyQt): it runs, but cannot be notarised.
    if (!hasPlist && !links.some((link) => types.has(link)) && !/^Python[3T]?$/.test(name)) {
      bare.push(folder);
      continue;
    }
    if (!hasPlist) broken.push(`${plist} is missing`);
    for (const link of links) {
      const found = types.get(link);
      if (found !== 'link')
        broken.push(`${link} is ${found === undefined ? 'missing' : `a ${found}, not a link`}`);
    }
  }
  const problems: BundleProblem[] = [];
  if (broken.length > 0) {
    problems.push({
      id: 'framework',
      severity: 'error',
      message: `A framework is not complete; \`codesign\` and macOS refuse it:${shorten(broken)}`,
      hint: 'Copies and uploads that follow links lose them: take the bundle over as a tar file, or with `ditto`, or freeze again.',
    });
  }
  if (bare.length > 0) {
    problems.push({
      id: 'framework',
      severity: 'warning',
      message: `${count(bare.length, 'framework has', 'frameworks have')} no Info.plist and no links, so \`codesign\` signs only the library inside:${shorten(bare)}`,
      hint: "Apple's notary may refuse it: install a newer version of its package.",
    });
  }
  return problems;
}

/** Macs with Apple's processor run and load nothing without a signature, if only one without identity. */
function judgeSignatures(
  binaries: readonly InspectedFile[],
  { target, executable }: BundleExpectations,
): BundleProblem[] {
  if (target.arch !== 'arm64') return [];
  const unsigned = binaries.flatMap(({ path: file, info }) =>
    isLoaded(file, executable, target.platform) &&
    info.format === 'mach-o' &&
    info.slices.some(({ arch, signature }) => arch === 'arm64' && signature === 'none')
      ? [file]
      : [],
  );
  if (unsigned.length === 0) return [];
  return [
    {
      id: 'signature',
      severity: 'error',
      message: `${count(unsigned.length, 'file has', 'files have')} no signature, not even one without identity; Macs with Apple's processor refuse such files:${shorten(unsigned)}`,
      hint: 'PyInstaller signs what it collects; something removed it (`strip`, `lipo`, a patch). Freeze again, or sign each file with `codesign --force --sign -`.',
    },
  ];
}
