import { chmod, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkHostPackages } from '../../../src/cli/doctor/host-packages.js';
import { runChecks, type CheckResult } from '../../../src/cli/doctor/index.js';
import { checkNode, checkPlatform, checkTools } from '../../../src/cli/doctor/machine.js';
import { hostTarget } from '../../../src/target.js';
import { resolvedConfig } from '../../support/backend.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { fakePython, programName, script } from '../../python/fake-python.js';
import { pathWithout } from '../../python/tools.js';
import { isWindows, leftOutIf, noModes, notOnWindows, patience } from '../../support/windows.js';

/** The interpreter of an environment, below its folder. */
const venvPython = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python';

function find(results: readonly CheckResult[], id: string): CheckResult {
  const found = results.find((result) => result.id === id);
  if (found === undefined)
    throw new Error(`no check ${id} in ${results.map((result) => result.id).join(', ')}`);
  return found;
}

test('a healthy project passes every check, and Python shows the order it was chosen in', async () => {
  const project = await writeFiles({
    'backend/main.py': 'app = None\n',
    'backend/requirements.txt': 'six\n',
  });
  const config = resolvedConfig(project, {
    engine: { entry: { asgi: 'main:app' }, source: 'backend', python: { installer: 'pip' } },
  });
  const results = await runChecks({ ...config, cacheDir: await temporaryFolder() });
  expect(results.filter(({ status }) => status !== 'ok')).toEqual([]);
  const python = find(results, 'python:engine').detail.split('\n');
  expect(python[0]).toMatch(/on PATH: Python 3\.\d+\.\d+ in (?:\/|[A-Z]:\\)/);
  expect(python.filter((line) => line.startsWith('used'))).toHaveLength(1);
  expect(python.filter((line) => /^- .*(?<!: not needed)$/.test(line))).toEqual([]);
  expect(find(results, 'libpython:engine').detail).toMatch(/libpython3\.\d+|python3\d+\.dll/);
  expect(find(results, 'requirements:engine').detail).toBe('backend/requirements.txt');
  expect(find(results, 'environment:engine').detail).toMatch(
    /will be made by the next build, with pyinstaller==/,
  );
  expect(new Set(results.map(({ id }) => id)).size).toBe(results.length);
});

test.each([
  ['six\n', 'uv, which the next build brings from the package index'],
  ['--pre\nsix\n', /^venv and pip of Python 3\.\d+\.\d+: uv does not read --pre in requirements\.txt:1$/],
])('what will fill the environment of %j is said', async (requirements, expected) => {
  const project = await writeFiles({
    'backend/main.py': 'app = None\n',
    'backend/requirements.txt': requirements,
  });
  const config = resolvedConfig(project, { engine: { entry: { asgi: 'main:app' }, source: 'backend' } });
  const env = { ...process.env, PATH: pathWithout('uv') };
  const results = await runChecks({ ...config, cacheDir: await temporaryFolder() }, { env });
  expect(find(results, 'installer:engine').detail).toMatch(expected);
});

test('a Python that the machine does not have is a warning where uv may bring it', async () => {
  const project = await writeFiles({ 'backend/main.py': '' });
  const check = async (installer: 'auto' | 'pip') => {
    const python = { version: '3.10.39', installer };
    const config = resolvedConfig(project, {
      engine: { entry: 'backend/main.py', source: 'backend', python },
    });
    return find(await runChecks({ ...config, cacheDir: await temporaryFolder() }), 'python:engine');
  };
  expect(await check('auto')).toMatchObject({
    status: 'warn',
    fix: expect.stringMatching(
      /^The next build lets uv bring Python 3\.10\.39, .*\. Otherwise: Install Python/s,
    ),
  });
  expect(await check('pip')).toMatchObject({ status: 'fail' });
});

test('an interpreter that cannot be used says why and how to mend it', async () => {
  const project = await writeFiles({ 'backend/main.py': '' });
  const interpreter = await fakePython(path.join(project, 'tools', programName('python3')), {
    sharedLibrary: null,
  });
  const config = resolvedConfig(project, {
    engine: {
      entry: 'backend/main.py',
      source: 'backend',
      python: { interpreter: `./tools/${programName('python3')}` },
    },
  });
  const python = find(await runChecks(config), 'python:engine');
  expect(python).toMatchObject({ status: 'fail' });
  expect(python.detail).toContain(interpreter);
  expect(python.detail).toContain('without a shared libpython');
  expect(python.fix).toContain('--enable-shared');
});

