import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type {
  Audit,
  DriverProblem,
  DriverRecord,
  DynamicLoad,
  NamedFile,
} from '../../../src/freeze/driver/records.js';
import type { DriverJob, DriverRequest, SpecPlan } from '../../../src/freeze/plan.js';
import type { SourceTree } from '../../../src/freeze/sources.js';
import { companionDir } from '../../../src/lib/package-root.js';
import { realPythons } from '../../python/real-pythons.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { pythonCommand } from '../../support/python-command.js';

const python = realPythons()[0] ?? pythonCommand;

/** The keys of a type. The compiler refuses one too few and one too many. */
const keys = <Type>(all: Readonly<Record<keyof Required<Type>, true>>): string[] =>
  Object.keys(all).toSorted();
/** What of a record is written down in Python; `ms` is added to each when it is written. */
type Written<Kind extends DriverRecord['type']> = Omit<Extract<DriverRecord, { readonly type: Kind }>, 'ms'>;

const readHere: Readonly<Record<string, string[]>> = {
  Job: keys<DriverJob>({
    spec: true,
    ownSpec: true,
    planFile: true,
    auditFile: true,
    descriptorFile: true,
    dist: true,
    work: true,
    paths: true,
    project: true,
    sources: true,
    excludes: true,
    recursionLimit: true,
    requests: true,
    consoleScript: true,
    ownDistribution: true,
    distribution: true,
    requirements: true,
    hooks: true,
    hooksConfig: true,
    installedHooks: true,
    laidFiles: true,
    present: true,
    knownCode: true,
    plan: true,
  }),
  Plan: keys<SpecPlan>({
    mode: true,
    scripts: true,
    pathex: true,
    datas: true,
    binaries: true,
    excludeFiles: true,
    lightHooks: true,
    analysis: true,
    exe: true,
    collect: true,
    options: true,
  }),
  Request: keys<DriverRequest>({ kind: true, name: true, path: true, optional: true, origin: true }),
  InstalledHooks: keys<DriverJob['installedHooks']>({ file: true, key: true }),
  ConsoleScript: keys<NonNullable<DriverJob['consoleScript']>>({ name: true, path: true }),
  SourceTree: keys<SourceTree>({ root: true, modules: true, data: true }),
  Module: keys<SourceTree['modules'][number]>({ name: true, file: true }),
  LogRecord: keys<Written<'log'>>({
    type: true,
    level: true,
    logger: true,
    message: true,
    hook: true,
    traceback: true,
  }),
  StageRecord: keys<Written<'stage'>>({ type: true, stage: true, title: true }),
  ProblemRecord: keys<DriverProblem & { readonly type: 'problem' }>({
    type: true,
    code: true,
    name: true,
    path: true,
    message: true,
    suggestions: true,
    call: true,
  }),
  CrashRecord: keys<Written<'crash'>>({ type: true, error: true, traceback: true }),
  ExitRecord: keys<Written<'exit'>>({ type: true, code: true, message: true }),
  Audit: keys<Audit>({
    modules: true,
    missing: true,
    laid: true,
    code: true,
    files: true,
    origins: true,
    programs: true,
    firstParty: true,
    program: true,
    unused: true,
    builtFor: true,
    loads: true,
    warnings: true,
    interpreter: true,
    namedFiles: true,
    suggestions: true,
    hookSettings: true,
    idleExclusions: true,
  }),
  Required: keys<Audit['missing'][number]>({
    name: true,
    request: true,
    path: true,
    optional: true,
    expanded: true,
  }),
  FoundModule: keys<Audit['firstParty'][number]>({ name: true, file: true, present: true }),
  DynamicLoad: keys<DynamicLoad>({
    file: true,
    module: true,
    line: true,
    text: true,
    pattern: true,
    deep: true,
  }),
  DataFile: keys<SourceTree['data'][number]>({ place: true, file: true }),
  UnusedRequirement: keys<Audit['unused'][number]>({ name: true, modules: true, groups: true }),
  InterpreterUse: keys<Audit['interpreter'][number]>({ file: true, line: true, text: true }),
  NamedFile: keys<NamedFile>({
    kind: true,
    file: true,
    line: true,
    text: true,
    source: true,
    bundle: true,
    folder: true,
    variables: true,
  }),
  LaidFile: keys<Audit['laid'][number]>({ source: true, destination: true }),
  HookSetting: keys<Audit['hookSettings'][number]>({ package: true, key: true }),
};

const run = (code: string, ...args: string[]): unknown =>
  JSON.parse(execFileSync(python, ['-B', '-c', code, companionDir, ...args], { encoding: 'utf8' }));

