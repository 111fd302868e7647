import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { BackendConfig } from '../../src/config/schema/index.js';
import { findInterpreter, provisionEnvironment, type PythonEnvironment } from '../../src/python/index.js';
import type { EngineEvent } from '../../src/report.js';
import { resolvedBackend } from '../support/backend.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { repositoryDir, testCacheDir } from '../support/paths.js';
import { plainPython } from './plain-python.js';
import { pyenvPythons, python3 } from './real-pythons.js';
import { pathWithout, uvFolder } from './tools.js';

const run = promisify(execFile);

let uv = '';
let env: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  uv = await uvFolder();
  env = { ...process.env, PATH: `${process.env['PATH']}${path.delimiter}${uv}` };
});

const names = (environment: PythonEnvironment) => environment.distributions.map(({ name }) => name);

async function lockedProject(): Promise<string> {
  const folder = await writeFiles({ 'backend/main.py': '' });
  await cp(path.join(repositoryDir, 'test/fixtures/locked-project'), folder, { recursive: true });
  return folder;
}

async function provision(
  folder: string,
  config: BackendConfig,
  cacheDir?: string,
): Promise<PythonEnvironment> {
  const backend = resolvedBackend(folder, { entry: 'backend/main.py', source: 'backend', ...config });
  return provisionEnvironment(backend, { cacheDir: cacheDir ?? (await temporaryFolder()) }, { env });
}

describe('uv', () => {
  test('is used when it is on PATH, and the environment is reused', async () => {
    const folder = await writeFiles({ 'backend/main.py': '', 'r.txt': 'six==1.17.0\n' });
    const cacheDir = await temporaryFolder();
    const config: BackendConfig = { requirements: { files: ['r.txt'], packages: ['idna'] } };
    const first = await provision(folder, config, cacheDir);
    expect(first).toMatchObject({ reused: false, pyinstallerVersion: '6.22.3' });
    // uv leaves pip out.
    expect(names(first)).not.toContain('pip');
    expect(names(first)).toEqual(
      expect.arrayContaining(['six', 'idna', 'pyinstaller', 'pyinstaller-hooks-contrib']),
    );
    expect(await provision(folder, config, cacheDir)).toEqual({ ...first, reused: true });
    const withPip = await provision(folder, { ...config, python: { installer: 'pip' } }, cacheDir);
    expect(withPip.key).not.toBe(first.key);
  });

  test('installs its own lock as locked: main dependencies, the extras asked for, local projects', async () => {
    const environment = await provision(await lockedProject(), {
      requirements: { lock: 'uv.lock', extras: ['web'] },
    });
    expect(names(environment)).toEqual(
      expect.arrayContaining(['attrs', 'idna', 'localib', 'six', 'pyinstaller']),
    );
    expect(names(environment)).not.toContain('iniconfig');
    expect(environment.distributions.find(({ name }) => name === 'attrs')?.version).toBe('26.1.0');
  });

  test('reads its lock for pip too', async () => {
    const environment = await provision(await lockedProject(), {
      requirements: { lock: 'uv.lock', groups: ['extra-tools'] },
      python: { installer: 'pip' },
    });
    expect(names(environment)).toEqual(expect.arrayContaining(['pip', 'toolz', 'localib', 'pyinstaller']));
    expect(names(environment)).not.toContain('idna');
  });

  test('installs poetry.lock, also with a Python that cannot read TOML itself', async () => {
    const old = pyenvPythons().find(({ version: [major, minor] }) => major === 3 && minor === 10);
    const python = old === undefined ? {} : { interpreter: old.file };
    const environment = await provision(await lockedProject(), { requirements: 'poetry.lock', python });
    expect(names(environment)).toEqual(expect.arrayContaining(['attrs', 'localib', 'six', 'pyinstaller']));
  });

  test('installs a pyproject.toml with its own sources', async () => {
    const environment = await provision(await lockedProject(), {
      requirements: { project: '.', extras: ['web'], groups: ['extra-tools'] },
    });
    expect(names(environment)).toEqual(expect.arrayContaining(['idna', 'localib', 'six', 'toolz']));
  });

  test('explains its failures', async () => {
    const folder = await writeFiles({ 'backend/main.py': '' });
    const python = { installer: 'uv' } as const;
    await expect(
      provision(folder, { requirements: ['electron-pyinstaller-no-such-package'], python }),
    ).rejects.toThrow(
      /No release of electron-pyinstaller-no-such-package fits[\s\S]*uv pip install[\s\S]*was not found in the package registry/,
    );
    await expect(provision(folder, { requirements: ['six==1.17.0', 'six==1.16.0'], python })).rejects.toThrow(
      /unsatisfiable/,
    );
  });

  test('is asked for its Pythons after everything else', async () => {
    const found = await findInterpreter({
      python: plainPython,
      projectDir: await temporaryFolder(),
      env: { ...env, PATH: uv.replace(/$/, ''), UV_PYTHON_PREFERENCE: 'system' },
      platform: process.platform,
    });
    expect(found.candidates.map(({ source }) => source)).toContain('uv-python');
  });
});

