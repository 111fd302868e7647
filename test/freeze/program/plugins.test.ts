import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SourceTree } from '../../../src/freeze/sources.js';
import { python3 } from '../../python/real-pythons.js';
import { extensionSuffix } from '../../support/extension-suffix.js';
import { writeFiles } from '../../support/files.js';
import { repositoryDir } from '../../support/paths.js';

/** A distribution as an installer leaves it. */
interface Wheel {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly entryPoints?: string;
  readonly requires?: readonly string[];
}

/** The files of installed distributions, with the lists of them that installers write. */
function installed(wheels: readonly Wheel[]): Record<string, string> {
  return Object.fromEntries(
    wheels.flatMap(({ name, files, entryPoints, requires = [] }) => {
      const info = `${name.replaceAll('-', '_')}-1.0.dist-info`;
      const own = {
        ...files,
        [`${info}/METADATA`]: [
          `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0`,
          ...requires.map((requirement) => `Requires-Dist: ${requirement}`),
          '',
        ].join('\n'),
        ...(entryPoints === undefined ? {} : { [`${info}/entry_points.txt`]: entryPoints }),
      };
      const record = [...Object.keys(own), `${info}/RECORD`].map((file) => `${file},,\n`).join('');
      return Object.entries({ ...own, [`${info}/RECORD`]: record });
    }),
  );
}

