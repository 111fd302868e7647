import { execFileSync } from 'node:child_process';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { pyinstallerSchema } from '../../src/config/schema/pyinstaller.js';
import { layoutOf } from '../../src/freeze/assemble.js';
import { planFreeze } from '../../src/freeze/plan.js';
import { provisionEnvironment } from '../../src/python/index.js';
import { temporaryFolder } from '../support/files.js';
import { repositoryDir, testCacheDir } from '../support/paths.js';
import { freeze, makeBackend } from './support/project.js';
import { programOf, runFrozen } from './support/program.js';

/** Options that only the target's own PyInstaller can show; here their names are compared with what PyInstaller reads. */
const elsewhere = {
  win32: ['icon', 'manifest', 'versionInfo'],
  darwin: ['codesignIdentity', 'entitlements'],
} as const;

/** Options that the builds of this file set, filled by {@link exercised}. */
const seen = new Set<string>(['version', 'spec']);

function exercised<T extends Readonly<Record<string, unknown>>>(options: T): T {
  for (const name of Object.keys(options)) seen.add(name);
  return options;
}

const hello = { 'backend/hello.py': 'import sys\nprint("hello", *sys.argv[1:])\n' };
const job = { kind: 'job', entry: 'backend/hello.py' };

test('every option reaches PyInstaller: the program is what they say', async () => {
  const backend = await makeBackend(
    {
      'backend/report.py': `import json, sys, os, shutil
import helper
try:
    import csv
    csv_there = True
except ImportError:
    csv_there = False
root = sys._MEIPASS
print(json.dumps({
    'argv0': os.path.basename(sys.executable),
    'data': sorted(os.listdir(os.path.join(root, 'assets'))),
    'nested': open(os.path.join(root, 'assets', 'deep', 'b.txt')).read(),
    'csv': csv_there,
    'doc': helper.work.__doc__,
    'hook': os.environ.get('FROM_RUNTIME_HOOK'),
    'warnings': sys.warnoptions,
    'unbuffered': sys.stdout.write_through,
    'utf8': sys.flags.utf8_mode,
    'optimized': [sys.flags.optimize, __debug__, eval('__debug__'), helper.asserted()],
    'contents': os.path.basename(root),
    'helper_file': os.path.exists(os.path.join(root, 'helper.pyc')),
    'late': __import__('late_' + 'module').VALUE,
    'lzma': [name for _, _, names in os.walk(root) for name in names if '_lzma' in name],
}))
`,
      'backend/helper.py':
        'def work():\n    "A docstring."\ndef asserted():\n    try:\n        assert False\n    except AssertionError:\n        return True\n    return False\n',
      'backend/late_module.py': 'VALUE = 7\n',
      'assets/a é.txt': 'a',
      'assets/deep/b.txt': 'b',
      'assets/deep/skip.log': '',
      'rthook.py': "import os\nos.environ['FROM_RUNTIME_HOOK'] = 'yes'\n",
    },
    {
      kind: 'job',
      entry: 'backend/report.py',
      hiddenImports: ['late_module'],
      data: [{ from: 'assets/**/*', to: 'assets', exclude: ['**/*.log'] }],
      excludes: ['csv'],
      pyinstaller: exercised({
        name: 'my report é',
        optimize: 2,
        excludeFiles: ['**/_lzma.*'],
        strip: true,
        contentsDirectory: 'inner',
        moduleCollectionMode: { helper: 'pyc' },
        runtimeHooks: ['rthook.py'],
        pythonOptions: ['W error::UserWarning'],
      }),
    },
  );
  const { frozen } = await freeze(backend);
  expect(path.basename(programOf(frozen))).toBe('my report é');
  expect(JSON.parse(await runFrozen(frozen))).toEqual({
    argv0: 'my report é',
    data: ['a é.txt', 'deep'],
    nested: 'b',
    csv: false,
    doc: null,
    hook: 'yes',
    warnings: ['error::UserWarning'],
    unbuffered: true,
    utf8: 1,
    optimized: [2, false, false, false],
    contents: 'inner',
    helper_file: true,
    late: 7,
    lzma: [],
  });
});

test('the other options reach PyInstaller too', async () => {
  const backend = await makeBackend(
    {
      'backend/report.py': `import json, sys, os, packaged, shared
print(json.dumps({
    'source': os.path.exists(os.path.join(sys._MEIPASS, 'packaged', '__init__.py')),
    'late': __import__('late_by_' + 'hook').VALUE,
    'chosen': os.path.exists(os.path.join(sys._MEIPASS, 'chosen.txt')),
    'shared': shared.VALUE,
}))
`,
      'backend/packaged/__init__.py': '',
      'backend/late_by_hook.py': 'VALUE = 8\n',
      'backend/chosen.txt': '',
      'elsewhere/shared.py': 'VALUE = 9\n',
      'hooks/hook-packaged.py': `import os
from PyInstaller.utils.hooks import get_hook_config
hiddenimports = ['late_by_hook']
def hook(hook_api):
    if get_hook_config(hook_api, 'packaged', 'data') == 'chosen':
        hook_api.add_datas([(os.path.join(os.path.dirname(hook_api.__file__), '..', 'chosen.txt'), '.')])
`,
    },
    {
      kind: 'job',
      entry: 'backend/report.py',
      pyinstaller: exercised({
        hooks: ['hooks'],
        hooksConfig: { packaged: { data: 'chosen' } },
        paths: ['elsewhere'],
        moduleCollectionMode: { packaged: 'py' },
        recursionLimit: 6000,
        upx: true,
        upxExclude: ['libz.so*'],
        console: true,
        debug: true,
      }),
    },
  );
  const { frozen } = await freeze(backend);
  const printed = await runFrozen(frozen);
  expect(JSON.parse(printed)).toEqual({ source: true, late: 8, chosen: true, shared: 9 });
});

