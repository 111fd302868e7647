import { lstat, readlink } from 'node:fs/promises';
import path from 'node:path';
import { digestFile } from '../../bundle/digest.js';
import { inspectBinary } from '../../bundle/binary/inspect.js';
import { isSameContent } from '../../bundle/manifest-differences.js';
import { mapLimited } from '../../lib/map-limited.js';
import { PyInstallerError } from '../../errors.js';
import type { FrozenProgram, Manifest, ManifestFile } from '../../runtime/manifest.js';
import { parsePlatform } from './targets.js';

/** One way in which a packaged backend differs from what was frozen. */
export interface PlacementProblem {
  readonly backend: string;
  /** Folder the file belongs to, absolute. */
  readonly directory: string;
  /** Relative to the folder, `/` between. */
  readonly file: string;
  /** What is wrong, as the second half of a sentence: `is missing`. */
  readonly problem: string;
}

/**
 * Compare the backends in a packaged app with the manifest: presence of every file, link targets, execute permission, sizes, and the
 * contents of the files without which Python does not start and of those whose size says nothing, because signing changes it: the programs
 * and libraries of Windows and macOS. Digests allow for code signing.
 *
 * @param resourcesDir - absolute resources folder of the packaged app
 * @param manifest - what was placed
 * @param platform - platform of the packaged app; execute permission means nothing for `win32`
 */
export async function findPlacementProblems(
  resourcesDir: string,
  manifest: Manifest,
  platform: string,
): Promise<PlacementProblem[]> {
  const problems: PlacementProblem[] = [];
  for (const { name, program, settings } of Object.values(manifest.backends)) {
    if (program.type !== 'frozen') continue;
    const comparesContents = settings.integrity !== 'off';
    for (const { arch, directory, files } of placedFolders(program)) {
      const folder = path.join(resourcesDir, directory);
      const seen = await mapLimited(files, 8, async (expected) => {
        const file = path.join(folder, ...expected.path.split('/'));
        return (
          (await checkFile(file, expected, platform)) ??
          (comparesContents ? await checkContents(file, expected, { platform, arch }) : null)
        );
      });
      files.forEach(({ path: file }, index) => {
        const problem = seen[index] ?? null;
        if (problem !== null) problems.push({ backend: name, directory: folder, file, problem });
      });
    }
  }
  return problems;
}

interface PlacedFolder {
  readonly arch: string;
  readonly directory: string;
  readonly files: readonly ManifestFile[];
}

function placedFolders(program: FrozenProgram): PlacedFolder[] {
  return Object.entries(program.directories).map(([arch, directory]) => ({
    arch,
    directory,
    files: program.files[arch] ?? [],
  }));
}

async function checkFile(file: string, expected: ManifestFile, platform: string): Promise<string | null> {
  const found = await lstat(file).catch(() => null);
  if (found === null) return 'is missing';
  if (expected.type === 'link') {
    if (platform === 'win32') return null;
    if (!found.isSymbolicLink()) return 'is no longer a symbolic link';
    const target = await readlink(file);
    return target === expected.target ? null : `points to ${target} instead of ${expected.target}`;
  }
  if (!found.isFile()) return 'is not a file';
  // A Windows host has no execute bits; an app for Windows does not use them.
  if (
    expected.executable &&
    platform !== 'win32' &&
    process.platform !== 'win32' &&
    (found.mode & 0o100) === 0
  ) {
    return 'is not executable';
  }
  return null;
}

async function checkContents(
  file: string,
  expected: ManifestFile,
  { platform, arch }: { platform: string; arch: string },
): Promise<string | null> {
  if (expected.type === 'link') return null;
  if (expected.algorithm === 'sha256') {
    const { size } = await lstat(file);
    if (size !== expected.size) return `has ${size} bytes; ${expected.size} were frozen`;
    if (!expected.core) return null;
  }
  if (isSameContent(expected, await digestFile(file, parsePlatform(platform)))) return null;
  const archs: readonly string[] = expected.core ? ((await inspectBinary(file))?.archs ?? []) : [];
  return archs.length === 0 || archs.includes(arch)
    ? 'is not the file that was frozen'
    : `is made for ${archs.join(', ')}, not for ${arch}`;
}

/**
 * Throw when the packaged backends are not as they were frozen.
 *
 * @throws PyInstallerError `ERR_PLACE` naming the first differences and what usually causes them
 */
export function failOnProblems(problems: readonly PlacementProblem[], hint: string): void {
  const first = problems[0];
  if (first === undefined) return;
  const shown = problems
    .slice(0, 5)
    .map(({ directory, file, problem }) => `  ${path.join(directory, file)} ${problem}`);
  if (problems.length > shown.length) shown.push(`  and ${problems.length - shown.length} more`);
  throw new PyInstallerError(
    'ERR_PLACE',
    `Backend "${first.backend}" is not complete in the packaged app:\n${shown.join('\n')}`,
    { backend: first.backend, hint },
  );
}
