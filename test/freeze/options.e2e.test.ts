import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { freeze, makeBackend } from './support/project.js';
import { programOf, runFrozen } from './support/program.js';

const hello = { 'backend/hello.py': 'import sys\nprint("hello", *sys.argv[1:])\n' };
const job = { kind: 'job', entry: 'backend/hello.py' };

test('every option reaches PyInstaller: the program is what they say', async () => {
  const backend = await makeBackend(
    {
      'backend/report.py': `import json, sys, os
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
    'contents': os.path.basename(root),
    'helper_file': os.path.exists(os.path.join(root, 'helper.pyc')),
    'late': __import__('late_' + 'module').VALUE,
}))
`,
      'backend/helper.py': 'def work():\n    "A docstring."\n',
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
      pyinstaller: {
        name: 'my report é',
        noarchive: true,
        optimize: 2,
        strip: true,
        contentsDirectory: 'inner',
        runtimeHooks: ['rthook.py'],
        pythonOptions: ['W error::UserWarning'],
      },
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
    contents: 'inner',
    helper_file: true,
    late: 7,
  });
});

test('mode onefile makes one file that runs', async () => {
  const backend = await makeBackend(hello, { ...job, pyinstaller: { mode: 'onefile' } });
  const { frozen } = await freeze(backend);
  expect(await readdir(frozen.bundleDir)).toEqual(['engine']);
  expect(frozen.manifest.program).toMatchObject({ mode: 'onefile', executable: 'engine' });
  expect(await runFrozen(frozen, ['you'])).toBe('hello you');
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
