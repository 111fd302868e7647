import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Audit, DriverRecord } from '../../../src/freeze/driver/records.js';
import { judgeBuild, judgeProblems } from '../../../src/freeze/strict/strict.js';
import { strictRules } from '../../../src/freeze/strict/strict-rules.js';
import { makeBackend } from '../support/project.js';

const clean: Audit = {
  modules: ['main'],
  missing: [],
  laid: [],
  code: [],
  files: [],
  origins: [],
  programs: ['/dist/engine'],
  firstParty: [{ name: 'main', file: '/app/main.py', present: true }],
  loads: [],
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
const log = (level: string, message: string, hook?: string): DriverRecord => ({
  type: 'log',
  ms: 0,
  level,
  logger: 'x',
  message,
  ...(hook === undefined ? {} : { hook }),
});
const error = (message: string): DriverRecord => log('ERROR', message);

const script = (): ReturnType<typeof makeBackend> =>
  makeBackend({ 'backend/main.py': '' }, { entry: 'backend/main.py' });

test('a healthy build has no findings', async () => {
  expect(judgeBuild(await script(), [], clean)).toEqual([]);
});

test('an unknown ERROR record fails the build, one that is explained by an optional import does not', async () => {
  const backend = await script();
  const found = judgeBuild(backend, [error('Something went wrong'), error("Hidden import 'x' not found")], {
    ...clean,
    missing: [{ name: 'x', request: 'x', path: 'hiddenImports[0]', optional: true, expanded: false }],
  });
  expect(found.map((finding) => [finding.severity, finding.rule, finding.message])).toEqual([
    ['error', 'error-record', 'PyInstaller reported an error and went on: Something went wrong'],
  ]);
});

test('an import that is missing fails the entry, and is a warning elsewhere', async () => {
  const rules = judgeBuild(await script(), [], {
    ...clean,
    firstParty: [...clean.firstParty, { name: 'gpu', file: '/app/gpu.py', present: true }],
    warnings: [
      'missing module named torch - imported by gpu (top-level)',
      'missing module named yaml - imported by main (top-level)',
    ],
  }).map((finding) => [finding.severity, finding.message.split(' ')[0]]);
  expect(rules).toEqual([
    ['warning', "'torch'"],
    ['error', "'yaml'"],
  ]);
});

test('what is excluded is not missed', async () => {
  const backend = { ...(await script()), excludes: ['torch'] };
  expect(
    judgeBuild(backend, [], {
      ...clean,
      warnings: ['missing module named torch.cuda - imported by main (top-level)'],
    }),
  ).toEqual([]);
});

test('sys.executable as a command is one warning, with the first place, the others and the cure', async () => {
  const uses = [7, 9].map((line) => ({
    file: '/app/main.py',
    line,
    text: 'subprocess.run([sys.executable])',
  }));
  const found = judgeBuild(await script(), [], { ...clean, interpreter: uses });
  expect(found).toMatchObject([{ severity: 'warning', rule: 'interpreter' }]);
  expect(found[0]?.message).toMatch(/main\.py:7 starts sys\.executable \(subprocess\.run.*main\.py:9: .*78/u);
  expect(found[0]?.fix).toContain('multiprocessing');
});

test('no program, no bundle', async () => {
  expect(judgeBuild(await script(), [], { ...clean, programs: [] })).toMatchObject([{ rule: 'program' }]);
});

test('every rule that fails a build is documented', async () => {
  const documented = new Set(strictRules.map((rule) => rule.rule));
  const plain = await script();
  const backend = { ...plain, pyinstaller: { ...plain.pyinstaller, hooks: ['/hooks'] } };
  const everything = judgeBuild(
    backend,
    [error('x'), log('WARNING', 'Hidden import "x" not found!', '/hooks/hook-x.py')],
    {
      ...clean,
      programs: [],
      missing: [{ name: 'x', request: 'x', path: 'p', optional: false, expanded: false }],
      firstParty: [...clean.firstParty, { name: 'services.a', file: '/a.py', present: false }],
      loads: [
        { file: '/app/main.py', module: 'main', line: 1, text: 't', pattern: 'services.*', deep: false },
      ],
      warnings: [
        'invalid module named bad - imported by main (top-level)',
        'missing module named q - imported by main (top-level)',
      ],
      hookSettings: [{ package: 'x', key: null }],
      idleExclusions: ['nothing/*'],
    },
  );
  expect(everything.map((finding) => finding.rule)).toHaveLength(9);
  for (const finding of everything) expect(documented).toContain(finding.rule);
});

test('every problem of a request names its place, what was seen and an edit', async () => {
  const backend = await script();
  const codes = [
    'not-found',
    'not-a-package',
    'not-installed',
    'empty',
    'pattern',
    'expansion-failed',
    'spec-keyword',
  ] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...codes),
      fc.string({ minLength: 1 }),
      fc.array(fc.string()),
      (code, name, suggestions) => {
        const [found] = judgeProblems(backend, [
          { code, name, path: 'hiddenImports[3]', message: 'seen this', suggestions },
        ]);
        expect(found?.message).toContain(`'${name}' (hiddenImports[3]): seen this`);
        expect(found?.fix).toMatch(/Correct|Add|Write|Remove/);
      },
    ),
  );
});

