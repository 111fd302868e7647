import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { python3 } from '../python/real-pythons.js';
import { extensionSuffix } from '../support/extension-suffix.js';
import { writeFiles } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';

const harness = `
import importlib.metadata, json, os, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from freezer import generated_hooks
answers = []
for site in json.loads(sys.argv[2]):
    sys.path[:] = [site]
    answers.append({name: {
        **({"imports": sorted(set(hook.imports))} if hook.imports else {}),
        **({"datas": sorted(f"{file[len(site) + 1:].replace(os.sep, '/')} -> {to}" for file, to in hook.datas)} if hook.datas else {}),
        **({"sources": hook.sources} if hook.sources else {}),
        **({"observed": True} if hook.observed else {}),
    } for name, hook in generated_hooks.generate(set(json.loads(sys.argv[3]))).hooks.items()})
print(json.dumps(answers))
`;

const keeping = `
import json, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from freezer import generated_hooks
sys.path[:] = [sys.argv[2]]
hooks = generated_hooks.generated(set(json.loads(sys.argv[3])), sys.argv[4], sys.argv[5])
print(json.dumps({name: hook.imports for name, hook in hooks.hooks.items()}))
`;

interface Hook {
  readonly imports?: readonly string[];
  readonly datas?: readonly string[];
  readonly sources?: readonly string[];
  readonly observed?: boolean;
}

/** An installed distribution with these files: the folder it is in. */
async function install(
  files: Readonly<Record<string, string>>,
  requires: readonly string[] = [],
): Promise<string> {
  const info = 'acme-1.0.dist-info';
  // What has a list of its own is of another distribution.
  const listed = Object.entries(files).flatMap(([file, text]) =>
    file.endsWith('/RECORD') ? text.replaceAll(',', '').split('\n') : [],
  );
  const own = Object.keys(files).filter((file) => !listed.includes(file) && !file.includes('.dist-info/'));
  const metadata = [
    'Metadata-Version: 2.1',
    'Name: acme',
    'Version: 1.0',
    ...requires.map((one) => `Requires-Dist: ${one}`),
  ];
  return await writeFiles({
    ...files,
    [`${info}/METADATA`]: `${metadata.join('\n')}\n`,
    [`${info}/RECORD`]: [...own, `${info}/METADATA`, `${info}/RECORD`].map((file) => `${file},,`).join('\n'),
  });
}

/** The hooks for each folder of installed distributions: one Python for all. */
function hooksFor(
  sites: readonly string[],
  hooked: readonly string[] = [],
): readonly Readonly<Record<string, Hook>>[] {
  const companion = path.join(repositoryDir, 'companion');
  const args = ['-c', harness, companion, JSON.stringify(sites), JSON.stringify(hooked)];
  return JSON.parse(execFileSync(python3(), args, { encoding: 'utf8' })) as Record<string, Hook>[];
}

/** The hooks for one installed distribution with these files. */
async function generate(
  files: Readonly<Record<string, string>>,
  {
    hooked = [],
    requires = [],
  }: { readonly hooked?: readonly string[]; readonly requires?: readonly string[] } = {},
): Promise<Readonly<Record<string, Hook>>> {
  return hooksFor([await install(files, requires)], hooked)[0] ?? {};
}

/** A package with some modules to be named. */
const acme = Object.fromEntries(
  [
    '__init__',
    'app',
    'loaders/__init__',
    'loaders/default',
    'loaders/fast',
    'fixups/__init__',
    'tests/__init__',
    'tests/case',
  ].map((stem) => [`acme/${stem}.py`, '']),
);

