import path from 'node:path';
import * as z from 'zod';
import type { ResolvedBackend } from '../../config/resolved.js';
import { isFile } from '../../lib/files.js';
import { readToml } from './toml.js';

/** What a pyproject.toml says about the project itself. */
export interface OwnProject {
  /** As written. */
  readonly name: string;
  /** Null: only the build backend knows it. */
  readonly version: string | null;
  readonly summary: string | null;
  readonly dependencies: readonly string[];
  /** Entry points by group. */
  readonly entryPoints: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Its tools install it, not its dependencies alone. */
  readonly isPackage: boolean;
}

const texts = z.record(z.string(), z.string()).catch({});
const groups = z.record(z.string(), texts).catch({});
const optionalText = z.string().optional().catch(undefined);
const project = z
  .object({
    name: optionalText,
    version: optionalText,
    description: optionalText,
    dependencies: z.array(z.string()).catch([]),
    scripts: texts,
    'gui-scripts': texts,
    'entry-points': groups,
  })
  .partial()
  .catch({});
const poetry = z
  .object({
    name: optionalText,
    version: optionalText,
    description: optionalText,
    'package-mode': z.boolean().catch(true),
    // A script may be a table, for which pip has no form.
    scripts: z.record(z.string(), z.unknown()).catch({}),
    plugins: groups,
  })
  .partial()
  .catch({});
const shape = z.object({
  project: project.default({}),
  'build-system': z.unknown().optional(),
  tool: z
    .object({
      poetry: poetry.default({}),
      uv: z
        .object({ package: z.boolean().optional().catch(undefined) })
        .catch({})
        .default({}),
      pdm: z
        .object({ distribution: z.boolean().optional().catch(undefined) })
        .catch({})
        .default({}),
    })
    .catch({ poetry: {}, uv: {}, pdm: {} })
    .default({ poetry: {}, uv: {}, pdm: {} }),
});

/** Read what a parsed pyproject.toml says about the project itself; null: it has no name. Pure. */
export function readOwnProject(content: unknown): OwnProject | null {
  const { data } = shape.safeParse(content);
  if (data === undefined) return null;
  const { project: written, tool } = data;
  const name = written.name ?? tool.poetry.name;
  if (name === undefined || !/^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/.test(name)) return null;
  const scripts = {
    ...Object.fromEntries(Object.entries(tool.poetry.scripts ?? {}).filter(isText)),
    ...written.scripts,
  };
  const entryPoints = {
    console_scripts: scripts,
    gui_scripts: written['gui-scripts'] ?? {},
    ...tool.poetry.plugins,
    ...written['entry-points'],
  };
  return {
    name,
    version:
      [written.version, tool.poetry.version].find((version) => /^[\w.+!-]+$/.test(version ?? '')) ?? null,
    summary: written.description ?? tool.poetry.description ?? null,
    dependencies: written.dependencies ?? [],
    entryPoints: Object.fromEntries(
      Object.entries(entryPoints).filter(([, points]) => Object.keys(points).length > 0),
    ),
    isPackage:
      tool.poetry['package-mode'] !== false &&
      tool.pdm.distribution !== false &&
      (tool.uv.package ?? data['build-system'] !== undefined),
  };
}

function isText(row: [string, unknown]): row is [string, string] {
  return typeof row[1] === 'string';
}

type ProjectPlaces = Pick<ResolvedBackend, 'requirements' | 'source'>;

/** Where the pyproject.toml of the project itself is looked for. */
export function ownProjectDir({ requirements, source }: ProjectPlaces): string | null {
  const isWhole = requirements.type === 'project' || requirements.type === 'lock';
  return (isWhole ? requirements.directory : source[0]) ?? null;
}

/**
 * What the pyproject.toml of the requirements, or else of the sources, says about the project itself; null: there is none, or it
 * says nothing about it.
 */
export async function ownProject(backend: ProjectPlaces): Promise<OwnProject | null> {
  const folder = ownProjectDir(backend);
  if (folder === null) return null;
  const file = path.join(folder, 'pyproject.toml');
  if (!(await isFile(file))) return null;
  // What is wrong with the file is said by whoever has to understand it.
  return readOwnProject(await readToml(file).catch(() => null));
}