test('a long path with spaces, which PyInstaller prints in pieces, is named whole', async () => {
  const said =
    "Foreign Python environment's site-packages paths added to --paths/pathex:\n['/home/ada/My Projects/app '\n '2/venv/lib/python3.11/site-packages']\nThis is";
  const [found] = judgeBuild(await script(), [log('DEPRECATION', said)], clean);
  expect(found?.message).toContain('(/home/ada/My Projects/app 2/venv/lib/python3.11/site-packages)');
});

test('requirements of which nothing is in the bundle are one warning, with an edit for what they are', async () => {
  const [plain] = judgeBuild(await script(), [], {
    ...clean,
    unused: [{ name: 'PyYAML', modules: ['_yaml', 'yaml'], groups: [] }],
  });
  expect(plain).toMatchObject({ severity: 'warning', rule: 'unused-requirement' });
  expect(plain?.fix).toBe(
    "When it imports them by name: add hiddenImports: ['yaml'] to backends.engine in pyinstaller.config.json; when it does not need it: remove it from the requirements.",
  );
  const both = judgeBuild(await script(), [], {
    ...clean,
    unused: [
      { name: 'one-plugin', modules: ['one_plugin'], groups: ['app.plugins'] },
      { name: 'two', modules: ['_two'], groups: [] },
    ],
  });
  expect(both.map(({ message }) => message)).toEqual([
    'Nothing of one-plugin and two is in the bundle, which the requirements name: the program imports no module of them.',
  ]);
  expect(both[0]?.fix).toContain("collect: { entryPoints: ['app.plugins'] }");
  expect(both[0]?.fix).toContain("hiddenImports: ['_two']");
});

test('what an installed program loads by name fails the build when it is not collected whole', async () => {
  const found = judgeBuild(await script(), [], {
    ...clean,
    program: [
      { name: 'tool', file: '/site/tool/__init__.py', present: true },
      { name: 'tool.extra', file: '/site/tool/extra.py', present: false },
    ],
    loads: [
      {
        file: '/site/tool/__init__.py',
        module: 'tool',
        line: 3,
        text: 'import_module(name)',
        pattern: 'tool.extra',
        deep: false,
      },
    ],
  });
  expect(found).toMatchObject([{ severity: 'error', rule: 'loaded-by-name' }]);
  expect(found[0]?.fix).toContain("hiddenImports: ['tool.extra']");
});

test('what several places load by name stands in one edit', async () => {
  const names = ['plug', 'plug.a', 'yaml'];
  const found = judgeBuild(await script(), [], {
    ...clean,
    firstParty: names.map((name) => ({ name, file: `/app/${name}.py`, present: false })),
    loads: names.map((name, index) => ({
      file: '/app/main.py',
      module: 'main',
      line: index + 1,
      text: `import_module('${name}')`,
      pattern: name,
      deep: false,
    })),
  });
  expect(found.map(({ fix }) => fix.split(' to ')[0])).toEqual([
    "Add hiddenImports: ['plug.a', 'yaml']",
    expect.stringContaining("It is in the edit above; or, when it is never loaded, excludes: ['plug.a']"),
    expect.stringContaining('It is in the edit above; or'),
  ]);
});
