import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { globToRegExp } from '../../lib/glob.js';
import type { TargetPlatform } from '../../target.js';
import type { Audit } from '../driver/records.js';
import type { CollectedFile } from '../fingerprint/data-files.js';
import { descriptorName } from '../plan.js';

/** A file that is laid in: where it comes from, absolute, and its place in the contents folder, `/` as separator. */
export interface LaidFile {
  readonly source: string;
  readonly place: string;
}

/** What comes of laying files in beside what PyInstaller collected. */
export interface Arrangement {
  /** Sorted by place. */
  readonly laid: readonly LaidFile[];
  /** Places of PyInstaller's own that are replaced. */
  readonly replaced: readonly string[];
  /** All files, laid ones too, as PyInstaller would list them. */
  readonly files: Audit['files'];
  /** Places where a file and a folder would have to be at once. */
  readonly blocked: readonly string[];
}

/** Files with the places they have in the contents folder. */
export function placeFiles(files: readonly CollectedFile[]): LaidFile[] {
  return files.map(({ source, destination }) => ({
    source,
    place: path.posix.join(withSlashes(destination), path.basename(source)),
  }));
}

/**
 * {@link arrange} for the program of a backend, without what `pyinstaller.excludeFiles` leaves out.
 *
 * @returns also the patterns that leave out nothing.
 * @throws PyInstallerError `ERR_FREEZE` when a file and a folder would have to be in the same place.
 */
export function arrangeBeside(
  backend: ResolvedBackend,
  audit: Pick<Audit, 'files' | 'programs' | 'idleExclusions'>,
  wanted: readonly LaidFile[],
): Arrangement & Pick<Audit, 'idleExclusions'> {
  const leavesOut = (pattern: string): ((file: LaidFile) => boolean) => {
    const expression = globToRegExp(pattern);
    return ({ place }) => expression.test(place);
  };
  const exclusions = backend.pyinstaller.excludeFiles.map(leavesOut);
  const kept = wanted.filter((file) => !exclusions.some((isLeftOut) => isLeftOut(file)));
  const idleExclusions = audit.idleExclusions.filter((pattern) => !wanted.some(leavesOut(pattern)));
  const isBeside = contentsOf(backend) === '.';
  const programs = isBeside ? audit.programs.map((program) => path.basename(program)) : [];
  const arranged = arrange(audit.files, kept, programs, backend.target.platform);
  const [blocked] = arranged.blocked;
  if (blocked === undefined) return { ...arranged, idleExclusions };
  throw new PyInstallerError(
    'ERR_FREEZE',
    `Freezing backend ${backend.name}: ${blocked} would have to be a file and a folder in the bundle.`,
    {
      backend: backend.name,
      file: backend.configFile,
      path: `${backend.configPath}.data`,
      hint: `Give one of the two another place: \`to\` of an entry of \`data\` in ${backend.configPath}.`,
    },
  );
}

/** The contents folder of a program frozen as a folder, relative to the bundle; `.`: the bundle itself. */
export function contentsOf(backend: Pick<ResolvedBackend, 'pyinstaller'>): string {
  return path.posix.normalize(withSlashes(backend.pyinstaller.contentsDirectory)).replace(/\/$/, '');
}

/**
 * Decide which files are laid in. The rules are PyInstaller's: what is named first wins, and data never takes the place of a program,
 * a library or a link.
 *
 * @param collected - What PyInstaller collected, places relative to the contents folder.
 * @param wanted - In the order of the configuration.
 * @param programs - Names of files in the contents folder that are no part of the collection.
 */
export function arrange(
  collected: Audit['files'],
  wanted: readonly LaidFile[],
  programs: readonly string[],
  platform: TargetPlatform,
): Arrangement {
  const identity = (place: string): string => (platform === 'win32' ? place.toLowerCase() : place);
  const rows = collected.map((row) => ({ row, place: path.posix.normalize(withSlashes(row[0])) }));
  const kinds = new Map(rows.map(({ row, place }) => [identity(place), row[2]]));
  for (const program of programs) kinds.set(identity(program), 'EXECUTABLE');
  kinds.set(descriptorName, 'EXECUTABLE');
  const laid = new Map<string, LaidFile>();
  for (const file of wanted) {
    const key = identity(file.place);
    const kind = kinds.get(key);
    if (!laid.has(key) && (kind === undefined || kind === 'DATA')) laid.set(key, file);
  }
  const kept = rows.filter(({ place }) => !laid.has(identity(place)));
  const sorted = [...laid.values()].sort((a, b) => (a.place < b.place ? -1 : 1));
  const places = [...kept.map(({ place }) => place), ...programs, ...sorted.map(({ place }) => place)];
  return {
    laid: sorted,
    replaced: rows.filter(({ place }) => laid.has(identity(place))).map(({ place }) => place),
    files: [
      ...kept.map(({ row }) => row),
      ...sorted.map(({ place, source }) => [place, source, 'DATA'] as const),
    ],
    blocked: blockedPlaces(places, identity),
  };
}

function blockedPlaces(places: readonly string[], identity: (place: string) => string): string[] {
  const files = new Set(places.map(identity));
  return [
    ...new Set(places.flatMap((place) => foldersOf(place)).filter((folder) => files.has(identity(folder)))),
  ];
}

/** `a/b/c` → `a`, `a/b`. */
function foldersOf(place: string): string[] {
  const parts = place.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** PyInstaller writes places as the system does that it ran on. */
function withSlashes(place: string): string {
  return place.replaceAll('\\', '/');
}
