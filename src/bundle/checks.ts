import path from 'node:path';
import { hostTarget, targetName } from '../target.js';
import { readArchive, readArchiveEntry, type Archive } from './archive/archive.js';
import { contentsFolder } from './archive/contents-folder.js';
import { compareVersionTexts } from '../config/version-range.js';
import { inspectBundle, inspectBytes, type InspectedFile } from './binary/inspect.js';
import { describeLinkProblem, linkProblems } from './links.js';
import { formatBytes } from '../lib/text.js';
import { isLoaded, judgeParts } from './parts.js';
import { judgePathLengths } from './path-lengths.js';
import {
  count,
  formatNames,
  formats,
  shorten,
  type BundleExpectations,
  type BundleProblem,
} from './problem.js';
import { bundleSize, listBundle, type BundleEntry } from './walk.js';

export type { BundleExpectations, BundleProblem } from './problem.js';

/** What the headers of a bundle's programs and libraries say together. */
export interface BundleFacts {
  readonly sizeBytes: number;
  readonly binaries: number;
  /** Linux: what each file needs of glibc, the highest first; files that need none are left out. */
  readonly glibc: readonly { readonly version: string; readonly file: string }[];
  /** macOS: the highest of all lowest systems, and who asks for it. */
  readonly minimumSystem: { readonly version: string; readonly file: string } | null;
}

/** The result of {@link checkBundle}. */
export interface BundleCheck {
  readonly facts: BundleFacts;
  readonly problems: readonly BundleProblem[];
}

/**
 * Check a bundle by its files' headers alone, for any platform on any machine: architecture of every program and library,
 * glibc floor, Windows subsystem, links, permission, size. Looks into one-file programs too.
 *
 * @throws PyInstallerError `ERR_NOT_FOUND` when the folder is missing. Everything else is reported as a problem.
 */
export async function checkBundle(dir: string, expectations: BundleExpectations): Promise<BundleCheck> {
  const { executable } = expectations;
  const entries = await listBundle(dir);
  const binaries = await inspectBundle(dir, entries);
  const program = path.join(dir, executable);
  const hasProgram = entries.some((entry) => entry.type === 'file' && entry.path === executable);
  const archive = hasProgram ? await readArchive(program) : null;
  const packed = await inspectPacked(program, executable, archive);
  const library = archive?.pythonLibrary ?? '';
  const isInside = archive?.entries.some(({ name }) => path.posix.basename(name) === library) ?? false;
  const asked =
    library === '' || isInside ? null : path.posix.join(await contentsFolder(dir, executable), library);
  return judgeBundle(entries, [...binaries, ...packed], expectations, hostTarget().platform, asked);
}

/** Programs and libraries inside a one-file program. */
async function inspectPacked(
  program: string,
  name: string,
  archive: Archive | null,
): Promise<InspectedFile[]> {
  const found: InspectedFile[] = [];
  for (const entry of archive?.entries ?? []) {
    if (entry.type !== 'binary') continue;
    const bytes = await readArchiveEntry(program, entry).catch(() => null);
    const info = bytes === null ? null : await inspectBytes(bytes);
    if (info !== null) found.push({ path: `${name}!/${entry.name}`, size: entry.fullBytes, info });
  }
  return found;
}

/**
 * The decisions of {@link checkBundle}, from what was found. Pure but for the name of this machine's platform.
 *
 * @param asked Library of Python that the program loads, relative to the bundle; null: inside of it, or not known.
 */
export function judgeBundle(
  entries: readonly BundleEntry[],
  binaries: readonly InspectedFile[],
  expectations: BundleExpectations,
  hostPlatform: string = hostTarget().platform,
  asked: string | null = null,
): BundleCheck {
  const own = binaries.filter((file) => file.info.format === formats[expectations.target.platform]);
  const facts: BundleFacts = {
    sizeBytes: bundleSize(entries),
    binaries: own.length,
    glibc: glibcNeeds(own),
    minimumSystem: minimumSystem(own),
  };
  const problems = [
    ...judgeLinks(entries),
    ...judgeProgram(entries, binaries, expectations, hostPlatform),
    ...judgeArchitectures(own, expectations),
    ...judgeLibc(own, expectations),
    ...judgeGlibc(facts, expectations),
    ...judgeSegments(own, expectations),
    ...judgeParts(entries, binaries, expectations, asked, expectations.target.platform !== hostPlatform),
    ...judgeSize(facts, expectations),
    ...judgePathLengths(entries, expectations),
  ];
  return { facts, problems };
}