test.each([
  [
    'a class in a dictionary of aliases',
    'ALIASES = {"fast": "acme.loaders.fast:Loader"}',
    ['acme.loaders.fast'],
  ],
  ['a class by its path', 'FIXUPS = ("acme.loaders.fast.Loader",)', ['acme.loaders.fast']],
  ['a package', 'x = load("acme.fixups")', ['acme.fixups']],
  [
    'a text with a part to be filled in',
    'import_module("acme.loaders." + name)',
    ['acme.loaders.default', 'acme.loaders.fast'],
  ],
  [
    'a name from the package it stands in',
    'import_module("." + name, "acme.loaders")',
    ['acme.loaders', 'acme.loaders.default', 'acme.loaders.fast'],
  ],
  [
    'a lazy child',
    'MAP = {"Fast": ".loaders.fast"}\ndef __getattr__(n): return import_module(MAP[n], __package__)',
    ['acme.loaders.fast'],
  ],
])(
  'an installed module brings the modules of its distribution that it names: %s',
  async (_, text, imports) => {
    expect(await generate({ ...acme, 'acme/app.py': text })).toEqual({ 'acme.app': { imports } });
  },
);

test.each([
  ['a name that is no module', 'x = load("acme.nowhere")\ny = load("acme")'],
  ['its own name', 'x = "acme.app"'],
  ['a sentence', 'raise Error("use acme.loaders.fast instead")'],
  ['a docstring', 'def f():\n    "acme.loaders.fast is better"'],
  ['a logger', 'import logging\nlog = logging.getLogger("acme.loaders.fast")'],
  ['the name a class is shown under', 'class A: pass\nA.__module__ = "acme.loaders.fast"'],
  ['a comparison', 'if name == "acme.loaders.fast": pass'],
  ['tests', 'x = load("acme.tests.case")'],
  ['another distribution', 'x = load("other.module")'],
  ['everything', 'import_module(name)\nimport_module("acme" + name)'],
  ['what is no Python', 'load("acme.loaders.fast"'],
])('what only mentions a module brings nothing: %s', async (_, text) => {
  expect(await generate({ ...acme, 'acme/app.py': text })).toEqual({});
});

test('however the modules are laid out, each one named is brought and nothing that does not exist', async () => {
  const word = fc.constantFrom('a', 'b', 'c_d', 'tests');
  const module = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => `acme/${parts.join('/')}`);
  const samples = fc.sample(
    fc.tuple(fc.uniqueArray(module, { minLength: 1, maxLength: 6 }), fc.array(module, { maxLength: 3 })),
    40,
  );
  const sites = await Promise.all(
    samples.map(([real, others]) => {
      const files = Object.fromEntries(real.map((stem) => [`${stem}.py`, '']));
      const named = [...real, ...others].map((stem) => `"${stem.replaceAll('/', '.')}"`);
      return install({ ...files, 'acme/app.py': `NAMES = [${named.join(', ')}]` });
    }),
  );
  const all = hooksFor(sites);
  expect(all).toHaveLength(samples.length);
  for (const [index, found] of all.entries()) {
    const [real, others] = samples[index] ?? [[], []];
    const existing = [...real, ...parentsOf(real, others)].map((stem) => stem.replaceAll('/', '.'));
    const expected = [...new Set(existing)].filter((name) => !name.split('.').includes('tests')).sort();
    expect(found['acme.app']?.imports ?? [], JSON.stringify(samples[index])).toEqual(expected);
  }
});

/** `a.b.c` where only `a.b` is a module means something in `a.b`. */
function parentsOf(real: readonly string[], others: readonly string[]): string[] {
  return others.flatMap((stem) => {
    const parts = stem.split('/');
    for (let length = parts.length; length > 1; length -= 1) {
      const candidate = parts.slice(0, length).join('/');
      if (real.includes(candidate)) return [candidate];
    }
    return [];
  });
}

test('every module compiled by mypyc needs the one module that holds the code of all', async () => {
  const hooks = await generate({
    'acme/__init__.py': '',
    'acme/parser.py': '',
    [`acme/parser${extensionSuffix}`]: '',
    [`acme/tables${extensionSuffix}`]: '',
    [`0123456789abcdef__mypyc${extensionSuffix}`]: '',
  });
  const imports = ['0123456789abcdef__mypyc'];
  expect(hooks).toEqual({ 'acme.parser': { imports }, 'acme.tables': { imports } });
});

