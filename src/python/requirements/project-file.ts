import * as z from 'zod';
import type { ProjectQuery } from './project-query.js';
import { poetryDependencies, poetryGroups } from './poetry-tables.js';
import { PyInstallerError } from '../../errors.js';
import { normalizeName } from '../../lib/text.js';
import { requirementName } from './requirement-file.js';

/**
 * The dependencies of a project. `dynamic`: only its build backend knows them, so the project has to be installed.
 */
export type ProjectDependencies =
  | {
      readonly type: 'static';
      readonly requirements: readonly string[];
      /** They are from Poetry's tables, which other tools cannot read. */
      readonly poetry?: { readonly indexes: readonly string[] };
    }
  | { readonly type: 'dynamic'; readonly requirements: readonly string[] };

const list = z.array(z.string());
const group = z.array(z.union([z.string(), z.object({ 'include-group': z.string() })]));
const shape = z.object({
  project: z
    .object({
      name: z.string().default(''),
      dependencies: list.default([]),
      'optional-dependencies': z.record(z.string(), list).default({}),
      dynamic: list.default([]),
    })
    .optional(),
  'dependency-groups': z.record(z.string(), group).default({}),
});

type Project = z.infer<typeof shape>;

/**
 * Read the dependencies of a parsed pyproject.toml: `[project]` with the extras wanted, and `[dependency-groups]` with
 * what they include. Pure.
 *
 * @throws PyInstallerError `ERR_CONFIG` when an extra or a group does not exist.
 */
export function readProjectDependencies(content: unknown, query: ProjectQuery): ProjectDependencies {
  const parsed = shape.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new PyInstallerError(
      'ERR_CONFIG',
      `${query.file}: ${issue?.path.join('.') ?? ''} is not valid: ${issue?.message}`,
      {
        file: query.file,
        hint: 'Repair it; the format is described at https://packaging.python.org/specifications/pyproject-toml.',
      },
    );
  }
  const { data } = parsed;
  const ofPoetry = new Set(poetryGroups(content).map(normalizeName));
  const groups = query.groups
    .filter((name) => !ofPoetry.has(normalizeName(name)))
    .flatMap((name) => expandGroup(data, name, query, []));
  const { project } = data;
  // Without [project] (Poetry 1, setup.py) and with dynamic metadata only the build backend knows; Poetry's can be read.
  const isDynamic =
    project === undefined ||
    project.dynamic.some((key) => key === 'dependencies' || key === 'optional-dependencies');
  if (isDynamic) {
    const poetry = poetryDependencies(content, query);
    return poetry === null
      ? { type: 'dynamic', requirements: groups }
      : {
          type: 'static',
          requirements: [...poetry.requirements, ...groups],
          poetry: { indexes: poetry.indexes },
        };
  }
  const extras = query.extras.flatMap((name) => expandExtra(project, name, query, []));
  return { type: 'static', requirements: [...project.dependencies, ...extras, ...groups] };
}

function expandGroup(data: Project, name: string, query: ProjectQuery, path: readonly string[]): string[] {
  const groups = data['dependency-groups'];
  const key = Object.keys(groups).find((candidate) => normalizeName(candidate) === normalizeName(name));
  const content = key === undefined ? undefined : groups[key];
  if (content === undefined) throw unknown('dependency group', name, Object.keys(groups), query);
  if (path.includes(normalizeName(name))) throw circular('dependency group', name, query);
  return content.flatMap((item) =>
    typeof item === 'string'
      ? [item]
      : expandGroup(data, item['include-group'], query, [...path, normalizeName(name)]),
  );
}

function expandExtra(
  project: NonNullable<Project['project']>,
  name: string,
  query: ProjectQuery,
  path: readonly string[],
): string[] {
  const extras = project['optional-dependencies'];
  const key = Object.keys(extras).find((candidate) => normalizeName(candidate) === normalizeName(name));
  const content = key === undefined ? undefined : extras[key];
  if (content === undefined) throw unknown('extra', name, Object.keys(extras), query);
  if (path.includes(normalizeName(name))) throw circular('extra', name, query);
  return content.flatMap((requirement) => {
    // `all = ["app[web]", "app[db]"]`: a project may name its own extras.
    const own = /^\s*[\w.-]+\s*\[([^\]]*)\]/.exec(requirement)?.[1];
    if (own === undefined || requirementName(requirement) !== normalizeName(project.name))
      return [requirement];
    return own
      .split(',')
      .flatMap((extra) => expandExtra(project, extra.trim(), query, [...path, normalizeName(name)]));
  });
}

function unknown(
  what: string,
  name: string,
  known: readonly string[],
  query: ProjectQuery,
): PyInstallerError {
  const there = known.length === 0 ? 'It has none.' : `It has: ${known.join(', ')}.`;
  return new PyInstallerError(
    'ERR_CONFIG',
    `${query.file} has no ${what} ${JSON.stringify(name)}. ${there}`,
    {
      file: query.file,
      hint: 'Correct the name under `requirements`.',
    },
  );
}

function circular(what: string, name: string, query: ProjectQuery): PyInstallerError {
  return new PyInstallerError(
    'ERR_CONFIG',
    `${query.file}: the ${what} ${JSON.stringify(name)} includes itself.`,
    {
      file: query.file,
      hint: 'Remove the circle.',
    },
  );
}
