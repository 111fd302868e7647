import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { python3 } from '../../python/real-pythons.js';
import { groupLoads, matchesLoad } from '../../../src/freeze/strict/loads.js';
import type { Audit, DynamicLoad } from '../../../src/freeze/driver/records.js';
import { repositoryDir } from '../../support/paths.js';
import { writeFiles } from '../../support/files.js';

const harness = `
import json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from freezer import importers, loads
tools = [('tools', file) for file in sys.argv[4:]]
for row in json.loads(sys.argv[3]):
    own = importers.of_files([(row['name'], row['file']), *tools])
    found = loads.scan(row['name'], row['file'], set(json.loads(sys.argv[2])), own if tools else None)
    print(json.dumps([[claim['pattern'], claim['deep'], claim['line']] for claim in found]))
`;

const known = [
  'main',
  'services',
  'services.training',
  'services.export',
  'plugins',
  'plugins.a',
  'plugins.a.b',
];

/** Patterns that the scanner finds in each text; `name` is the module's own name. `tools`: a second module of the project. */
async function scan(
  rows: readonly { readonly name: string; readonly text: string }[],
  tools?: string,
): Promise<string[][]> {
  const files = rows.map((row, index) => ({
    name: row.name,
    file: `${index}/${row.name === 'services' ? '__init__' : 'module'}.py`,
    text: row.text,
  }));
  const folder = await writeFiles({
    ...Object.fromEntries(files.map((file) => [file.file, file.text])),
    ...(tools === undefined ? {} : { 'tools.py': tools }),
  });
  const output = execFileSync(
    python3(),
    [
      '-c',
      harness,
      path.join(repositoryDir, 'companion'),
      JSON.stringify(known),
      JSON.stringify(files.map((file) => ({ name: file.name, file: path.join(folder, file.file) }))),
      ...(tools === undefined ? [] : [path.join(folder, 'tools.py')]),
    ],
    { encoding: 'utf8' },
  );
  return output
    .trim()
    .split('\n')
    .map((line) =>
      (JSON.parse(line) as [string, boolean, number][]).map(([pattern, deep]) =>
        deep ? `${pattern} deep` : pattern,
      ),
    );
}

test('every usual way to load a module by name is found, and nothing else', async () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['main', 'import importlib\nimportlib.import_module(f"services.{name}")', ['services.*']],
    [
      'main',
      'from importlib import import_module as im, import_module\nimport_module("services." + name)',
      ['services.*'],
    ],
    ['main', 'import importlib\nimportlib.import_module("services.%s" % name)', ['services.*']],
    ['main', 'import importlib\nimportlib.import_module("services.%(n)s.x" % names)', ['services.*.x']],
    ['main', 'import importlib\nimportlib.import_module("services.{}".format(name))', ['services.*']],
    ['main', 'import importlib\nimportlib.import_module(".".join(["services", name]))', ['services.*']],
    ['main', 'import importlib\nimportlib.import_module("services.training")', ['services.training']],
    ['main', '__import__("services." + name)', ['services.*']],
    [
      'main',
      'import importlib\nPREFIX = "services."\nimportlib.import_module(PREFIX + name)',
      ['services.*'],
    ],
    [
      'main',
      'import importlib\nPACKAGE = "services"\nimportlib.import_module(f"{PACKAGE}.{name}")',
      ['services.*'],
    ],
    [
      'main',
      'import importlib\nT = {"t": "services.training"}\nimportlib.import_module(T[k])',
      ['services.training'],
    ],
    [
      'main',
      'import importlib\nT = {"t": "services.training"}\nimportlib.import_module(T.get(k))',
      ['services.training'],
    ],
    ['main', 'import importlib\nimportlib.import_module("." + name, package="services")', ['services.*']],
    ['main', 'import importlib\nimportlib.import_module("." + name, "services")', ['services.*']],
    ['services', 'import importlib\nimportlib.import_module(f".{name}", __name__)', ['services.*']],
    ['services', 'import importlib\nimportlib.import_module(f".{name}", __package__)', ['services.*']],
    [
      'services.training',
      'import importlib\nimportlib.import_module("." + name, __package__)',
      ['services.*'],
    ],
    [
      'main',
      'import importlib, services\nimportlib.import_module(services.__name__ + "." + name)',
      ['services.*'],
    ],
    ['main', 'import pkgutil, plugins\nfor m in pkgutil.iter_modules(plugins.__path__): pass', ['plugins.*']],
    [
      'main',
      'import pkgutil, plugins as p\nlist(pkgutil.walk_packages(p.__path__, p.__name__ + "."))',
      ['plugins.* deep'],
    ],
    ['services', 'import pkgutil\nfor m in pkgutil.iter_modules(__path__): pass', ['services.*']],
    [
      'services',
      'import pkgutil, os\nfor m in pkgutil.iter_modules([os.path.dirname(__file__)]): pass',
      ['services.*'],
    ],
    ['main', 'import pkgutil\npkgutil.resolve_name("services.training:Trainer")', ['services.training']],
    // One name after the other.
    [
      'main',
      'import importlib\nfor name in ("yaml", "services.export"):\n    importlib.import_module(name)',
      ['yaml', 'services.export'],
    ],
    [
      'main',
      'import importlib\nNAMES = ["a.b", "c"]\nfound = [importlib.import_module(name) for name in NAMES]',
      ['a.b', 'c'],
    ],
    [
      'main',
      'import importlib\nT = {"t": "a.b", "u": "c"}\nfor key, name in T.items():\n    importlib.import_module(f"services.{name}")',
      ['services.*'],
    ],
    [
      'main',
      'import importlib\nT = {"t": "a.b", "u": "c"}\nfor key, name in sorted(T.items()):\n    __import__(name)',
      [],
    ],
    ['main', 'T = {"t": "a.b"}\nfor name in T.values():\n    __import__(name)', ['a.b']],
    ['main', 'for name in "a.b c".split():\n    __import__(name)', ['a.b', 'c']],
    ['main', 'import importlib\nfor name in found():\n    importlib.import_module(name)', []],
    // A class by its path, in a table, loaded by a computed name.
    [
      'main',
      'import importlib\nT = {"t": ("services.training.Trainer", 1)}\ndef f(p):\n    m, _, c = p.rpartition(".")\n    return importlib.import_module(m)',
      ['services.training'],
    ],
    ['main', 'import uvicorn\nuvicorn.run("main:app")', ['main']],
    ['main', 'import uvicorn\nuvicorn.run("elsewhere:app")', []],
    ['main', 'import importlib\nimportlib.import_module(name)', []],
    ['main', 'import importlib\nimportlib.import_module(f"{a}.{b}")', []],
    ['main', 'import importlib.util\nimportlib.util.find_spec("numpy")', ['numpy']],
    ['main', 'import logging\nlogging.getLogger("services.training")', []],
    ['main', 'def (:', []],
  ];
  const found = await scan(cases.map(([name, text]) => ({ name, text })));
  expect(found.map((patterns, index) => [cases[index]?.[1], patterns])).toEqual(
    cases.map(([, text, patterns]) => [text, patterns]),
  );
});

