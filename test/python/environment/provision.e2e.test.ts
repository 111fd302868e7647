import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ResolvedBackend, ResolvedRequirements } from '../../../src/config/resolved.js';
import type { BackendConfig } from '../../../src/config/schema/index.js';
import { provisionEnvironment, type PythonEnvironment } from '../../../src/python/index.js';
import type { EngineEvent } from '../../../src/report.js';
import { resolvedBackend } from '../../support/backend.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { repositoryDir, testCacheDir } from '../../support/paths.js';
import { realPythons } from '../real-pythons.js';
import { bundlePython, pathWithout, uvFolder } from '../tools.js';

const run = promisify(execFile);

/** A backend with nothing but a script, installed by pip unless the test says otherwise. */
function backendIn(project: string, config: BackendConfig): ResolvedBackend {
  return resolvedBackend(project, {
    entry: 'backend/main.py',
    source: 'backend',
    ...config,
    python: { installer: 'pip', ...config.python },
  });
}

/** uv is on PATH; backends installed by it are made in a second. Tests of what pip does use pip. */
let env: NodeJS.ProcessEnv = {};
const uv = { installer: 'uv' } as const;

beforeAll(async () => {
  env = { ...process.env, PATH: `${process.env['PATH']}${path.delimiter}${await uvFolder()}` };
});

const project = (files: Readonly<Record<string, string>> = {}) =>
  writeFiles({ 'backend/main.py': '', ...files });
const names = (environment: PythonEnvironment) => environment.distributions.map(({ name }) => name);

/** What Python itself can import there. */
async function imports(environment: PythonEnvironment, ...modules: string[]): Promise<boolean[]> {
  const code = `import importlib.util as u, json; print(json.dumps([u.find_spec(m) is not None for m in ${JSON.stringify(modules)}]))`;
  const { stdout } = await run(environment.interpreter, ['-I', '-c', code]);
  return JSON.parse(stdout) as boolean[];
}

