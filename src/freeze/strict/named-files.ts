import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { relativeInside, shownPath, withSlashes } from '../../lib/paths.js';
import type { Audit, NamedFile } from '../driver/records.js';
import { bundledFolder, dataLine, type OwnFile } from './data-line.js';
import type { Finding } from './finding.js';

/** Places and edits that a message shows; the rest is counted. */
const shownPlaces = 3;

/**
 * Files that code names and that the frozen program will not find: one warning for each way of looking for them, since each has
 * its own cure.
 */
export function judgeNamedFiles(backend: ResolvedBackend, audit: Audit): Finding[] {
  const of = (kind: NamedFile['kind']): NamedFile[] => audit.namedFiles.filter((file) => file.kind === kind);
  return [
    ...beside(backend, of('beside')),
    ...above(backend, of('above')),
    ...relative(backend, audit, of('relative')),
    ...dotenv(backend, audit, of('dotenv')),
  ].map(([message, fix]) => ({ severity: 'warning', rule: 'named-file', message, fix }));
}

type Words = readonly [message: string, fix: string];

function beside(backend: ResolvedBackend, files: readonly NamedFile[]): Words[] {
  if (files.length === 0) return [];
  return [
    [
      `${places(backend, files)}: named in the code, there among the sources, and not in the bundle.`,
      `${add(backend, files)}.`,
    ],
  ];
}

function above(backend: ResolvedBackend, files: readonly NamedFile[]): Words[] {
  if (files.length === 0) return [];
  const moved = files.map((file) => ({
    ...file,
    bundle: relativeInside(backend.projectDir, file.source) ?? path.basename(file.source),
  }));
  return [
    [
      `${places(backend, files)}: a path above the source folder, which in the app is a folder that is not the program's.`,
      `Write ${resourcePaths(moved)} instead (from electron_pyinstaller import resource_path). ${add(backend, moved)}.`,
    ],
  ];
}

function relative(backend: ResolvedBackend, audit: Audit, files: readonly NamedFile[]): Words[] {
  const { cwd } = backend.settings;
  // Who chose the working directory knows what is there.
  if (files.length === 0 || (cwd !== null && cwd !== '{userData}')) return [];
  const moved = files.map((file) => ({ ...file, bundle: bundlePath(backend, file) }));
  const present = new Set(audit.files.map(([destination]) => destination.replaceAll('\\', '/')));
  const absent = moved.filter(({ bundle, folder }) =>
    folder ? ![...present].some((file) => file.startsWith(`${bundle}/`)) : !present.has(bundle),
  );
  const edit = absent.length === 0 ? '' : ` ${add(backend, absent)}.`;
  return [
    [
      `${places(backend, files)}: a path relative to the working directory, which in the app is the user's data folder.`,
      `Write ${resourcePaths(moved)} instead (from electron_pyinstaller import resource_path).${edit} (\`run.cwd\` sets another working directory.)`,
    ],
  ];
}

function dotenv(backend: ResolvedBackend, audit: Audit, files: readonly NamedFile[]): Words[] {
  const given = new Set(Object.keys(backend.settings.env));
  const read = files.filter(({ variables }) => variables.some((name) => !given.has(name)));
  if (read.length === 0) return [];
  const names = [...new Set(read.flatMap(({ variables }) => variables))].filter((name) => !given.has(name));
  const shown = names.slice(0, shownPlaces).map((name) => `${name}: '…'`);
  const rest = names.length > shown.length ? ', …' : '';
  const bundled = read.find(({ bundle }) => audit.files.some(([destination]) => destination === bundle));
  const inBundle =
    bundled === undefined
      ? ''
      : ` (What is in the bundle already is found with load_dotenv(resource_path('${bundled.bundle}')).)`;
  return [
    [
      `${places(backend, read)}: read in development; the frozen program looks in the user's data folder, and goes on without it.`,
      `Add run: { env: { ${shown.join(', ')}${rest} } } to ${backend.configPath} in ${backend.configFile} for what is no secret; a secret does not belong into an app, and the main process can pass it: createBackend({ env: { ...process.env, ${names[0] ?? 'NAME'}: … } }).${inBundle}`,
    ],
  ];
}

/** `backend/main.py:3 (HERE / 'data') means backend/data`, at most three. */
function places(backend: ResolvedBackend, files: readonly NamedFile[]): string {
  const shown = files
    .slice(0, shownPlaces)
    .map(
      ({ file, line, text, source }) =>
        `${shownPath(backend.projectDir, source)} (${shownPath(backend.projectDir, file)}:${line}: ${text})`,
    );
  const rest = files.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function add(backend: ResolvedBackend, files: readonly OwnFile[]): string {
  if (backend.entry.type === 'spec') {
    const spec = path.dirname(backend.entry.file);
    const rows = files.map(({ source, bundle, folder }) => {
      const to = folder ? bundle : path.posix.dirname(bundle);
      return `('${withSlashes(path.relative(spec, source))}', '${to}')`;
    });
    return `Add ${[...new Set(rows)].join(', ')} to datas in ${shownPath(backend.projectDir, backend.entry.file)}`;
  }
  return `Add ${dataLine(backend, files)} to ${backend.configPath} in ${backend.configFile}`;
}

function resourcePaths(files: readonly OwnFile[]): string {
  const shown = [...new Set(files.map(({ bundle }) => `resource_path('${bundle}')`))];
  return `${shown.slice(0, shownPlaces).join(', ')}${shown.length > shownPlaces ? ' and so on' : ''}`;
}

/** Where `data` puts it by itself. */
function bundlePath(backend: ResolvedBackend, { source, folder }: NamedFile): string {
  if (folder) {
    const to = bundledFolder(backend, source);
    return to === '.' ? path.basename(source) : to;
  }
  return path.posix.join(bundledFolder(backend, path.dirname(source)), path.basename(source));
}
