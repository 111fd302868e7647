import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.js';
import { isInside, relativeInside, withSlashes } from '../../lib/paths.js';

/** A file or folder of the project's. */
export interface OwnFile {
  /** Absolute. */
  readonly source: string;
  /** Where it belongs in the bundle, relative to its root. */
  readonly bundle: string;
  readonly folder: boolean;
}

/** What of the configuration says where files lie. */
type Project = Pick<ResolvedBackend, 'projectDir' | 'source'>;

/** `data: ['backend/static', { from: 'assets', to: 'res' }]`: the line that puts files where they belong. */
export function dataLine(project: Project, files: readonly OwnFile[]): string {
  return `data: [${[...new Set(files.map((file) => dataItem(project, file)))].join(', ')}]`;
}

function dataItem(project: Project, { source, bundle, folder }: OwnFile): string {
  const from = quoted(withSlashes(path.relative(project.projectDir, source)));
  const to = folder ? bundle : path.posix.dirname(bundle);
  const isDefault = to === bundledFolder(project, folder ? source : path.dirname(source));
  // Nobody is told to ship the secrets that lie there.
  const hasSecrets = folder && existsSync(path.join(source, '.env'));
  if (isDefault && !hasSecrets) return from;
  return `{ from: ${from}${isDefault ? '' : `, to: ${quoted(to)}`}${hasSecrets ? ", exclude: ['**/.env*']" : ''} }`;
}

/** Where the files of a folder go when nothing else is said: as `data` does it. */
export function bundledFolder({ projectDir, source }: Project, folder: string): string {
  const root = [...source, projectDir].find((candidate) => isInside(candidate, folder));
  return root === undefined ? '.' : (relativeInside(root, folder) ?? '.');
}

function quoted(text: string): string {
  return `'${text}'`;
}