describe('venv and pip', () => {
  test('makes an environment from requirements, and reuses it without starting a process', async () => {
    const folder = await project({
      'backend/requirements.txt': '-r more/base.txt\n',
      'backend/more/base.txt': 'six==1.17.0  # pinned\n',
    });
    const cacheDir = await temporaryFolder();
    const backend = backendIn(folder, {
      requirements: { files: ['backend/requirements.txt'], packages: ['idna'] },
    });
    const events: EngineEvent[] = [];
    const report = (event: EngineEvent) => void events.push(event);
    const first = await provisionEnvironment(backend, { cacheDir, report });
    expect(first).toMatchObject({
      reused: false,
      pyinstallerVersion: '6.22.3',
      directory: path.dirname(path.dirname(first.interpreter)),
    });
    expect(first.hooksVersion).toMatch(/^20\d\d\.\d+/);
    expect(await imports(first, 'six', 'idna', 'PyInstaller', 'attr')).toEqual([true, true, true, false]);
    expect(first.distributions.find(({ name }) => name === 'six')).toMatchObject({ version: '1.17.0' });
    expect(events.filter(({ type }) => type === 'stage').length).toBeGreaterThan(2);
    expect(events.some((event) => event.type === 'detail' && event.text.includes('Collecting six'))).toBe(
      true,
    );
    expect(await readdir(path.join(cacheDir, 'environments'))).toEqual([first.key]);

    // The second time in a Node that may not start processes.
    const module = await bundlePython(folder);
    await writeFile(path.join(folder, 'input.json'), JSON.stringify([backend, { cacheDir }]));
    const program =
      `import { readFileSync } from 'node:fs'; import { provisionEnvironment } from ${JSON.stringify(module)};` +
      `const input = JSON.parse(readFileSync(${JSON.stringify(path.join(folder, 'input.json'))}, 'utf8'));` +
      'console.log(JSON.stringify(await provisionEnvironment(...input)));';
    const restricted = [
      '--permission',
      '--allow-fs-read=*',
      '--allow-fs-write=*',
      '--input-type=module',
      '-e',
      program,
    ];
    const { stdout } = await run(process.execPath, restricted);
    expect(JSON.parse(stdout)).toEqual({ ...first, reused: true });
    // Where something has to be made, that Node cannot.
    await writeFile(path.join(folder, 'backend/more/base.txt'), 'six==1.16.0\n');
    await expect(run(process.execPath, restricted)).rejects.toThrow(
      /ERR_ACCESS_DENIED|Access to this API has been restricted/,
    );
  });

  test('another requirement, PyInstaller or Python makes another environment; another folder does not', async () => {
    const cacheDir = testCacheDir;
    const key = async (folder: string, config: BackendConfig = {}) =>
      (
        await provisionEnvironment(backendIn(folder, { requirements: ['six==1.17.0'], ...config }), {
          cacheDir,
        })
      ).key;
    const [here, there] = [await project(), await project()];
    const keys = [
      await key(here),
      await key(there),
      await key(here, { pyinstaller: { version: '==6.22.0' } }),
    ];
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  test('an environment that somebody changed or broke is made again', async () => {
    const cacheDir = await temporaryFolder();
    const backend = backendIn(await project(), { requirements: ['six'], python: uv });
    const first = await provisionEnvironment(backend, { cacheDir }, { env });
    await run('uv', ['pip', 'uninstall', '-q', '--python', first.interpreter, 'six'], { env });
    const second = await provisionEnvironment(backend, { cacheDir }, { env });
    expect(second).toMatchObject({ key: first.key, reused: false });
    expect(await imports(second, 'six')).toEqual([true]);

    await rm(path.join(second.directory ?? '', 'complete.json'));
    await rm(second.interpreter);
    expect(await provisionEnvironment(backend, { cacheDir }, { env })).toMatchObject({ reused: false });
  });

  test('requirements with hashes are enforced, and PyInstaller comes on top', async () => {
    const hash = '4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274';
    const folder = await project({ 'r.txt': `six==1.17.0 \\\n    --hash=sha256:${hash}\n` });
    const requirements = { files: ['r.txt'], requireHashes: true };
    const good = await provisionEnvironment(backendIn(folder, { requirements }), { cacheDir: testCacheDir });
    expect(names(good)).toEqual(expect.arrayContaining(['six', 'pyinstaller', 'pyinstaller-hooks-contrib']));

    await writeFile(
      path.join(folder, 'r.txt'),
      `six==1.17.0 --hash=sha256:${createHash('sha256').digest('hex')}\n`,
    );
    const cacheDir = await temporaryFolder();
    const error = await provisionEnvironment(backendIn(folder, { requirements }), { cacheDir }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'ERR_ENVIRONMENT', backend: 'engine' });
    expect(String(error)).toMatch(
      /another hash than the requirements say[\s\S]*Make the lock again[\s\S]*Full log: /,
    );
    expect(await readdir(path.join(cacheDir, 'environments'))).toEqual([]);
  });

  test('PyInstaller pinned by the requirements themselves is kept, unless it cannot be used', async () => {
    const pinned = backendIn(await project(), { requirements: ['pyinstaller==6.22.1'] });
    const environment = await provisionEnvironment(pinned, { cacheDir: testCacheDir });
    expect(environment).toMatchObject({ pyinstallerVersion: '6.22.1' });
    const onefile: ResolvedBackend = { ...pinned, pyinstaller: { ...pinned.pyinstaller, mode: 'onefile' } };
    await expect(provisionEnvironment(onefile, { cacheDir: testCacheDir })).rejects.toThrow(
      /PyInstaller 6\.22\.1 makes onefile programs that refuse to start/,
    );
  });

  test('wheels of a folder are enough when offline', async () => {
    const folder = await project();
    const wheels = path.join(folder, 'my wheels');
    const python = realPythons()[0] ?? 'python3';
    await run(python, [
      '-m',
      'pip',
      'download',
      '-q',
      '--only-binary',
      ':all:',
      '-d',
      wheels,
      'six',
      'pyinstaller==6.22.3',
      'pyinstaller-hooks-contrib',
    ]);
    const offline = { offline: true, findLinks: ['my wheels'], interpreter: python };
    const backend = backendIn(folder, { requirements: ['six'], python: offline });
    const cacheDir = await temporaryFolder();
    const environment = await provisionEnvironment(backend, { cacheDir });
    expect(await imports(environment, 'six', 'PyInstaller')).toEqual([true, true]);
    const missing = backendIn(folder, { requirements: ['idna'], python: offline });
    await expect(provisionEnvironment(missing, { cacheDir: await temporaryFolder() })).rejects.toThrow(
      /No release of idna fits[\s\S]*Could not find a version that satisfies the requirement idna/,
    );
  });

  test.each([
    [
      'a package of Windows alone',
      'pywin32==306',
      /pywin32==306 has no release for this system[^]+; sys_platform == 'win32'/,
    ],
    [
      'a line of conda',
      'idna @ file:///croot/idna_1714398848350/work',
      /\/croot\/idna_1714398848350\/work, which is not on this machine\. [^]+conda[^]+pip list --format=freeze/,
    ],
  ])('%s is explained as what it is, by both installers', async (_title, line, said) => {
    for (const installer of ['uv', 'pip'] as const) {
      const folder = await project({ 'backend/requirements.txt': `${line}\n` });
      const backend = backendIn(folder, {
        requirements: 'backend/requirements.txt',
        python: { installer },
      });
      await expect(
        provisionEnvironment(backend, { cacheDir: await temporaryFolder() }, { env }),
      ).rejects.toThrow(said);
    }
  });

  test('a local project is installed and its sources count', async () => {
    const folder = await project({ 'backend/requirements.txt': './localib\n' });
    await cp(
      path.join(repositoryDir, 'test/fixtures/locked-project/localib'),
      path.join(folder, 'backend/localib'),
      { recursive: true },
    );
    await writeFile(
      path.join(folder, 'backend/localib/pyproject.toml'),
      '[project]\nname = "localib"\nversion = "1"\n[tool.setuptools]\npackages = ["localib"]\n',
    );
    const backend = backendIn(folder, { requirements: 'backend/requirements.txt', python: uv });
    const cacheDir = await temporaryFolder();
    const first = await provisionEnvironment(backend, { cacheDir }, { env });
    expect(await imports(first, 'localib')).toEqual([true]);
    // Building it wrote into its folder; that must not make it another project.
    expect(await provisionEnvironment(backend, { cacheDir }, { env })).toMatchObject({
      key: first.key,
      reused: true,
    });
    await writeFile(path.join(folder, 'backend/localib/localib/__init__.py'), 'VALUE = 2\n');
    expect((await provisionEnvironment(backend, { cacheDir }, { env })).key).not.toBe(first.key);
  });

  test('an editable project is used where it stands: a change of its code changes its digest, not the environment', async () => {
    const folder = await project({
      'lib/pyproject.toml':
        '[project]\nname = "edlib"\nversion = "1"\n[tool.setuptools]\npackages = ["edlib"]\n',
      'lib/edlib/__init__.py': '',
      'r.txt': '-e ./lib\n',
    });
    const backend = backendIn(folder, { requirements: 'r.txt', python: uv });
    const cacheDir = await temporaryFolder();
    const first = await provisionEnvironment(backend, { cacheDir }, { env });
    await writeFile(path.join(folder, 'lib/edlib/__init__.py'), 'VALUE = 2\n');
    const second = await provisionEnvironment(backend, { cacheDir }, { env });
    expect(second).toMatchObject({ key: first.key, reused: true });
    const digest = (environment: PythonEnvironment) =>
      environment.distributions.find(({ name }) => name === 'edlib')?.recordDigest;
    expect(digest(second)).not.toBe(digest(first));
  });

  test('a pyproject.toml gives its dependencies with extras and groups', async () => {
    const folder = await project({
      'pyproject.toml':
        '[project]\nname = "app"\nversion = "1"\ndependencies = ["six"]\noptional-dependencies.web = ["idna"]\n[dependency-groups]\ntools = ["toolz"]\n',
    });
    const requirements = { project: '.', extras: ['web'], groups: ['tools'] };
    const environment = await provisionEnvironment(backendIn(folder, { requirements }), {
      cacheDir: testCacheDir,
    });
    expect(await imports(environment, 'six', 'idna', 'toolz', 'app')).toEqual([true, true, true, false]);
  });

  test('a project whose dependencies only its build backend knows is installed with them', async () => {
    const folder = await project({
      'pyproject.toml':
        '[project]\nname = "dynapp"\nversion = "1"\ndynamic = ["dependencies"]\n[tool.setuptools]\npackages = ["dynapp"]\ndynamic.dependencies.file = "deps.txt"\n',
      'deps.txt': 'six\n',
      'dynapp/__init__.py': '',
    });
    const backend = backendIn(folder, { requirements: { project: '.' }, python: uv });
    const environment = await provisionEnvironment(backend, { cacheDir: await temporaryFolder() }, { env });
    expect(await imports(environment, 'six', 'dynapp')).toEqual([true, true]);
  });

  test.each(['uv', 'pip'] as const)(
    'a version that only the build backend knows is asked for, without installing the project (%s)',
    async (installer) => {
      const folder = await project({
        'pyproject.toml':
          '[build-system]\nrequires = ["setuptools>=64", "setuptools_scm>=8"]\nbuild-backend = "setuptools.build_meta"\n' +
          '[project]\nname = "tagged"\ndynamic = ["version"]\ndependencies = ["six"]\n[project.entry-points."tagged.plugins"]\none = "tagged.one"\n' +
          '[tool.setuptools]\npackages = ["tagged"]\n[tool.setuptools_scm]\n',
        'tagged/__init__.py': '',
      });
      const git = (...args: string[]) =>
        run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder });
      await git('init', '-q');
      await git('add', '.');
      await git('commit', '-qm', 'first');
      await git('tag', 'v7.1');
      const config = { requirements: { project: '.' }, python: { installer } } as const;
      const backend = resolvedBackend(folder, { entry: 'tagged/__init__.py', source: '.', ...config });
      const environment = await provisionEnvironment(backend, { cacheDir: testCacheDir }, { env });
      expect(environment.distributions.find(({ name }) => name === 'tagged')).toMatchObject({
        version: '7.1',
      });
      expect(await imports(environment, 'six', 'tagged')).toEqual([true, false]);
    },
  );

  test('a console script of the project itself brings the project', async () => {
    const folder = await project({
      'pyproject.toml':
        '[project]\nname = "app"\nversion = "1"\ndependencies = ["six"]\n[project.scripts]\napp = "app:main"\n[tool.setuptools]\npackages = ["app"]\n',
      'app/__init__.py': 'def main(): pass\n',
    });
    const backend = resolvedBackend(folder, {
      entry: { consoleScript: 'app' },
      requirements: { project: '.' },
      python: uv,
    });
    const environment = await provisionEnvironment(backend, { cacheDir: await temporaryFolder() }, { env });
    expect(await imports(environment, 'six', 'app')).toEqual([true, true]);
    expect(names(environment)).toContain('app');
  });

  test.each(['poetry', 'pdm'])('%s.lock is installed as locked, without the tool', async (tool) => {
    const folder = await project();
    await cp(path.join(repositoryDir, 'test/fixtures/locked-project'), folder, { recursive: true });
    const backend = backendIn(folder, { requirements: { lock: `${tool}.lock`, extras: ['web'] } });
    const environment = await provisionEnvironment(backend, { cacheDir: testCacheDir });
    expect(names(environment)).toEqual(
      expect.arrayContaining(['attrs', 'idna', 'localib', 'six', 'pyinstaller']),
    );
    expect(names(environment)).not.toContain('iniconfig');
    expect(environment.distributions.find(({ name }) => name === 'attrs')).toMatchObject({
      version: '26.1.0',
    });
  });

  test('uv.lock without uv is read by one that is brought from the index, once', async () => {
    const folder = await project();
    await cp(path.join(repositoryDir, 'test/fixtures/locked-project'), folder, { recursive: true });
    const backend = backendIn(folder, { requirements: 'uv.lock', python: { installer: 'auto' } });
    const env = { ...process.env, PATH: pathWithout('uv') };
    const environment = await provisionEnvironment(backend, { cacheDir: testCacheDir }, { env });
    expect(names(environment)).toEqual(expect.arrayContaining(['attrs', 'pyinstaller']));
    expect(await readdir(path.join(testCacheDir, 'tools'))).toEqual(['uv']);
  });

  test('uv.lock without uv says what to do when pip is asked for', async () => {
    const folder = await project();
    await cp(path.join(repositoryDir, 'test/fixtures/locked-project'), folder, { recursive: true });
    const backend = backendIn(folder, { requirements: 'uv.lock' });
    const env = { ...process.env, PATH: pathWithout('uv') };
    await expect(
      provisionEnvironment(backend, { cacheDir: await temporaryFolder() }, { env }),
    ).rejects.toThrow(/uv is not on PATH[\s\S]*uv export/);
  });
});