test('an environment of the project without PyInstaller gets the command that installs it', async () => {
  const project = await writeFiles({ 'backend/main.py': '' });
  const file = path.join(project, '.venv', venvPython);
  await fakePython(file, { prefix: path.join(project, '.venv'), basePrefix: '/usr', sitePackages: [] });
  const config = resolvedConfig(project, {
    engine: { entry: 'backend/main.py', source: 'backend', python: { env: 'active' } },
  });
  const result = find(await runChecks(config), 'pyinstaller:engine');
  expect(result.status).toBe('fail');
  expect(result.fix).toMatch(/-m pip install pyinstaller==6\.22\.3[\s\S]*python\.env: 'managed'/);
});

test('an old PyInstaller and old hooks in an environment of the project are told apart', async () => {
  const project = await writeFiles({
    'backend/main.py': '',
    'site/pyinstaller-6.10.0.dist-info/METADATA': 'Name: pyinstaller\nVersion: 6.10.0\n',
    'site/pyinstaller_hooks_contrib-2024.1.dist-info/METADATA':
      'Name: pyinstaller-hooks-contrib\nVersion: 2024.1\n',
  });
  await fakePython(path.join(project, '.venv', venvPython), {
    prefix: path.join(project, '.venv'),
    sitePackages: [path.join(project, 'site')],
  });
  const config = resolvedConfig(project, {
    engine: { entry: 'backend/main.py', source: 'backend', python: { env: 'active' } },
  });
  const results = await runChecks(config, { now: new Date('2024-12-01') });
  expect(find(results, 'pyinstaller:engine')).toMatchObject({ status: 'fail' });
  expect(find(results, 'pyinstaller:engine').detail).toMatch(/PyInstaller 6\.10\.0 is not supported/);
  expect(find(results, 'hooks:engine')).toMatchObject({ status: 'warn' });
  expect(find(results, 'hooks:engine').detail).toMatch(/2024\.1 is 11 months old/);
});

test('an environment of conda gets a warning with the line that avoids it', async () => {
  const project = await writeFiles({ 'backend/main.py': '' });
  await fakePython(path.join(project, '.venv', venvPython), {
    prefix: path.join(project, '.venv'),
    isConda: true,
  });
  const config = resolvedConfig(project, {
    engine: { entry: 'backend/main.py', source: 'backend', python: { env: 'active' } },
  });
  const result = find(await runChecks(config), 'conda:engine');
  expect(result.status).toBe('warn');
  expect(result.detail).toContain('MKL');
  expect(result.fix).toMatch(
    /`requirements: \[\.\.\.\], python: { env: 'managed' }` in backends\.engine of pyinstaller\.config/,
  );
});

test('a missing requirements file is named with the line that asks for it', async () => {
  const project = await writeFiles({ 'backend/main.py': '', 'backend/requirements.txt': '\n-r base.txt\n' });
  const config = resolvedConfig(project, { engine: { entry: 'backend/main.py', source: 'backend' } });
  const result = find(await runChecks(config), 'requirements:engine');
  expect(result.status).toBe('fail');
  expect(result.detail).toMatch(/base\.txt, which line 2 of .*requirements\.txt names/);
});