const data = {
  'acme/defaults.json': '{}',
  'acme/ui/page.html': '',
  'acme/ui/app.js': '',
  'acme/py.typed': '',
  'acme/fast.c': '',
  'acme/tests/big.bin': '',
};

test.each([
  ['beside __file__', 'import os\nopen(os.path.join(os.path.dirname(__file__), name))'],
  ['with pathlib', 'from pathlib import Path\nhere = Path(__file__).parent'],
  ['importlib.resources', 'from importlib import resources\nfrom importlib.resources import files'],
  ['another word for its folder', 'import os\nhere = os.path.dirname(os.path.normpath(__file__))'],
  ['pkgutil', 'import pkgutil\npkgutil.get_data("acme", name)'],
  ['templates', 'env = Environment(loader=PackageLoader("acme"))'],
])(
  'a module that reads files of its package brings them, and no sources of C, types or tests: %s',
  async (_, text) => {
    expect(
      await generate({
        'acme/__init__.py': '',
        'acme/config.py': text,
        'acme/other.py': 'print(__file__)',
        ...data,
      }),
    ).toEqual({
      'acme.config': {
        datas: ['acme/defaults.json -> acme', 'acme/ui/app.js -> acme/ui', 'acme/ui/page.html -> acme/ui'],
      },
    });
  },
);

test('a source of C or of Python comes as a file only where a module names it', async () => {
  const code = (name: string): string =>
    `import os\nopen(os.path.join(os.path.dirname(__file__), "${name}"))`;
  const files = { 'acme/__init__.py': '', 'acme/a.c': 'int a;', 'acme/aa.c': 'int b;', 'acme/a.pyi': '' };
  expect(await generate({ ...files, 'acme/build.py': code('a.c') })).toEqual({
    'acme.build': { datas: ['acme/a.c -> acme'] },
  });
  expect(await generate({ ...files, 'acme/build.py': code('b.c') })).toEqual({});
  expect(await generate({ ...files, 'acme/in/run.py': '', 'acme/build.py': code('run.py') })).toEqual({
    'acme.build': { datas: ['acme/in/run.py -> acme/in'] },
  });
});

test('files below a folder with a reader of its own are brought by that one, and by who knows their names', async () => {
  const reads = 'import os\nhere = os.path.dirname(__file__)\n';
  const files = {
    'acme/__init__.py': '',
    'acme/config.py': reads,
    'acme/ui/__init__.py': '',
    'acme/ui/server.py': reads,
    ...data,
  };
  const ui = ['acme/ui/app.js -> acme/ui', 'acme/ui/page.html -> acme/ui'];
  expect(await generate(files)).toEqual({
    'acme.config': { datas: ['acme/defaults.json -> acme'] },
    'acme.ui.server': { datas: ['acme/defaults.json -> acme', ...ui] },
  });
  const knowing = await generate({ ...files, 'acme/config.py': `${reads}open(here + "/ui/app.js")` });
  expect(knowing['acme.config']).toEqual({
    datas: ['acme/defaults.json -> acme', 'acme/ui/app.js -> acme/ui'],
  });
});

test('a module that reads the sources of its classes needs them as files; asking inspect for a source is not that', async () => {
  const source = 'import inspect\nfrom pathlib import Path\ntext = Path(inspect.getfile(cls)).read_text()';
  const files = {
    'acme/__init__.py': '',
    'acme/meta.py': source,
    'acme/other.py': 'import inspect\ninspect.getsource(f)\nopen(name)',
  };
  expect(await generate(files)).toEqual({ 'acme.meta': { sources: ['acme'] } });
  const rewriting =
    'from inspect import getsource\ncode = getsource(f).replace(a, b)\nexec(compile(code, "f", "exec"))';
  expect(await generate({ ...files, 'acme/other.py': rewriting, 'acme/meta.py': '' })).toEqual({
    'acme.other': { sources: ['acme'] },
  });
  expect(await generate(files, { hooked: ['acme'] })).toEqual({});
});

