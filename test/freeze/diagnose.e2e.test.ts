import { execFileSync } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { provisionEnvironment } from '../../src/python/index.js';
import { wheelFile } from '../bundle/wheels.js';
import { temporaryFolder } from '../support/files.js';
import { testCacheDir } from '../support/paths.js';
import { freeze, makeBackend, setVariable } from './support/project.js';
import { processesIn } from './support/program.js';

const spec = (before: string, analysis = "['backend/hello.py']"): string => `${before}
a = Analysis(${analysis})
pyz = PYZ(a.pure)
exe = EXE(pyz, a.scripts, exclude_binaries=True, name='engine')
coll = COLLECT(exe, a.binaries, a.datas, name='engine')
`;

/** The message of a build with this spec; real PyInstaller, ended by its own error. */
async function messageOf(text: string, requirements: readonly string[] = []): Promise<string> {
  const backend = await makeBackend(
    { 'backend/hello.py': 'print("hello")\n', 'x.spec': text },
    { kind: 'job', pyinstaller: { spec: 'x.spec' }, requirements },
  );
  return await freeze(backend).then(
    () => 'it succeeded',
    (error: unknown) => (error as Error).message,
  );
}

test.each<[string, string, readonly string[]]>([
  [
    'a data file that does not exist',
    spec('', "['backend/hello.py'], datas=[('nowhere/*.json', '.')]"),
    [
      'nowhere',
      'is named in datas or binaries of a spec or hook',
      'relative paths start at the folder of the spec',
    ],
  ],
  [
    'a script that does not exist',
    spec('', "['backend/helo.py']"),
    ['helo.py', 'names the script', 'Correct the path in the spec'],
  ],
  [
    'encryption',
    spec('', "['backend/hello.py'], cipher=object()"),
    ['sets `cipher`, which PyInstaller removed in 6.0', 'Remove `cipher=`'],
  ],
  ['a syntax error', spec('def ('), ['does not parse', 'Repair the file']],
  [
    'metadata of something that is not installed',
    spec("from PyInstaller.utils.hooks import copy_metadata\ncopy_metadata('torch')"),
    ['asks for the metadata of torch, which is not installed', 'Add torch to the requirements.'],
  ],
  [
    'a module that is not installed',
    spec('import torch'),
    [
      'imports torch during the build, and it is not installed',
      'Add the package torch (or the one it is from) to the requirements.',
    ],
  ],
  [
    'a name that a module does not have',
    spec('from json import nothing_of_this_name'),
    ["The standard library's json does not have this name", 'Rename your own json.py, and what imports it.'],
  ],
  [
    'a Python without shared library that only PyInstaller notices',
    spec('from PyInstaller.exceptions import PythonLibraryNotFoundError\nraise PythonLibraryNotFoundError()'),
    ['built without libpython', '--enable-shared'],
  ],
  [
    'imports nested too deeply',
    spec('raise RecursionError("maximum recursion depth exceeded")'),
    ['recursionLimit: 20000'],
  ],
])('%s is explained with cause and edit', async (_, text, expected) => {
  const message = await messageOf(text);
  for (const part of expected) expect(message).toContain(part);
  expect(message).toMatch(/Full log: .+\.log$/);
  expect(message).not.toMatch(/\n\s+at /);
});

describe("what only macOS makes PyInstaller's own code say is explained", () => {
  const library = () => wheelFile('markupsafeMac', 'markupsafe/_speedups.cpython-312-darwin.so');
  const call = (line: string): string => spec(`from PyInstaller.utils import osx\n${line}`);

  test.each([['x86_64'], ['universal2']])('a library that is not made for %s', async (arch) => {
    const file = await library();
    const message = await messageOf(call(`osx.binary_to_target_arch(${JSON.stringify(file)}, "${arch}")`), [
      'macholib',
    ]);
    expect(message).toContain(`${file} is built for one architecture only.`);
    expect(message).toContain('Install universal2 wheels');
  });

  test('a codesign that fails (played by a program that fails)', async () => {
    const message = await messageOf(
      call(`run = osx.subprocess.run
osx.subprocess.run = lambda command, **options: run(["false"], **options)
osx.sign_binary(${JSON.stringify(await library())}, "Developer ID Application: Nobody")`),
      ['macholib'],
    );
    expect(message).toContain('macOS codesign ended with 1');
    expect(message).toContain('security find-identity');
  });
});

test.skipIf(process.platform !== 'linux').each([
  ['objdump', 'ldd'],
  ['ldd', 'objdump'],
])('a missing %s is named with the package that has it', async (missing, present) => {
  const bin = path.join(await temporaryFolder(), 'bin');
  await mkdir(bin);
  const tool = execFileSync('sh', ['-c', `command -v ${present}`], { encoding: 'utf8' }).trim();
  await symlink(tool, path.join(bin, present));
  const backend = await makeBackend(
    { 'backend/hello.py': 'print("hello")\n' },
    { kind: 'job', entry: 'backend/hello.py' },
  );
  // The environment is made first: pip may need the ordinary tools.
  await provisionEnvironment(backend, { cacheDir: testCacheDir });
  setVariable('PATH', bin);
  await expect(freeze(backend)).rejects.toMatchObject({
    code: 'ERR_FREEZE',
    message: expect.stringMatching(`needs ${missing}, [^]+apt install binutils`) as string,
  });
});

test.skipIf(process.platform === 'win32')('a driver that the system kills ran out of memory', async () => {
  const backend = await makeBackend(
    { 'backend/hello.py': `print("${Date.now()}")\n` },
    { kind: 'job', entry: 'backend/hello.py' },
  );
  const frozen = freeze(backend, {
    report: (event) => {
      if (event.type !== 'stage' || event.stage !== 'graph') return;
      void processesIn('driver.py').then((lines) => {
        const own = lines.find((line) => line.includes(`/${process.pid}-`));
        process.kill(Number.parseInt(own ?? '', 10), 'SIGKILL');
      });
    },
  });
  await expect(frozen).rejects.toMatchObject({
    code: 'ERR_FREEZE',
    message: expect.stringContaining('almost always for lack of memory') as string,
  });
});

test('metadata of the own project that only its build backend knows is not advised to be collected while the project is not installed', async () => {
  const backend = await makeBackend(
    {
      'backend/pyproject.toml': '[project]\nname = "my-engine"\ndynamic = ["version"]\ndependencies = []\n',
      'backend/hello.py': 'from importlib.metadata import version\nprint(version("my-engine"))\n',
    },
    { kind: 'job', entry: 'backend/hello.py', verify: { args: [] } },
  );
  await expect(freeze(backend)).rejects.toMatchObject({
    code: 'ERR_VERIFY',
    hint: expect.stringMatching(/The distribution my-engine is not installed .*\.\/backend/) as string,
  });
});