describe('failures', () => {
  test.each<[string, Partial<ResolvedRequirements & { packages: string[] }>, RegExp]>([
    [
      'a package that does not exist',
      { packages: ['electron-pyinstaller-no-such-package'] },
      /No release of electron-pyinstaller-no-such-package fits/,
    ],
    ['a contradiction', { packages: ['six==1.17.0', 'six==1.16.0'] }, /contradict each other/],
    [
      'a line that is no requirement',
      { packages: ['six==not a version'] },
      /a line that is not a requirement/,
    ],
  ])('%s is explained with the last lines, the command and the log', async (_, changes, message) => {
    const cacheDir = await temporaryFolder();
    const backend = backendIn(await project(), { requirements: ['six'] });
    const requirements: ResolvedRequirements = {
      type: 'pip',
      files: [],
      packages: [],
      requireHashes: false,
      ...changes,
    } as ResolvedRequirements;
    const error = await provisionEnvironment({ ...backend, requirements }, { cacheDir }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'ERR_ENVIRONMENT', backend: 'engine' });
    const text = String(error);
    expect(text).toMatch(message);
    expect(text).toMatch(/Command: .*-m pip install/);
    const { log } = error as { log: string };
    expect(path.dirname(log)).toBe(path.join(cacheDir, 'logs'));
    expect(await readFile(log, 'utf8')).toMatch(/ERROR/);
    expect(await readdir(path.join(cacheDir, 'environments'))).toEqual([]);
  });

  test('secrets of index addresses appear nowhere', async () => {
    const cacheDir = await temporaryFolder();
    const python = { indexUrl: 'https://ada:s3cr3t-token@127.0.0.1:9/simple' };
    const backend = backendIn(await project(), {
      requirements: ['six'],
      python: { ...python, pipArgs: ['--retries', '0'] },
    });
    const events: EngineEvent[] = [];
    const options = { cacheDir, report: (event: EngineEvent) => void events.push(event) };
    const error = await provisionEnvironment(backend, options).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_ENVIRONMENT' });
    const { log, message } = error as { log: string; message: string };
    for (const text of [message, await readFile(log, 'utf8'), JSON.stringify(events)]) {
      expect(text).not.toContain('s3cr3t');
    }
    expect(message).toContain('https://***@127.0.0.1:9/simple');
  });
});

