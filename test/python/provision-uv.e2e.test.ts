import { cp } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BackendConfig } from '../../src/config/schema/index.js';
import { findInterpreter, provisionEnvironment, type PythonEnvironment } from '../../src/python/index.js';
import { resolvedBackend } from '../support/backend.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';
import { plainPython } from './plain-python.js';
import { pyenvPythons } from './real-pythons.js';
import { uvFolder } from './tools.js';

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
    await expect(
      provision(folder, { requirements: ['electron-pyinstaller-no-such-package'] }),
    ).rejects.toThrow(
      /No release of electron-pyinstaller-no-such-package fits[\s\S]*uv pip install[\s\S]*was not found in the package registry/,
    );
    await expect(provision(folder, { requirements: ['six==1.17.0', 'six==1.16.0'] })).rejects.toThrow(
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