const load = (pattern: string, deep = false): DynamicLoad => ({
  file: '/app/main.py',
  module: 'main',
  line: 1,
  text: '',
  pattern,
  deep,
});

test('one unknown part stands for one name', () => {
  expect(matchesLoad(load('services.*'), 'services.training')).toBe(true);
  expect(matchesLoad(load('services.*'), 'services.training.deep')).toBe(false);
  expect(matchesLoad(load('services.*', true), 'services.training.deep')).toBe(true);
  expect(matchesLoad(load('services.*'), 'services')).toBe(false);
  expect(matchesLoad(load('services.*_plugin'), 'services.csv_plugin')).toBe(true);
  expect(matchesLoad(load('services.*'), 'servicesx.training')).toBe(false);
  expect(matchesLoad(load('services.*'), 'services.test_training')).toBe(false);
  expect(matchesLoad(load('services.test_training'), 'services.test_training')).toBe(true);
});

function auditOf(modules: Readonly<Record<string, boolean>>, loads: readonly DynamicLoad[]): Audit {
  return {
    modules: [],
    missing: [],
    laid: [],
    code: [],
    files: [],
    origins: [],
    programs: ['/x'],
    firstParty: Object.entries(modules).map(([name, present]) => ({
      name,
      file: `/app/${name}.py`,
      present,
    })),
    loads,
    warnings: [],
    interpreter: [],
    namedFiles: [],
    suggestions: {},
    hookSettings: [],
    idleExclusions: [],
    program: [],
    unused: [],
    builtFor: {},
  };
}

test('missing modules are named once, with the shortest edit that covers them', () => {
  const audit = auditOf(
    { 'services.a': false, 'services.b': true, 'services.c': false, 'plugins.x.y': false },
    [load('services.*'), load('services.a'), load('plugins.*', true)],
  );
  expect(groupLoads(audit, []).map((group) => [group.modules, group.edit])).toEqual([
    [['services.a', 'services.c'], ['services.*']],
    [['plugins.x.y'], ['plugins.**']],
  ]);
  expect(groupLoads(audit, ['services', 'plugins.x'])).toEqual([]);
});

test('a module in the bundle is never reported, a reported one is always missing', () => {
  const name = fc.constantFrom('a', 'a.b', 'a.c', 'a.b.c', 'd', 'd.e');
  const pattern = fc.constantFrom('a.*', 'a.b', 'd.*', 'a.*.c', 'x.*');
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.boolean()),
      fc.array(fc.tuple(pattern, fc.boolean())),
      (modules, patterns) => {
        const groups = groupLoads(
          auditOf(
            modules,
            patterns.map(([text, deep]) => load(text, deep)),
          ),
          [],
        );
        const reported = groups.flatMap((group) => group.modules);
        expect(new Set(reported).size).toBe(reported.length);
        for (const module of reported) expect(modules[module]).toBe(false);
      },
    ),
  );
});

test('a name handed to what the project itself imports by name with is a load, wherever that stands', async () => {
  const tools =
    'import importlib\ndef load(name):\n    return importlib.import_module(name)\ndef log(name): print(name)';
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['from tools import load\nload("services.export")', ['services.export']],
    ['import tools\ntools.load(name="services.export:Exporter")', ['services.export']],
    [
      'from tools import load\nfor name in ["services.export", "yaml"]: load(name)',
      ['services.export', 'yaml'],
    ],
    ['from tools import load\nload("services." + kind)', ['services.*']],
    ['from importlib import import_module as im\nim("services.export")', ['services.export']],
    [
      'from importlib import import_module\nlist(map(import_module, ["services.export"]))',
      ['services.export'],
    ],
    ['from tools import log\nlog("services.export")', []],
    ['from tools import load\nload(".export")\nload(kind)', []],
  ];
  const found = await scan(
    rows.map(([text]) => ({ name: 'main', text })),
    tools,
  );
  expect(found).toEqual(rows.map(([, patterns]) => patterns));
});