describe('uv and pip', () => {
  /** Without a uv on PATH. */
  const bare = { ...process.env, PATH: pathWithout('uv') };

  async function make(
    files: Readonly<Record<string, string>>,
    config: BackendConfig,
    cacheDir: string,
    env: NodeJS.ProcessEnv,
  ) {
    const events: EngineEvent[] = [];
    const folder = await writeFiles({ 'backend/main.py': '', ...files });
    const backend = resolvedBackend(folder, { entry: 'backend/main.py', source: 'backend', ...config });
    const report = (event: EngineEvent) => void events.push(event);
    const made = () => provisionEnvironment(backend, { cacheDir, report }, { env });
    const environment = await made();
    expect(await made()).toEqual({ ...environment, reused: true });
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    const stages = events.flatMap((event) => (event.type === 'stage' ? [event.title] : []));
    return { names: names(environment), warnings, stages };
  }

  test('uv is brought from the index where there is none, once, for plain requirements too', async () => {
    const requirements = { files: ['r.txt'] };
    // The bringing is kept between runs; the environment is made each time.
    const files = { 'r.txt': `six==1.17.0\n# ${Date.now()}\n` };
    const first = await make(files, { requirements }, testCacheDir, bare);
    expect(first.names).toEqual(expect.arrayContaining(['six', 'pyinstaller']));
    expect(first.names).not.toContain('pip');
    expect(first.warnings).toEqual([]);
    const again = await make(
      { 'r.txt': `idna==3.7\n# ${Date.now()}\n` },
      { requirements },
      testCacheDir,
      bare,
    );
    expect(again.stages).not.toContain('Bringing uv from the package index');
  });

  test('pip does what uv would do otherwise without a word', async () => {
    const made = await make(
      { 'r.txt': '--prefer-binary\nsix==1.17.0\n' },
      { requirements: 'r.txt' },
      await temporaryFolder(),
      env,
    );
    expect(made.names).toContain('pip');
    expect(made.stages).toContain(
      'Making the Python environment (pip: uv does not read --prefer-binary in r.txt:1)',
    );
  });

  test('a requirement without a hash is refused beside one that has one, as pip does', async () => {
    const hash = '4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274';
    const whole = { 'r.txt': `six==1.17.0 --hash=sha256:${hash}\n` };
    const made = await make(whole, { requirements: 'r.txt' }, testCacheDir, env);
    expect(made.names).toEqual(expect.arrayContaining(['six', 'pyinstaller']));
    expect(made.names).not.toContain('pip');
    const files = { 'r.txt': `${whole['r.txt']}idna==3.7\n` };
    await expect(make(files, { requirements: 'r.txt' }, await temporaryFolder(), env)).rejects.toThrow(
      /Hashes are required in --require-hashes mode/,
    );
  });

  test('pip does what uv refuses', async () => {
    const python = { pipArgs: ['--use-pep517'] };
    const made = await make({}, { requirements: ['six==1.17.0'], python }, await temporaryFolder(), env);
    expect(made.names).toContain('pip');
    expect(made.warnings).toEqual([expect.stringMatching(/^pip made the environment, because uv could not/)]);
  });

  test('pip makes the environment where uv cannot be brought', async () => {
    const folder = await temporaryFolder();
    const wheels = path.join(folder, 'wheels');
    const wanted = ['six', 'pyinstaller==6.22.3', 'pyinstaller-hooks-contrib'];
    await run(python3(), ['-m', 'pip', 'download', '-q', '--only-binary', ':all:', '-d', wheels, ...wanted]);
    const python = { offline: true, findLinks: [wheels] };
    const made = await make({}, { requirements: ['six'], python }, folder, { ...bare, PIP_FIND_LINKS: '' });
    expect(made.names).toEqual(expect.arrayContaining(['pip', 'six']));
    expect(made.warnings).toEqual([expect.stringMatching(/because uv could not .*bringing uv/)]);
  });

  test("uv takes packages from the further index that pip's settings name", async () => {
    const folder = await temporaryFolder();
    const wheel = 'epy_private-1.0-py3-none-any.whl';
    const info = 'epy_private-1.0.dist-info';
    const write = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as file:
    file.writestr("epy_private.py", "")
    file.writestr("${info}/METADATA", "Metadata-Version: 2.1\\nName: epy-private\\nVersion: 1.0\\n")
    file.writestr("${info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    file.writestr("${info}/RECORD", "epy_private.py,,\\n${info}/METADATA,,\\n${info}/WHEEL,,\\n${info}/RECORD,,\\n")
`;
    await run(python3(), ['-c', write, path.join(folder, wheel)]);
    const bytes = await readFile(path.join(folder, wheel));
    const server = createServer(({ url = '' }, response) => {
      if (url.endsWith(wheel)) response.end(bytes);
      else if (url === '/simple/epy-private/')
        response.setHeader('content-type', 'text/html').end(`<a href="${wheel}">${wheel}</a>`);
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const settings = path.join(folder, 'pip.conf');
    await writeFile(settings, `[global]\nextra-index-url = http://127.0.0.1:${port}/simple\n`);
    const config = { ...env, PIP_CONFIG_FILE: settings };
    const made = await make({}, { requirements: ['epy-private'] }, folder, config);
    expect(made.names).toEqual(expect.arrayContaining(['epy-private', 'pyinstaller']));
    expect(made.names).not.toContain('pip');
    expect(made.warnings).toEqual([]);
  });
});