describe('an environment of the project', () => {
  let venv = '';
  const python = realPythons()[0] ?? 'python3';

  beforeAll(async () => {
    venv = path.join(testCacheDir, 'project-venv', '.venv');
    await run(python, ['-m', 'venv', '--clear', venv]);
  });

  test('is used as it is, and says how to install PyInstaller when it is missing', async () => {
    const folder = await project();
    const cacheDir = await temporaryFolder();
    const backend = backendIn(folder, { python: { env: venv } });
    await expect(provisionEnvironment(backend, { cacheDir })).rejects.toThrow(
      /PyInstaller is not installed in the environment of .*\n.*-m pip install pyinstaller==6\.22\.3/,
    );
    const development = await provisionEnvironment(backend, { cacheDir }, { pyinstaller: 'ignored' });
    expect(development).toMatchObject({ directory: venv, pyinstallerVersion: '', reused: true });

    // Installing it changes the key at once, although the interpreter is remembered.
    await run(path.join(venv, 'bin/python'), ['-m', 'pip', 'install', '-q', 'pyinstaller==6.22.3']);
    const environment = await provisionEnvironment(backend, { cacheDir });
    expect(environment).toMatchObject({ directory: venv, pyinstallerVersion: '6.22.3' });
    expect(environment.probe.pyinstaller).toBe('6.22.3');
    expect(environment.key).not.toBe(development.key);
  });

  test('is found by VIRTUAL_ENV when it is the active one', async () => {
    const backend = backendIn(await project(), { python: { env: 'active' } });
    const env = { ...process.env, VIRTUAL_ENV: venv };
    const environment = await provisionEnvironment(backend, { cacheDir: await temporaryFolder() }, { env });
    expect(environment.directory).toBe(venv);
  });
});
