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
from freezer.places import Code
tools = [('tools', file) for file in sys.argv[4:]]
for row in json.loads(sys.argv[3]):
    own = importers.of_files([(row['name'], row['file']), *tools])
    found = loads.scan(row['name'], row['file'], set(json.loads(sys.argv[2])), own if tools else None, Code(tools, []))
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
      ['services.a.b', 'services.c'],
    ],
    [
      'main',
      'import importlib\nT = {"t": "a.b", "u": "c"}\nfor key, name in sorted(T.items()):\n    __import__(name)',
      ['a.b', 'c'],
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

test('names are followed through loops, tables, and what is done with a text', async () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['[import_module(p) for i, p in enumerate(("a.b", "c.d"))]', ['a.b', 'c.d']],
    ['for i, p in enumerate(["a.b"], 1): import_module(p)', ['a.b']],
    ['NAMES = ["a.b", "c.d"]\nfor k, p in zip("xy", NAMES): import_module(p)', ['a.b', 'c.d']],
    ['for p, k in zip(["a.b"], found()): import_module(p)', ['a.b']],
    ['for p, cls in (("a.b", "X"), ("c.d", "Y")): getattr(import_module(p), cls)', ['a.b', 'c.d']],
    ['for row in (("a.b", "X"), ("c.d", "Y")): import_module(row[0])', ['a.b', 'c.d']],
    ['T = {"a.b": 1}\nfor p in T: import_module(p)', ['a.b']],
    ['T = {"a.b": 1}\nfor p in T.keys(): import_module(p)', ['a.b']],
    ['T = {"a.b": 1}\nfor i, (p, k) in enumerate(T.items()): import_module(p)', ['a.b']],
    ['T = {"x": ("a.b", "X")}\nfor k, (p, cls) in T.items(): import_module(p)', ['a.b']],
    ['T = {}\nT["x"] = "a.b"\nimport_module(T[k])', ['a.b']],
    ['NAMES = []\nNAMES.append("a.b")\nNAMES += ["c.d"]\nfor p in NAMES: import_module(p)', ['c.d', 'a.b']],
    ['for p in [*("a.b",), "c.d"] + ["e"]: import_module(p)', ['a.b', 'c.d', 'e']],
    ['for p in "a.b,c.d".split(","): import_module(p)', ['a.b', 'c.d']],
    ['class A:\n  names = ("a.b",)\n  def go(self):\n    for p in self.names: import_module(p)', ['a.b']],
    ['exec("import a.b, c.d")', ['a.b', 'c.d']],
    ['exec(f"from {name} import x")', []],
    [
      'for name in ("a", "b"): exec(f"from services.{name} import x")',
      ['services.a', 'services.a.x', 'services.b', 'services.b.x'],
    ],
    ['exec(compile("import a.b", "x", "exec"))', ['a.b']],
    ['exec("import services.%s as s" % kind)', ['services.*']],
    ['eval("__import__(\'a.b\')")', ['a.b']],
    ['exec("def (")', []],
    ['__import__("a", fromlist=["b"])', ['a', 'a.b']],
    ['__import__("a", globals(), locals(), ["b", "c"])', ['a', 'a.b', 'a.c']],
    ['__import__("a." + name, fromlist=["b"])', ['a.*', 'a.*.b']],
    ['import_module("a/b".replace("/", "."))', ['a.b']],
    ['for f in ("a/b.py", "c/d.py"): import_module(f.removesuffix(".py").replace("/", "."))', ['a.b', 'c.d']],
    ['import_module(".".join(("a", "b")))', ['a.b']],
    ['PARTS = ["a", "b"]\nimport_module(".".join(PARTS))', ['a.b']],
    ['import_module(".".join(["a", *more]))', ['a.*']],
    ['import_module("%s.%s" % ("a", "b"))', ['a.b']],
    [
      'for k in ("x", "y"): import_module("%(p)s.%(k)s_100%%" % {"p": "a", "k": k})',
      ['a.x_100%', 'a.y_100%'],
    ],
    ['import_module("{}.{}".format("a", "b"))', ['a.b']],
    ['import_module("{1}.{0}.{n}".format("a", "b", n="c"))', ['b.a.c']],
    [
      'for k in "x y".split(): import_module("a.{:s}".format(k) if 0 else "a.{}".format(k))',
      ['a.*', 'a.x', 'a.y'],
    ],
    ['for t in ("a.b:X",): m, _, c = t.partition(":"); import_module(m)', ['a.b']],
    ['for t in ("a.b.X",): import_module(t.rsplit(".", 1)[0])', ['a.b']],
    ['P = "services"\nimport_module("." + name, P)', ['services.*']],
    ['name = "a"\nname += "." + part\nimport_module(name)', ['a']],
    // A parameter may be something else too.
    ['for k in ("x", "y"): go(k)\ndef go(k): import_module(f"a.{k}")', ['a.x', 'a.y', 'a.*']],
    ['def go(name): import_module(name)\nname = "a.b"\nT = ["services.export"]', ['a.b', 'services.export']],
    // Names made of each other take no longer for that.
    ['s = "a"\n' + 's = s + s\ns = t + s\nt = s + t\n'.repeat(20) + 'import_module("b." + s)', []],
  ];
  const found = await scan(
    cases.map(([text]) => ({ name: 'main', text: `from importlib import import_module\n${text}` })),
  );
  expect(found.slice(0, -1).map((patterns, index) => [cases[index]?.[0], patterns])).toEqual(
    cases.slice(0, -1).map(([text, patterns]) => [text, patterns]),
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
  expect(groupLoads({ ...audit, program: audit.firstParty }, [])).toEqual(groupLoads(audit, []));
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
    'import importlib\ndef load(name):\n    return importlib.import_module(name)\ndef log(name): print(name)\n' +
    'def each(names):\n  for i, n in enumerate(sorted(names)): load(n)\ndef register(i, path): load(path)\nPLUGINS = ["services.export", "yaml"]\n';
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
    ['from tools import each\nNAMES = ("services.export", "yaml")\neach(NAMES)', ['services.export', 'yaml']],
    ['from tools import each\neach({"x": "services.export"})', ['services.export']],
    [
      'from tools import register\n[register(i, p) for i, p in enumerate(("services.export", "yaml"))]',
      ['services.export', 'yaml'],
    ],
    ['from tools import PLUGINS\nfor p in PLUGINS: __import__(p)', ['services.export', 'yaml']],
    ['import tools\nfor p in tools.PLUGINS: __import__(p)', ['services.export', 'yaml']],
  ];
  const found = await scan(
    rows.map(([text]) => ({ name: 'main', text })),
    tools,
  );
  expect(found).toEqual(rows.map(([, patterns]) => patterns));
});