test('what the driver declares, and its checker holds it to, is what is read here', () => {
  const declared = run(`
import json, sys, typing
sys.path.insert(0, sys.argv[1])
from freezer import contract
print(json.dumps({
    name: sorted(typing.get_type_hints(shape))
    for name, shape in vars(contract).items()
    if not name.startswith("_") and isinstance(shape, type) and hasattr(shape, "__total__")
}))
`) as Record<string, string[]>;
  // Parts of others that do not travel by themselves.
  const { Problem: _problem, BundleFacts: _facts, Claim: _claim, ...travelling } = declared;
  expect(travelling).toEqual(readHere);
});

test('the facts of a build, from files as PyInstaller writes them', async () => {
  const root = await writeFiles({
    'main.py': 'import importlib\nimportlib.import_module(f"services.{name}")\n',
    'services/a.py': '',
    'services/b.py': 'import importlib\nimportlib.import_module("gone." + name)\n',
    'pkg/inner.py': '',
  });
  const work = await temporaryFolder();
  const file = (name: string): string => path.join(root, name);
  const rows = (...list: readonly (readonly [string, string | null, string])[]): string =>
    list
      .map(
        ([name, source, kind]) =>
          `(${JSON.stringify(name)}, ${source === null ? 'None' : JSON.stringify(source)}, '${kind}')`,
      )
      .join(', ');
  const modules = rows(
    ['pkg.inner', file('pkg/inner.py'), 'PYMODULE'],
    ['services.a', file('services/a.py'), 'PYMODULE-1'],
  );
  const collected = rows(
    ['six/_six.cpython-312-x86_64-linux-gnu.so', '/x/_six.so', 'EXTENSION'],
    ['libz.so.1', '/lib/libz.so.1', 'BINARY'],
    ['libz.so.1', '/lib/libz.so.1', 'BINARY'],
    ['plain/module.py', '/x/module.py', 'DATA'],
    ['conf.json', file('conf.json'), 'DATA'],
  );
  await mkdir(path.join(work, 'engine'));
  for (const [name, text] of Object.entries({
    'PYZ-00.toc': `('/w/PYZ-00.pyz', [${modules}])`,
    'EXE-00.toc': `('/dist/engine/engine', True, [${rows(['main', file('main.py'), 'PYSOURCE'])}])`,
    'COLLECT-00.toc': `([${collected}],)`,
    'Analysis-00.toc': `([${JSON.stringify(file('main.py'))}], [], [${rows(['main', file('main.py'), 'PYSOURCE'])}], [${modules}])`,
    'warn-engine.txt': '\nmissing module named gone - imported by x (top-level)\nsomething else\n',
  }))
    await writeFile(path.join(work, 'engine', name), text);
  const names = ['main', 'services.a', 'services.b', 'pkg.inner'];
  const sources = [
    { root, modules: names.map((name) => ({ name, file: file(`${name.replaceAll('.', '/')}.py`) })) },
  ];
  const required = [
    { name: 'services.b', request: 'services.*', path: 'p', optional: false, expanded: true },
  ];
  const facts = run(
    `
import json, sys
sys.path.insert(0, sys.argv[1])
from freezer import audit
print(json.dumps(audit.audit(sys.argv[2], json.loads(sys.argv[3]), json.loads(sys.argv[4]), ".")))
`,
    path.join(work, 'engine'),
    JSON.stringify(sources),
    JSON.stringify(required),
  ) as Audit;
  expect(Object.keys(facts).toSorted()).toEqual(
    readHere['Audit']?.filter(
      (key) => !['suggestions', 'hookSettings', 'idleExclusions', 'unused', 'builtFor', 'laid'].includes(key),
    ),
  );
  expect(facts).toMatchObject({
    missing: required,
    programs: ['/dist/engine/engine'],
    files: [
      ['six/_six.cpython-312-x86_64-linux-gnu.so', '/x/_six.so', 'EXTENSION'],
      ['libz.so.1', '/lib/libz.so.1', 'BINARY'],
      ['plain/module.py', '/x/module.py', 'DATA'],
      ['conf.json', file('conf.json'), 'DATA'],
    ],
    firstParty: [
      { name: 'main', file: file('main.py'), present: false },
      { name: 'pkg.inner', file: file('pkg/inner.py'), present: true },
      { name: 'services.a', file: file('services/a.py'), present: true },
      { name: 'services.b', file: file('services/b.py'), present: false },
    ],
    program: [],
    // A script is in it as `__main__`; what is not in it loads nothing: no claim of services.b.
    loads: [{ file: file('main.py'), module: '__main__', line: 2, pattern: 'services.*', deep: false }],
    warnings: ['missing module named gone - imported by x (top-level)'],
    interpreter: [],
    namedFiles: [],
  });
  expect(Object.keys(facts.loads[0] ?? {}).toSorted()).toEqual(readHere['DynamicLoad']);
  expect(facts.modules).toEqual(
    expect.arrayContaining(['pkg', 'pkg.inner', 'plain', 'plain.module', 'services', 'sys']),
  );
  expect(facts.modules).not.toContain('services.b');
  expect(facts.origins).toEqual([file('main.py'), file('pkg/inner.py'), file('services/a.py')]);
});