const harness = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from freezer import audit, distributions, plugins, program
sys.path[:] = [sys.argv[2]]
sys.prefix = sys.argv[2]
everything = distributions.installed()
known = plugins.registry(everything)
sources = json.loads(sys.argv[3])
of = lambda name, project: (lambda found: found and [found.name, sorted(one["name"] for one in found.modules), sorted(place for _, place in found.data)])(
    program.of_module(name, [sys.argv[2]], sources, project)
)
facts = {"modules": ["used"], "files": []}
print(json.dumps({
    "readers": {name: sorted(groups) for name, groups in plugins.readers(everything, known).items()},
    "members": {group: sorted(member.module for member in members) for group, members in known.members.items()},
    "modules": {one.name: [name for name in one.modules() if not distributions.is_test(name)] for one in everything},
    "data": {one.name: sorted(place + " " + file.replace("\\\\", "/").rpartition("/")[2] for file, place in one.data()) for one in everything},
    "unused": audit.unused([one.name for one in everything] + ["not-there"], facts),
    "programs": [of("tool.inner", None), of("web.app", "own"), of("web.app", None), of("json", "own")],
    "providers": {
        name: getattr(distributions.provider(name, sys.path, everything), "name", None)
        for name in ["tool", "tool.inner", "json", "nowhere"]
    },
}))
`;

interface Found {
  readonly readers: Readonly<Record<string, readonly string[]>>;
  readonly members: Readonly<Record<string, readonly string[]>>;
  readonly modules: Readonly<Record<string, readonly string[]>>;
  readonly data: Readonly<Record<string, readonly string[]>>;
  readonly unused: readonly { readonly name: string; readonly groups: readonly string[] }[];
  readonly programs: readonly unknown[];
  readonly providers: Readonly<Record<string, string | null>>;
}

/** What the freezer finds in an environment with these distributions: one Python for all of it. */
async function look(wheels: readonly Wheel[], sources: readonly SourceTree[] = []): Promise<Found> {
  const folder = await writeFiles(installed(wheels));
  const args = ['-c', harness, path.join(repositoryDir, 'companion'), folder, JSON.stringify(sources)];
  return JSON.parse(execFileSync(python3(), args, { encoding: 'utf8' })) as Found;
}

/** Ways to ask for a group; `G` is where its name stands. `far`: it stands in another module than the machinery. */
const ways: readonly { readonly code: string; readonly far?: string }[] = [
  { code: 'from importlib.metadata import entry_points\nentry_points(group="G")' },
  { code: 'import importlib.metadata as m\nm.entry_points().select(group="G")' },
  { code: 'from importlib import metadata\nmetadata.entry_points()["G"]' },
  { code: 'from importlib import metadata\nmetadata.entry_points().get("G", ())' },
  { code: 'from importlib_metadata import entry_points\nNAME = "G"\nentry_points(group=NAME)' },
  {
    code: 'from importlib import metadata\nclass A:\n    group: str = "G"\n    def f(self):\n        return metadata.entry_points(group=self.group)',
  },
  {
    code: 'from importlib import metadata\ndef f(group="G"):\n    return metadata.entry_points(group=group)',
  },
  {
    code: 'from importlib import metadata\ndef f(kind):\n    return metadata.entry_points(group=f"G{kind}")',
  },
  { code: 'import pkg_resources\nlist(pkg_resources.iter_entry_points("G"))' },
  { code: 'import pkg_resources\npkg_resources.working_set.iter_entry_points(group="G")' },
  { code: 'import pluggy\npm = pluggy.PluginManager("x")\npm.load_setuptools_entrypoints("G")' },
  { code: 'from stevedore import driver\ndriver.DriverManager("G", "x", invoke_on_load=True)' },
  { code: 'from stevedore import ExtensionManager\nExtensionManager(namespace="G")' },
  { code: 'import entrypoints\nentrypoints.get_group_all("G")' },
  {
    code: 'from importlib.metadata import entry_points\ndef load(name):\n    return entry_points(group=name)',
    far: 'NAME = "G"',
  },
  {
    code: 'from importlib.metadata import entry_points\ndef load(name):\n    return entry_points(group=name)',
    far: 'from .ask import load\nTABLE = {"x": load("G")}',
  },
];

test('a library that asks for plugins is found, whatever way it asks, and for no other group than its own', async () => {
  const word = fc.stringMatching(/^[a-z]{2,6}$/);
  const group = fc
    .tuple(word, fc.constantFrom('.', '_', '-', '.x_'), word)
    .map(([first, between, last]) => `${first}${between}${last}`);
  const cases = fc
    .sample(
      fc.uniqueArray(fc.tuple(group, fc.constantFrom(...ways)), {
        selector: ([name]) => name,
        minLength: 80,
        maxLength: 80,
      }),
      1,
    )
    .flat()
    // One name that begins another is asked for by a pattern as well.
    .filter(([name], index, all) => !all.some(([other], place) => place !== index && other.startsWith(name)));
  const wheels = cases.flatMap(([name, { code, far }], index): Wheel[] => [
    {
      name: `reader-${index}`,
      files: {
        [`reader_${index}/__init__.py`]: '',
        [`reader_${index}/ask.py`]: code.replaceAll('G', name),
        [`reader_${index}/tests/test_it.py`]: `entry_points(group="${cases[0]?.[0]}")\n`,
        ...(far === undefined ? {} : { [`reader_${index}/far.py`]: far.replaceAll('G', name) }),
      },
    },
    {
      name: `plugin-${index}`,
      files: { [`plugin_${index}.py`]: '' },
      entryPoints: `[${name}]\np = plugin_${index}:hook\n[console_scripts]\nrun${index} = plugin_${index}:main\n`,
    },
  ]);
  const { readers, members } = await look(wheels);
  const expected = Object.fromEntries(
    cases.map(([name, { far }], index) => [`reader_${index}.${far === undefined ? 'ask' : 'far'}`, [name]]),
  );
  expect(readers).toEqual(expected);
  expect(members).toEqual(Object.fromEntries(cases.map(([name], index) => [name, [`plugin_${index}`]])));
});

test('an ordinary word is a group only beside the machinery, and tools that build read nothing', async () => {
  const ask = 'from importlib.metadata import entry_points\nentry_points(group="colors")\n';
  const { readers, members } = await look([
    { name: 'palette', files: { 'palette.py': ask } },
    {
      name: 'speaker',
      files: { 'speaker/__init__.py': 'import pkg_resources\n', 'speaker/words.py': 'W = "colors"\n' },
    },
    { name: 'writer', files: { 'writer.py': 'from importlib.metadata import version\nW = "app.plugins"\n' } },
    { name: 'setuptools', files: { 'setuptools/__init__.py': `${ask}entry_points(group="app.plugins")\n` } },
    { name: 'broken', files: { 'broken.py': `${ask}def (:\n` } },
    {
      name: 'colorful',
      files: { 'colorful.py': '' },
      entryPoints:
        '[colors]\nred = colorful\n[app.plugins]\nx = colorful\n[distutils.commands]\ny = colorful\n[gui_scripts]\nz = colorful:main\n',
    },
  ]);
  expect(readers).toEqual({ palette: ['colors'] });
  expect(Object.keys(members)).toEqual(['colors', 'app.plugins']);
});

test('extensions named in files of configuration are found through whoever knows the section', async () => {
  const { readers, members, data } = await look([
    {
      name: 'server',
      files: { 'server/__init__.py': '', 'server/config.py': 'SECTION = "server_config"\n' },
    },
    {
      name: 'extension',
      files: {
        'extension/__init__.py': '',
        'extension/static/a.js': '',
        'etc/server/server_config.d/extension.json':
          '{"App": {"extensions": {"extension": true, "other": true}}}',
      },
    },
  ]);
  expect(readers).toEqual({ 'server.config': ['server_config'] });
  expect(members).toEqual({ server_config: ['extension'] });
  expect(data['extension']).toContain('extension/static a.js');
});

test('of a distribution: its modules without tests and templates, its data, and which module is whose', async () => {
  const { modules, data, providers } = await look([
    {
      name: 'Tool.Kit',
      files: {
        'tool/__init__.py': '',
        'tool/inner.py': '',
        [`tool/fast${extensionSuffix}`]: '',
        'tool/tests/__init__.py': '',
        'tool/tests/test_a.py': '',
        'tool/tests/sample.txt': '',
        'tool/templates/base.html': '',
        'tool/templates/generic/env.py': '',
        'tool/__pycache__/inner.cpython-312.pyc': '',
        'space/part/__init__.py': '',
        'space/part/words.txt': '',
      },
    },
  ]);
  expect(modules['Tool.Kit']).toEqual(['space.part', 'tool', 'tool.fast', 'tool.inner']);
  expect(data['Tool.Kit']).toEqual([
    'space/part words.txt',
    'tool/templates base.html',
    'tool/templates/generic env.py',
  ]);
  expect(providers).toEqual({ tool: 'Tool.Kit', 'tool.inner': 'Tool.Kit', json: null, nowhere: null });
});

test('a requirement of which nothing is in the bundle is told, unless it has nothing to import or others ask for it', async () => {
  const { unused } = await look([
    { name: 'present', files: { 'used.py': '' } },
    {
      name: 'absent',
      files: { 'absent/__init__.py': '' },
      entryPoints: '[app.plugins]\na = absent\n[console_scripts]\nb = absent:main\n',
    },
    { name: 'types-thing', files: { 'thing-stubs/__init__.pyi': '' } },
    { name: 'meta', files: {}, requires: ['asked_for>=1; python_version > "3"'] },
    { name: 'asked.for', files: { 'asked.py': '' } },
    { name: 'setuptools', files: { 'setuptools.py': '' } },
  ]);
  expect(unused).toEqual([{ name: 'absent', modules: ['absent'], groups: ['app.plugins'] }]);
});

test('the program is the distribution of the entry: an installed one, or the project by what is in its sources', async () => {
  const files = {
    'tool/__init__.py': '',
    'tool/inner.py': '',
    'tool/page.html': '',
    'tool/tests/test_a.py': '',
  };
  const own = { name: 'own', files: {}, entryPoints: '[x]\ny = own_plugins.y\n' };
  const module = (name: string) => ({ name, file: `/project/${name.replaceAll('.', '/')}.py` });
  const sources = [
    {
      root: '/project',
      modules: ['web.app', 'web.tests.test_a', 'own_plugins.y', 'scripts.release'].map(module),
      data: ['web/static', 'web/tests', 'scripts'].map((place) => ({
        place,
        file: `/project/${place}/x.txt`,
      })),
    },
  ];
  const { programs } = await look([{ name: 'tool', files }, own], sources);
  expect(programs).toEqual([
    ['tool', ['tool', 'tool.inner'], ['tool']],
    ['own', ['own_plugins.y', 'web.app'], ['web/static']],
    null,
    null,
  ]);
});