function glibcNeeds(files: readonly InspectedFile[]): { version: string; file: string }[] {
  return files
    .flatMap(({ path: file, info }) =>
      info.format === 'elf' && info.glibc !== null ? [{ version: info.glibc, file }] : [],
    )
    .sort((a, b) => compareVersionTexts(b.version, a.version) || (a.file < b.file ? -1 : 1));
}

function minimumSystem(files: readonly InspectedFile[]): { version: string; file: string } | null {
  let highest: { version: string; file: string } | null = null;
  for (const { path: file, info } of files) {
    if (info.format !== 'mach-o') continue;
    for (const { minimumSystem: version } of info.slices) {
      if (version !== null && (highest === null || compareVersionTexts(version, highest.version) > 0)) {
        highest = { version, file };
      }
    }
  }
  return highest;
}

function judgeLinks(entries: readonly BundleEntry[]): BundleProblem[] {
  return linkProblems(entries).map((problem) => ({
    id: 'link',
    severity: 'error',
    message: `The link ${describeLinkProblem(problem)}.`,
    hint: 'Copy bundles with their links kept as text (`cp -a`, `tar`), not with a tool that resolves or rewrites them.',
  }));
}

function judgeProgram(
  entries: readonly BundleEntry[],
  binaries: readonly InspectedFile[],
  { target, executable, console }: BundleExpectations,
  hostPlatform: string,
): BundleProblem[] {
  const entry = entries.find((candidate) => candidate.path === executable);
  if (entry === undefined || entry.type !== 'file') {
    return [
      {
        id: 'executable',
        severity: 'error',
        message: `The program ${executable} is ${entry === undefined ? 'missing' : `a ${entry.type}`}.`,
        hint: 'Check `pyinstaller.name`; a virus scanner may also have removed it.',
      },
    ];
  }
  const problems: BundleProblem[] = [];
  const hasModes = target.platform !== 'win32' && hostPlatform !== 'win32';
  if (hasModes && (entry.mode & 0o111) === 0) {
    problems.push({
      id: 'executable',
      severity: 'error',
      message: `The program ${executable} is not executable (mode ${(entry.mode & 0o777).toString(8)}).`,
      hint: 'Permissions were lost on the way: zip files made on Windows and some artifact uploads drop them. Use tar, or `chmod +x`.',
    });
  }
  const info = binaries.find((file) => file.path === executable)?.info;
  const expected = formats[target.platform];
  if (info?.format === 'damaged') {
    problems.push({
      id: 'damaged',
      severity: 'error',
      message: `The program ${executable} is damaged or cut short: it begins like ${formatNames[info.claims]}, but ${info.reason}.`,
      hint: 'The disk was full or a copy was interrupted: freeze again with `npx electron-pyinstaller build --force`.',
    });
  } else if (info?.format !== expected) {
    problems.push({
      id: 'format',
      severity: 'error',
      message: `The program ${executable} is ${info === undefined ? 'no program' : `a ${formatNames[info.format]} program`}, not one for ${targetName(target)}.`,
      hint: 'Freeze on the platform the app is for, or give a `prebuilt` bundle that was.',
    });
  }
  if (info?.format === 'pe' && console !== null && (info.subsystem === 'console') !== console) {
    problems.push({
      id: 'subsystem',
      severity: 'error',
      message: `The program ${executable} is a ${info.subsystem} program; \`pyinstaller.console\` is ${String(console)}.`,
      hint: console
        ? 'A window program has no standard streams, so the app could not talk to it. Freeze again with `console: true` (no window is shown).'
        : 'Freeze again with `console: false`.',
    });
  }
  return problems;
}

function judgeArchitectures(
  files: readonly InspectedFile[],
  { target, executable }: BundleExpectations,
): BundleProblem[] {
  const wrong = files.filter(({ info }) => !(info.archs as readonly string[]).includes(target.arch));
  const describe = (list: readonly InspectedFile[]): string =>
    shorten(list.map(({ path: file, info }) => `${file} (${info.archs.join(', ')})`));
  const fatal = wrong.filter((file) => isLoaded(file.path, executable, target.platform));
  const others = wrong.filter((file) => !isLoaded(file.path, executable, target.platform));
  const problems: BundleProblem[] = [];
  if (fatal.length > 0) {
    problems.push({
      id: 'arch',
      severity: 'error',
      message: `${count(fatal.length, 'file is', 'files are')} not for ${target.arch}:${describe(fatal)}`,
      hint: `Freeze with a Python for ${targetName(target)}, and wheels for it.`,
    });
  }
  if (others.length > 0) {
    problems.push({
      id: 'arch',
      severity: 'warning',
      message: `${count(others.length, 'library is', 'libraries are')} not for ${target.arch}:${describe(others)}`,
      hint: 'Some packages carry libraries for several architectures; then this is only wasted space.',
    });
  }
  return problems;
}

