import { describe, expect, test } from 'vitest';
import { readProjectDependencies } from '../../../src/python/requirements/project-file.js';
import type { ProjectQuery } from '../../../src/python/requirements/project-query.js';

const query: ProjectQuery = { file: '/p/pyproject.toml', extras: [], groups: [] };
const content = {
  project: {
    name: 'My.App',
    dependencies: ['fastapi>=0.110', 'six'],
    'optional-dependencies': { web: ['uvicorn'], db: ['sqlalchemy'], all: ['my-app[web,db]', 'idna'] },
  },
  'dependency-groups': {
    dev: ['pytest', { 'include-group': 'Lint_er' }],
    'lint-er': ['ruff'],
    loop: [{ 'include-group': 'loop' }],
  },
};

describe('a project', () => {
  test('has its dependencies, without extras and groups', () => {
    expect(readProjectDependencies(content, query)).toEqual({
      type: 'static',
      requirements: ['fastapi>=0.110', 'six'],
    });
  });

  test('has those of extras, also when extras name each other, and of groups with what they include', () => {
    const wanted = { ...query, extras: ['ALL'], groups: ['dev'] };
    expect(readProjectDependencies(content, wanted).requirements).toEqual([
      'fastapi>=0.110',
      'six',
      'uvicorn',
      'sqlalchemy',
      'idna',
      'pytest',
      'ruff',
    ]);
  });

  test.each([
    [{ extras: ['wbe'] }, /no extra "wbe"\. It has: web, db, all\./],
    [{ groups: ['test'] }, /no dependency group "test"\. It has: dev, lint-er, loop\./],
    [{ groups: ['loop'] }, /the dependency group "loop" includes itself/],
  ])('%j is refused', (wanted, message) => {
    expect(() => readProjectDependencies(content, { ...query, ...wanted })).toThrow(message);
  });

  test.each([
    ['without [project]', { tool: { poetry: {} } }],
    ['with dynamic dependencies', { project: { name: 'x', dynamic: ['dependencies'] } }],
  ])('%s has to be installed', (_, dynamic) => {
    expect(readProjectDependencies(dynamic, query)).toEqual({ type: 'dynamic', requirements: [] });
  });

  test('of a wrong shape is refused with the place', () => {
    expect(() => readProjectDependencies({ project: { name: 'x', dependencies: 'six' } }, query)).toThrow(
      /\/p\/pyproject\.toml: project\.dependencies is not valid/,
    );
  });
});