describe('a program that cannot work', () => {
  test.each([
    ['a wrong module', { wsgi: 'ap:app' }, /no module 'ap' in the source \(backend\)/, /wsgi: 'app:app'/],
    [
      'a wrong attribute',
      { wsgi: 'app:application' },
      /backend\/app\.py has no 'application'/,
      /wsgi: 'app:app'/,
    ],
    ['Flask as ASGI', { asgi: 'app:app' }, /app\.py:2 makes a Flask application/, /wsgi: 'app:app'/],
    ['a syntax error', { wsgi: 'bad:app' }, /backend\/bad\.py:1 is not valid Python .*: def \(/, /Repair/],
  ] as const)('is not ready: %s', async (_what, entry, detail, fix) => {
    const project = await writeFiles({
      'backend/app.py': 'from flask import Flask\napp = Flask(__name__)\n',
      'backend/bad.py': 'def (\n',
      'backend/requirements.txt': 'flask\n',
    });
    const config = resolvedConfig(project, { engine: { entry, source: 'backend' } });
    const started = performance.now();
    const result = find(await runChecks({ ...config, cacheDir: await temporaryFolder() }), 'entry:engine');
    expect(result.status).toBe('fail');
    expect(result.detail).toMatch(detail);
    expect(result.fix).toMatch(fix);
    expect(performance.now() - started).toBeLessThan(5000 * patience);
  });
});

describe('the machine', () => {
  test.each([
    ['22.12.0', 'ok'],
    ['24.1.0', 'ok'],
    ['22.11.9', 'fail'],
    ['20.20.2', 'fail'],
  ])('Node %s: %s', (version, status) => {
    expect(checkNode(version).status).toBe(status);
  });

  test('a target of another system needs something prebuilt', () => {
    const other = process.platform === 'darwin' ? 'linux' : 'darwin';
    expect(checkPlatform({ platform: other, arch: 'arm64' }, process.platform)).toMatchObject({
      status: 'fail',
    });
    expect(checkPlatform(hostTarget(), process.platform)).toMatchObject({ status: 'ok' });
  });

  test(
    'missing binutils are named',
    notOnWindows('a program without an extension is none on Windows, where nobody needs binutils'),
    async () => {
      const folder = await temporaryFolder();
      await script(path.join(folder, 'ldd'), '');
      const context = { env: { PATH: folder }, platform: 'linux', nodeVersion: '', now: new Date() } as const;
      expect(checkTools(context)).toMatchObject([
        { status: 'fail', detail: 'not on PATH: objdump, objcopy' },
      ]);
      expect(checkTools({ ...context, platform: 'win32' })).toEqual([]);
      expect(checkTools({ ...context, platform: 'darwin' })[0]?.fix).toMatch(/xcode-select/);
    },
  );

  test(
    'a cache folder that cannot be written',
    leftOutIf(isWindows || process.getuid?.() === 0, noModes),
    async () => {
      const folder = await writeFiles({ 'backend/main.py': '' });
      await chmod(folder, 0o500);
      const config = resolvedConfig(folder, { engine: { entry: 'backend/main.py', source: 'backend' } });
      expect(find(await runChecks({ ...config, cacheDir: path.join(folder, 'cache') }), 'cache').status).toBe(
        'fail',
      );
    },
  );

  test('a cache folder whose place is taken by a file', async () => {
    const project = await writeFiles({ 'cache/x': '', 'backend/main.py': '' });
    const config = resolvedConfig(project, { engine: { entry: 'backend/main.py', source: 'backend' } });
    const result = find(await runChecks({ ...config, cacheDir: path.join(project, 'cache/x/y') }), 'cache');
    expect(result).toMatchObject({ status: 'fail' });
    expect(result.detail).toMatch(/ENOTDIR|EEXIST/);
  });
});

describe('hosts', () => {
  const forge = (version: string) => ({
    'node_modules/@electron-forge/cli/package.json': JSON.stringify({ version }),
    'node_modules/@electron-forge/core/package.json': JSON.stringify({ version }),
    'node_modules/@electron-forge/plugin-base/package.json': JSON.stringify({ version }),
  });

  test('are told by version', async () => {
    const project = await writeFiles({
      ...forge('8.0.1'),
      'node_modules/electron-builder/package.json': '{"version":"25.1.8"}',
    });
    expect(await checkHostPackages(project)).toEqual([
      { id: 'forge', title: 'Electron Forge', status: 'ok', detail: '8.0.1' },
      {
        id: 'forge-plugin-base',
        title: 'One copy of @electron-forge/plugin-base',
        status: 'ok',
        detail: '8.0.1',
      },
      expect.objectContaining({ id: 'electron-builder', status: 'warn', detail: '25.1.8' }) as unknown,
    ]);
  });

  test.each(['7.0.0', '7.5.0'])(
    'Forge %s, which never prepares anything for start, is a failure',
    async (version) => {
      const [result, ...more] = await checkHostPackages(await writeFiles(forge(version)));
      expect(result).toMatchObject({ id: 'forge', status: 'fail' });
      expect(result?.detail).toContain(version);
      expect(result?.fix).toContain('^7.6.0');
      expect(more).toEqual([]);
    },
  );

  test.each(['7.6.0', '7.11.2', '8.0.0-alpha.10', '8.2.0'])('Forge %s is supported', async (version) => {
    expect(find(await checkHostPackages(await writeFiles(forge(version))), 'forge').status).toBe('ok');
  });

  test('a Forge that is newer than all that were tried is only remarked', async () => {
    expect(find(await checkHostPackages(await writeFiles(forge('9.0.0'))), 'forge').status).toBe('warn');
  });

  test('a second copy of plugin-base is a failure', async () => {
    const project = await writeFiles({
      ...forge('8.0.1'),
      'node_modules/@electron-forge/core/node_modules/@electron-forge/plugin-base/package.json':
        '{"version":"8.0.0"}',
    });
    const result = find(await checkHostPackages(project), 'forge-plugin-base');
    expect(result).toMatchObject({ status: 'fail' });
    expect(result.detail).toMatch(/there are two: 8\.0\.1 .* and 8\.0\.0/);
  });

  test('a linked package is not a second copy', async () => {
    const project = await writeFiles(forge('8.0.1'));
    const inner = path.join(project, 'node_modules/@electron-forge/core/node_modules/@electron-forge');
    await mkdir(inner, { recursive: true });
    await symlink(
      path.join(project, 'node_modules/@electron-forge/plugin-base'),
      path.join(inner, 'plugin-base'),
    );
    expect(find(await checkHostPackages(project), 'forge-plugin-base').status).toBe('ok');
  });

  test('none are installed', async () => {
    expect(await checkHostPackages(await temporaryFolder())).toEqual([]);
  });
});