function judgeLibc(files: readonly InspectedFile[], { executable }: BundleExpectations): BundleProblem[] {
  const info = files.find((file) => file.path === executable)?.info;
  if (info?.format !== 'elf' || info.libc !== 'musl') return [];
  return [
    {
      id: 'libc',
      severity: 'warning',
      message: `The program ${executable} needs the musl C library (loader ${info.interpreter ?? 'unknown'}).`,
      hint: 'Electron itself needs glibc, so no machine that runs the app has musl as a rule. Freeze in a Debian, Ubuntu or manylinux container.',
    },
  ];
}

function judgeGlibc({ glibc }: BundleFacts, { glibc: allowed }: BundleExpectations): BundleProblem[] {
  if (allowed === null) return [];
  const above = glibc.filter(({ version }) => compareVersionTexts(version, allowed) > 0);
  if (above.length === 0) return [];
  return [
    {
      id: 'glibc',
      severity: 'error',
      message: `${count(above.length, 'file needs', 'files need')} a newer glibc than the allowed ${allowed}:${shorten(above.map(({ file, version }) => `${file} needs ${version}`))}`,
      hint: 'Libraries of this machine went into the bundle. Freeze in an older container (manylinux_2_28, Ubuntu 20.04), or with a Python that brings its own libraries (`uv python install`), or raise `verify.glibc`.',
    },
  ];
}

/** Libraries that the loader refuses, whatever asks for them and however late. */
function judgeSegments(files: readonly InspectedFile[], expectations: BundleExpectations): BundleProblem[] {
  const { target, executable, strip } = expectations;
  const found = files.flatMap(({ path: file, info }) =>
    info.format === 'elf' &&
    info.type !== 'other' &&
    info.misaligned !== null &&
    info.archs.some((arch) => arch === target.arch)
      ? [{ file, ...info.misaligned }]
      : [],
  );
  const needed = new Set(files.flatMap(({ info }) => (info.format === 'elf' ? info.needed : [])));
  const isUsed = (file: string): boolean =>
    isLoaded(file, executable, target.platform) || needed.has(file.slice(file.lastIndexOf('/') + 1));
  const never = found.filter(({ refusedBy }) => refusedBy === 'any');
  const old = found.filter(({ refusedBy }) => refusedBy === 'old');
  const describe = (list: typeof found): string =>
    shorten(
      list.map(
        ({ file, offset, address }) =>
          `${file}: the segment at ${hex(offset)} of the file is for address ${hex(address)}, another place of a page`,
      ),
    );
  const problems: BundleProblem[] = [];
  if (never.length > 0) {
    problems.push({
      id: 'segment',
      severity: strip === true || never.some(({ file }) => isUsed(file)) ? 'error' : 'warning',
      message: `${count(never.length, 'library', 'libraries')} cannot be loaded on any machine (“ELF load command address/offset not page-aligned”):${describe(never)}`,
      hint: stripHint(strip),
    });
  }
  if (old.length > 0) {
    problems.push({
      id: 'segment',
      severity: 'warning',
      message: `${count(old.length, 'library', 'libraries')} cannot be loaded by glibc before 2.35 (Ubuntu 20.04, Debian 11):${describe(old)}`,
      hint: stripHint(strip),
    });
  }
  return problems;
}

function stripHint(strip: boolean | undefined): string {
  const cause =
    '`strip` does this to libraries that were rewritten by patchelf, such as the OpenBLAS of numpy and scipy.';
  if (strip === true) return `${cause} Remove \`strip: true\` from \`pyinstaller\`.`;
  return strip === false
    ? 'Its package is damaged, or something rewrote it (`strip`, `patchelf`): install the package again, or another version of it.'
    : `${cause} Build again without it.`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function judgeSize({ sizeBytes }: BundleFacts, { maxSizeBytes }: BundleExpectations): BundleProblem[] {
  if (maxSizeBytes === null || sizeBytes <= maxSizeBytes) return [];
  return [
    {
      id: 'size',
      severity: 'error',
      message: `The bundle has ${formatBytes(sizeBytes)}, more than the allowed ${formatBytes(maxSizeBytes)}.`,
      hint: '`npx electron-pyinstaller report` shows what takes the space and which line removes it; or raise `verify.maxSize`.',
    },
  ];
}