test('a name at the top with a part to be filled in means what the distribution asks for, and nothing else that is installed', async () => {
  const other = (name: string): Record<string, string> => ({
    [`${name}/__init__.py`]: '',
    [`${name}-1.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1\n`,
    [`${name}-1.dist-info/RECORD`]: `${name}/__init__.py,,`,
  });
  const text =
    'import_module(f"sitter_{language}")\nimport_module(f"{language}_x")\nimport_module("s" + name)';
  const files = {
    'acme/__init__.py': '',
    'acme/app.py': text,
    ...other('sitter_python'),
    ...other('sitter_ruby'),
    ...other('site_x'),
  };
  expect(await generate(files, { requires: ["sitter-python>=1; extra == 'syntax'"] })).toEqual({
    'acme.app': { imports: ['sitter_python'] },
  });
});

test.each([
  ['under another name', 'from importlib.metadata import version as _v\n_v("acme")'],
  ['of the package it stands in', 'from importlib import metadata\nmetadata.version(__package__)'],
  ['of the part of a name', 'import importlib.metadata\nimportlib.metadata.version(__name__.split(".")[0])'],
  ['of a constant', 'import importlib.metadata as m\nNAME = "Acme"\nm.distribution(NAME)'],
  [
    'of the backport',
    'try:\n    import importlib_metadata\nexcept ImportError: pass\nimportlib_metadata.requires("ac-me")',
    [],
  ],
])(
  'the metadata that a module asks for comes with it: %s',
  async (_, text, datas: readonly string[] = ['acme-1.0.dist-info/METADATA -> acme-1.0.dist-info']) => {
    const files = {
      'acme/__init__.py': '',
      'acme/about.py': `${text}\nversion("acme")\nother.version("acme")`,
    };
    expect(await generate(files)).toEqual(datas.length === 0 ? {} : { 'acme.about': { datas } });
  },
);

test('where the distribution asked for cannot be told, the metadata of what the own one needs comes', async () => {
  const other = (name: string): Record<string, string> => ({
    [`${name}/__init__.py`]: '',
    [`${name}-1.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1\n`,
    [`${name}-1.dist-info/RECORD`]: `${name}/__init__.py,,\n${name}-1.dist-info/METADATA,,`,
  });
  const files = {
    'acme/__init__.py': '',
    'acme/about.py':
      'from importlib.metadata import version\nfrom acme.names import NAMES\nprint([version(name) for name in NAMES])',
    ...other('needed'),
    ...other('extra'),
    ...other('stranger'),
  };
  expect(await generate(files, { requires: ['Needed>=1', "extra; extra == 'all'", 'absent'] })).toEqual({
    'acme.about': { datas: ['needed-1.dist-info/METADATA -> needed-1.dist-info'] },
  });
});

test('a literal handed to something that imports is as good as an import, unless that can do without', async () => {
  const other = {
    'dns/__init__.py': '',
    'dns/name.py': '',
    'dns-1.dist-info/METADATA': 'Metadata-Version: 2.1\nName: dns\nVersion: 1\n',
    'dns-1.dist-info/RECORD': 'dns/__init__.py,,\ndns/name.py,,',
  };
  const lines = [
    '__import__("dns")',
    'patcher.import_patched("dns.name")',
    'import_module("json.tool")',
    'import_patched("nowhere")',
    'import_optional_dependency("dns.name")',
    'pytest.importorskip("dns")',
    'show("dns.name")',
  ];
  const imports = async (...code: readonly string[]): Promise<unknown> =>
    (
      await generate(
        { 'acme/__init__.py': '', 'acme/app.py': code.join('\n'), ...other },
        { requires: ['dns'] },
      )
    )['acme.app']?.imports;
  expect(await imports(...lines)).toEqual(['dns', 'dns.name', 'json.tool']);
  expect(await imports(...lines.slice(3))).toBeUndefined();
  expect(await imports('import_patched("dns." + kind)')).toEqual(['dns.name']);
  expect(await imports('import_patched(f"dns.{kind}")')).toEqual(['dns.name']);
  // What happens to be installed and is not asked for is no part of it.
  const unasked = { 'acme/__init__.py': '', 'acme/app.py': lines.join('\n'), ...other };
  expect((await generate(unasked))['acme.app']?.imports).toEqual(['json.tool']);
  expect(await imports('import_patched("dns" + kind)', 'import_patched("json." + kind)')).toBeUndefined();
});

test.each([
  [
    'a function',
    'def inject(name, into): into.update(vars(__import__(name)))',
    'tools.inject("socketserver", {})',
  ],
  [
    'a function that hands the name on',
    'def inject(name): return import_module(name)\ndef green(what, *more): return inject(what)',
    'tools.green("json.tool")',
    ['json.tool'],
  ],
  [
    'a function that takes a part of the name',
    'def get(path):\n    module, _, attribute = path.partition(":")\n    return getattr(__import__(module), attribute)',
    'tools.get("socketserver:TCPServer")',
  ],
  [
    'a function by another name',
    'from importlib import import_module as im\ndef get(name): return im(name)',
    'tools.get("socketserver")',
  ],
  ['a lambda', 'get = lambda name: __import__(name)', 'tools.get("socketserver")'],
  ['a function by a second name', 'get = import_module', 'tools.get("socketserver")'],
  [
    'a function of which a part is given already',
    'get = functools.partial(import_module, package=__package__)',
    'tools.get("socketserver")',
  ],
  [
    'a function that takes any number of names',
    'def get(*names):\n    for name in names: import_module(name)',
    'tools.get("json.tool", "socketserver")',
    ['json.tool', 'socketserver'],
  ],
  [
    'a list that is spread',
    'def get(*names): return [import_module(name) for name in names]',
    'tools.get(*["json.tool", "socketserver"])',
    ['json.tool', 'socketserver'],
  ],
  [
    'a list that is mapped',
    '',
    'list(map(import_module, ["json.tool", "socketserver"]))',
    ['json.tool', 'socketserver'],
  ],
  [
    'a function that makes a module from what is found',
    'def get(name):\n    spec = find_spec(name)\n    module = module_from_spec(spec)\n    spec.loader.exec_module(module)',
    'tools.get("socketserver")',
  ],
  ['a keyword', 'def get(*, module): return __import__(module)', 'tools.get(module="socketserver")'],
  [
    'a class that keeps the name',
    'class Lazy:\n    def __init__(self, name): self.name = name\n    def load(self): return import_module(self.name)',
    'server = tools.Lazy("socketserver")',
  ],
  [
    'a kind of module that keeps its name',
    'class Lazy(ModuleType):\n    def __init__(self, local, name): super().__init__(name)\n    def load(self): return import_module(self.__name__)',
    'server = tools.Lazy("server", "socketserver")',
  ],
  [
    'a dataclass',
    '@dataclass\nclass Lazy:\n    title: str\n    module: str\n    def load(self): return import_module(self.module)',
    'server = tools.Lazy("Server", module="socketserver")',
  ],
  [
    'a loop over such calls',
    'def get(name): return __import__(name)',
    'for name in ("socketserver", "json.tool"): tools.get(name)',
    ['json.tool', 'socketserver'],
  ],
  [
    'a table that is looked into',
    '',
    'MAP = {"server": ("socketserver", "TCPServer"), "of another": "nowhere"}\nimport_module(MAP[kind][0])',
  ],
])(
  'a name handed to what imports a module by its name is as good as an import: %s',
  async (_, tools, code, imports: readonly string[] = ['socketserver']) => {
    const files = {
      'acme/__init__.py': '',
      'acme/tools.py': tools,
      'acme/app.py': `from . import tools\n${code}`,
      'acme/other.py': 'from elsewhere import tools\nget("socketserver")\ntools.inject("socketserver")',
    };
    expect(await generate(files)).toEqual({ 'acme.app': { imports } });
  },
);

test('asking whether a module is there is no import of it', async () => {
  const files = {
    'acme/__init__.py': '',
    'acme/app.py':
      'def has(name): return find_spec(name) is not None\nhas("socketserver")\nimport_module(*[])',
  };
  expect(await generate(files)).toEqual({});
});

test('a word in a table is not enough for what is large, or is only asked for with an extra', async () => {
  const text = 'MAP = {"gui": "tkinter", "fast": "speedups"}\nimport_module(MAP[kind])';
  const files = {
    'acme/__init__.py': '',
    'acme/app.py': text,
    'speedups.py': '',
    'speedups-1.dist-info/METADATA': 'Metadata-Version: 2.1\nName: speedups\nVersion: 1\n',
    'speedups-1.dist-info/RECORD': 'speedups.py,,',
  };
  expect(await generate(files, { requires: ["speedups; extra == 'fast'"] })).toEqual({});
  expect(await generate(files, { requires: ['speedups'] })).toEqual({
    'acme.app': { imports: ['speedups'] },
  });
});

test('whoever wrote a hook for a package knows its data', async () => {
  const files = { 'acme/__init__.py': '', 'acme/config.py': 'from importlib import resources', ...data };
  expect(await generate(files, { hooked: ['acme'] })).toEqual({});
  expect(await generate(files, { hooked: ['acme.config'] })).toEqual({});
  expect(Object.keys(await generate(files, { hooked: ['acm', 'acme.config.x'] }))).toEqual(['acme.config']);
});

test('a compiled module that nobody can read is imported to see what it imports, when its distribution needs others', async () => {
  const files = {
    'acme/__init__.py': '',
    [`acme/core${extensionSuffix}`]: '',
    [`acme/known${extensionSuffix}`]: '',
    'acme/known.pyi': '',
    [`acme/both${extensionSuffix}`]: '',
    'acme/both.py': '',
  };
  const observed = { 'acme.core': { observed: true } };
  expect(await generate(files, { requires: ['cryptography>=3'] })).toEqual(observed);
  expect(await generate(files, { requires: ["pytest; extra == 'test'", 'typing_extensions>=4'] })).toEqual(
    {},
  );
  expect(await generate(files, { requires: ['cryptography>=3'], hooked: ['acme'] })).toEqual({});
});

test('what was read of an environment is kept as long as nothing that is installed changes', async () => {
  const site = await writeFiles({
    'acme/__init__.py': '__import__("acme.late")\n',
    'acme/late.py': '',
    'acme-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n',
    'acme-1.0.dist-info/RECORD': 'acme/__init__.py,,\nacme/late.py,,\n',
  });
  const file = path.join(site, 'kept', 'hooks.json');
  const read = (key: string, hooked: readonly string[] = []): unknown =>
    JSON.parse(
      execFileSync(
        python3(),
        ['-c', keeping, path.join(repositoryDir, 'companion'), site, JSON.stringify(hooked), file, key],
        { encoding: 'utf8' },
      ),
    );
  const hooks = { acme: ['acme.late'] };
  expect(read('one')).toEqual(hooks);
  await writeFile(path.join(site, 'acme', '__init__.py'), '');
  expect(read('one')).toEqual(hooks);
  // Who wrote a hook for it, or installed something, has it read again.
  expect(read('one', ['acme'])).toEqual({});
  expect(read('two')).toEqual({});
  await writeFile(file, '{"for": ["two", []], "hooks": 7');
  expect(read('two')).toEqual({});
});