test('mode onefile makes one file that runs, unpacked where it should be', async () => {
  const runtimeTmpdir = await temporaryFolder();
  const backend = await makeBackend(
    { 'backend/hello.py': 'import sys\nprint("hello", *sys.argv[1:], sys._MEIPASS)\n' },
    { ...job, pyinstaller: exercised({ mode: 'onefile', runtimeTmpdir }) },
  );
  const { frozen } = await freeze(backend);
  expect(await readdir(frozen.bundleDir)).toEqual(['engine']);
  expect(frozen.manifest.program).toMatchObject({ mode: 'onefile', executable: 'engine' });
  expect(await runFrozen(frozen, ['you'])).toContain(`hello you ${runtimeTmpdir}${path.sep}_MEI`);
});

test('no option is left out, and those of other systems have the names that PyInstaller reads', async () => {
  const { shape } = pyinstallerSchema as unknown as { shape: Readonly<Record<string, unknown>> };
  expect([...seen, ...elsewhere.win32, ...elsewhere.darwin].sort()).toEqual(Object.keys(shape).sort());

  const backend = await makeBackend(hello, job);
  const given = (
    [
      ['win32', 'x64'],
      ['darwin', 'arm64'],
    ] as const
  ).flatMap(([platform, arch]) => {
    const icon = path.join(backend.projectDir, 'icon');
    const other = { ...backend, target: { platform, arch }, pyinstaller: { ...backend.pyinstaller, icon } };
    return Object.keys(planFreeze(other, layoutOf('/work'), { data: [], binaries: [] }, [], []).plan.exe);
  });
  const { interpreter } = await provisionEnvironment(backend, { cacheDir: testCacheDir });
  const read = execFileSync(
    interpreter,
    [
      '-c',
      'import json, sys; sys.path.insert(0, sys.argv[1]); from freezer import speccheck; print(json.dumps(sorted(speccheck._accepted()["EXE"])))',
      path.join(repositoryDir, 'companion'),
    ],
    { encoding: 'utf8' },
  );
  expect(JSON.parse(read)).toEqual(expect.arrayContaining([...new Set(given)]));
});

test('the same inputs in two folders give bit-identical bundles', async () => {
  const first = await freeze(await makeBackend(hello, job));
  const second = await freeze(await makeBackend(hello, job), { force: true });
  expect(second.frozen.cached).toBe(false);
  expect(second.frozen.key).toBe(first.frozen.key);
  expect(second.frozen.manifest.program).toEqual(first.frozen.manifest.program);
});

test('console scripts, callables and modules run through the bootstrap', async () => {
  const script = await makeBackend(
    {},
    {
      kind: 'job',
      entry: { consoleScript: 'normalizer' },
      source: '.',
      requirements: ['charset-normalizer'],
    },
  );
  expect(await runFrozen((await freeze(script)).frozen, ['--version'])).toMatch(/^Charset-Normalizer \d/i);
  const module = await makeBackend(
    {
      'backend/tool/__init__.py': '',
      'backend/tool/__main__.py': 'import sys\nfrom tool import parts\nprint(parts.NAME, sys.argv[1:])\n',
      'backend/tool/parts.py': 'NAME = "tool"\n',
    },
    { kind: 'job', entry: { module: 'tool' } },
  );
  expect(await runFrozen((await freeze(module)).frozen, ['x'])).toBe("tool ['x']");
});

test('a hand-written spec is frozen and checked like everything else, and its mistakes are told', async () => {
  const spec = (exe: string): string => `
a = Analysis(['backend/hello.py'])
pyz = PYZ(a.pure)
exe = EXE(pyz, a.scripts, exclude_binaries=True, name='written'${exe})
coll = COLLECT(exe, a.binaries, a.datas, name='folder')
`;
  const config = { kind: 'job', pyinstaller: { spec: 'written.spec' } };
  const good = await makeBackend({ ...hello, 'written.spec': spec('') }, config);
  const { frozen } = await freeze(good);
  expect(frozen.manifest).toMatchObject({
    companion: 'none',
    program: { executable: 'written', mode: 'onedir' },
  });
  expect(await runFrozen(frozen, ['spec'])).toBe('hello spec');
  expect((await lstat(path.join(frozen.bundleDir, '_internal'))).isDirectory()).toBe(true);

  const wrong = await makeBackend({ ...hello, 'written.spec': spec(', onefile=True') }, config);
  await expect(freeze(wrong)).rejects.toMatchObject({
    message: expect.stringContaining(
      "EXE() has no parameter 'onefile'; PyInstaller ignores it without a word",
    ) as string,
    hint: expect.stringContaining("pyinstaller: { mode: 'onefile' }") as string,
  });
});

test('what a hand-written spec decides is taken from the program, not from defaults of keys it may not have', async () => {
  const files = {
    ...hello,
    'backend/conf.json': '{}',
    'written.spec': `
a = Analysis(['backend/hello.py'], datas=[('backend/conf.json', 'settings')])
exe = EXE(PYZ(a.pure), a.scripts, exclude_binaries=True, name='written', contents_directory='.', console=False)
coll = COLLECT(exe, a.binaries, a.datas, name='folder')
`,
  };
  const config = (file: string) => ({
    kind: 'job',
    pyinstaller: { spec: 'written.spec' },
    verify: { files: [file], args: [] },
  });
  const { frozen } = await freeze(await makeBackend(files, config('settings/conf.json')));
  expect((await lstat(path.join(frozen.bundleDir, 'settings/conf.json'))).isFile()).toBe(true);
  await expect(freeze(await makeBackend(files, config('settings/other.json')))).rejects.toMatchObject({
    code: 'ERR_VERIFY',
  });
});
