import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { provisionEnvironment } from '../../src/python/index.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { testCacheDir } from '../support/paths.js';
import { startFreeze } from './support/child.js';
import { freeze, makeBackend } from './support/project.js';

const files = { 'backend/hello.py': 'print("hello")\n' };
const job = { kind: 'job', entry: 'backend/hello.py' };
const isLinux = process.platform === 'linux';

/** A real environment with PyInstaller, copied so that it can be damaged, and its package folder. */
async function copiedEnvironment(): Promise<{ readonly env: string; readonly packages: string }> {
  const { interpreter } = await provisionEnvironment(await makeBackend(files, job), {
    cacheDir: testCacheDir,
  });
  const env = path.join(await temporaryFolder(), 'venv');
  await cp(path.dirname(path.dirname(interpreter)), env, { recursive: true, verbatimSymlinks: true });
  const [version = ''] = await readdir(path.join(env, 'lib'));
  return { env, packages: path.join(env, 'lib', version, 'site-packages') };
}

/** The error of freezing with an environment after something was done to it. */
async function messageWith(damage: (packages: string) => Promise<unknown>): Promise<string> {
  const { env, packages } = await copiedEnvironment();
  await damage(packages);
  const backend = await makeBackend(files, { ...job, python: { env } });
  return await freeze(backend, { cacheDir: await temporaryFolder() }).then(
    () => 'it succeeded',
    (error: unknown) => (error as Error).message,
  );
}

test.skipIf(!isLinux).each<[string, (packages: string) => Promise<unknown>, readonly string[]]>([
  [
    'a bootloader that was removed',
    async (packages) => {
      const folder = path.join(packages, 'PyInstaller', 'bootloader');
      for (const name of await readdir(folder)) await rm(path.join(folder, name), { recursive: true });
    },
    ['The bootloader of PyInstaller is not there', 'exclude the cache folder from virus scanning'],
  ],
  [
    'an obsolete backport of the standard library',
    (packages) =>
      writeFiles(
        {
          METADATA: 'Metadata-Version: 2.1\nName: typing\nVersion: 3.7.4.3\n',
          RECORD: '',
          INSTALLER: 'pip\n',
        },
        path.join(packages, 'typing-3.7.4.3.dist-info'),
      ),
    ['The package typing replaces a module of the standard library', 'pip uninstall typing'],
  ],
  [
    'a PyInstaller of which only the list of packages knows',
    (packages) => rm(path.join(packages, 'PyInstaller'), { recursive: true }),
    ['PyInstaller is not installed in the environment', 'python -m pip install pyinstaller'],
  ],
])('%s is explained with cause and edit', async (_, damage, expected) => {
  const message = await messageWith(damage);
  for (const part of expected) expect(message).toContain(part);
  expect(message).toMatch(/Full log: .+\.log$/);
  expect(message).not.toMatch(/\n\s+at /);
});

test('the packages of another environment on the path are a warning with the edit', async () => {
  const { packages } = await copiedEnvironment();
  const { frozen } = await freeze(await makeBackend(files, { ...job, pyinstaller: { paths: [packages] } }));
  expect(frozen.warnings.join('\n')).toContain(
    `The packages of another environment are on the path (${packages})`,
  );
  expect(frozen.warnings.join('\n')).toContain("python: { env: '<its folder>' } in backends.engine");
});

/** Without the rights of root to read everything; an ordinary user has none. */
const unprivileged =
  process.getuid?.() === 0
    ? [
        'setpriv',
        '--bounding-set=-dac_override,-dac_read_search',
        '--inh-caps=-dac_override,-dac_read_search',
      ]
    : [];

test.skipIf(!isLinux)('a file that may not be read is named', async () => {
  const { interpreter } = await provisionEnvironment(await makeBackend(files, job), {
    cacheDir: testCacheDir,
  });
  const spec = `
a = Analysis(['backend/hello.py'], datas=[('private/key.txt', '.')])
exe = EXE(PYZ(a.pure), a.scripts, exclude_binaries=True, name='engine')
coll = COLLECT(exe, a.binaries, a.datas, name='engine')
`;
  const { projectDir } = await makeBackend(
    { ...files, 'x.spec': spec, 'private/key.txt': 'secret' },
    {
      kind: 'job',
      source: 'backend',
      pyinstaller: { spec: 'x.spec' },
      python: { env: path.resolve(interpreter, '../..') },
    },
  );
  await chmod(path.join(projectDir, 'private/key.txt'), 0);
  const child = await startFreeze(projectDir, await temporaryFolder(), unprivileged);
  const result = await child.end();
  expect(result).toMatchObject({
    code: 'ERR_FREEZE',
    message: expect.stringMatching(/key\.txt cannot be read or written/) as string,
  });
});

/** The system's Python holds libpython inside; the shared library, which a frozen program needs, is a package of its own. */
const systemPython = '/usr/bin/python3';

/** Whether a private view of the system's library folder can be made, and libpython hidden in it. */
function hidingLibpython(): readonly string[] | null {
  if (!isLinux || process.getuid?.() !== 0 || !existsSync(systemPython)) return null;
  const folder = execFileSync(
    systemPython,
    ['-c', 'import sysconfig; print(sysconfig.get_config_var("LIBDIR"))'],
    { encoding: 'utf8' },
  ).trim();
  const hide = [
    'set -e',
    'mount -t tmpfs none /mnt',
    'mkdir /mnt/upper /mnt/work',
    `mount -t overlay overlay -o "lowerdir=${folder},upperdir=/mnt/upper,workdir=/mnt/work" "${folder}"`,
    `rm -f "${folder}"/libpython*`,
    'exec "$@"',
  ].join('\n');
  const wrap = ['unshare', '--mount', 'sh', '-c', hide, 'sh'];
  try {
    const [command = '', ...args] = [...wrap, systemPython, '-c', ''];
    execFileSync(command, args, { stdio: 'ignore' });
    return wrap;
  } catch {
    return null;
  }
}

test('a Python without its shared library is refused before PyInstaller, with the package that has it', async ({
  skip,
}) => {
  const wrap = hidingLibpython();
  if (wrap === null) skip('needs root, a system Python with libpython inside, and mount namespaces');
  const { projectDir } = await makeBackend(files, {
    ...job,
    python: { interpreter: systemPython, env: 'managed' },
  });
  const child = await startFreeze(projectDir, await temporaryFolder(), wrap ?? []);
  const result = await child.end();
  expect(result).toMatchObject({
    code: 'ERR_PYTHON',
    message: expect.stringMatching(
      /built without a shared libpython[\s\S]*apt install libpython3\.\d+/,
    ) as string,
  });
});
