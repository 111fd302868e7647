import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { writeOwnMetadata } from '../../../src/python/environment/own-metadata.js';
import { ownProject, readOwnProject, type OwnProject } from '../../../src/python/requirements/own-project.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { python3 } from '../real-pythons.js';

const read = (text: string): OwnProject | null => readOwnProject(parse(text));

test('the name, the version and the entry points of [project], as an installer takes them', () => {
  expect(
    read(`
[project]
name = "My.App"
version = "1.2.3"
description = "An app"
dependencies = ["fastapi>=0.1"]
[project.scripts]
my-app = "my_app:main"
[project.entry-points."my.plugins"]
one = "my_app.one:hook"
[build-system]
requires = ["hatchling"]
`),
  ).toEqual({
    name: 'My.App',
    version: '1.2.3',
    summary: 'An app',
    dependencies: ['fastapi>=0.1'],
    entryPoints: { console_scripts: { 'my-app': 'my_app:main' }, 'my.plugins': { one: 'my_app.one:hook' } },
    isPackage: true,
  });
});

test('the tables of Poetry 1, and what Poetry 2 leaves there', () => {
  const own = read(`
[project]
name = "app"
dynamic = ["version"]
[tool.poetry]
version = "2.0"
[tool.poetry.scripts]
run = "app:main"
odd = { reference = "app:odd", type = "console" }
[tool.poetry.plugins."app.plugins"]
x = "app.x"
`);
  expect(own).toMatchObject({
    name: 'app',
    version: '2.0',
    entryPoints: { console_scripts: { run: 'app:main' }, 'app.plugins': { x: 'app.x' } },
  });
});

const backend = '[build-system]\nrequires = ["x"]\n';

test.each([
  ['[project]\nname = "a"\nversion = "1"\n', false],
  [`[project]\nname = "a"\nversion = "1"\n${backend}`, true],
  ['[project]\nname = "a"\nversion = "1"\n[tool.uv]\npackage = true\n', true],
  [`[project]\nname = "a"\nversion = "1"\n${backend}[tool.uv]\npackage = false\n`, false],
  [`[tool.poetry]\nname = "a"\nversion = "1"\npackage-mode = false\n${backend}`, false],
  [`[project]\nname = "a"\nversion = "1"\n${backend}[tool.pdm]\ndistribution = false\n`, false],
])('a project is a package when its tools install it: %j', (text, isPackage) => {
  expect(read(text)?.isPackage).toBe(isPackage);
});

test('whatever stands in a pyproject.toml, it is read or passed over, and never throws', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (project, tool) => {
      for (const content of [
        project,
        { project, tool },
        { project: { name: 'a', ...Object(project) }, tool },
      ])
        expect(() => readOwnProject(content)).not.toThrow();
    }),
  );
  expect(read('[tool.black]\nline-length = 100\n')).toBeNull();
});

test('it is looked for with the requirements, else at the sources', async () => {
  const folder = await writeFiles({
    'a/pyproject.toml': '[project]\nname = "of-requirements"\n',
    'b/pyproject.toml': '[project]\nname = "of-sources"\n',
    'c/pyproject.toml': 'broken = [\n',
  });
  const at = (name: string) => path.join(folder, name);
  const requirements = { type: 'project', directory: at('a'), extras: [], groups: [] } as const;
  const none = { type: 'none' } as const;
  expect((await ownProject({ requirements, source: [at('b')] }))?.name).toBe('of-requirements');
  expect((await ownProject({ requirements: none, source: [at('b')] }))?.name).toBe('of-sources');
  expect(await ownProject({ requirements: none, source: [at('c')] })).toBeNull();
  expect(await ownProject({ requirements: none, source: [folder] })).toBeNull();
});

test('the metadata written for a project is what importlib.metadata reads; an installed one stays as it is', async () => {
  const site = await temporaryFolder();
  const own: OwnProject = {
    name: 'My.App',
    version: '1.2.3',
    summary: 'Two\nlines',
    dependencies: ['six >= 1 ; python_version > "3"'],
    entryPoints: { 'my.plugins': { 'one two': 'my_app.one:hook', x: 'my_app.x' } },
    isPackage: false,
  };
  await writeOwnMetadata(own, [site]);
  await writeOwnMetadata({ ...own, version: '9' }, [site]);
  await writeOwnMetadata({ ...own, name: 'unknown', version: null }, [site]);
  const code = `
import json, sys
from importlib import metadata
sys.path[:] = [sys.argv[1]]
print(json.dumps([
    sorted(one.metadata["Name"] for one in metadata.distributions()),
    metadata.version("my-app"), metadata.metadata("my_app")["Summary"], metadata.requires("My.App"),
    sorted([point.name, point.value] for point in metadata.entry_points(group="my.plugins")),
    [file.hash is not None for file in metadata.files("my.app") if file.name == "METADATA"],
]))`;
  expect(JSON.parse(execFileSync(python3(), ['-c', code, site], { encoding: 'utf8' }))).toEqual([
    ['My.App'],
    '1.2.3',
    'Two lines',
    ['six >= 1 ; python_version > "3"'],
    [
      ['one two', 'my_app.one:hook'],
      ['x', 'my_app.x'],
    ],
    [true],
  ]);
});
