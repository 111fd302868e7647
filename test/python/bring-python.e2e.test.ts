import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { provisionEnvironment } from '../../src/python/index.js';
import { resolvedBackend } from '../support/backend.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { pyenvPythons } from './real-pythons.js';
import { uvFolder } from './tools.js';

const run = promisify(execFile);

/** The newest Python that pyenv has, as the archive that uv downloads; the rest of the machine does not have it. */
const python = pyenvPythons().findLast(({ version: [, minor = 0] }) => minor >= 10);

/** Where uv is told to find the archive, and a machine without that Python. */
async function machine(archive: string): Promise<NodeJS.ProcessEnv> {
  const [major, minor, patch] = python?.version ?? [];
  const name = `cpython-${major}.${minor}.${patch}-linux-x86_64-gnu`;
  const list = path.join(await temporaryFolder(), 'downloads.json');
  const one = {
    name: 'cpython',
    arch: { family: 'x86_64', variant: null },
    os: 'linux',
    libc: 'gnu',
    major,
    minor,
    patch,
    prerelease: '',
    url: pathToFileURL(archive).href,
    sha256: null,
    variant: null,
  };
  await writeFile(list, JSON.stringify({ [name]: one }));
  return {
    ...process.env,
    PATH: [await uvFolder(), '/usr/bin', '/bin'].join(path.delimiter),
    PYENV_ROOT: await temporaryFolder(),
    UV_PYTHON_DOWNLOADS_JSON_URL: list,
  };
}

async function backend() {
  const folder = await writeFiles({ 'backend/main.py': '' });
  return resolvedBackend(folder, {
    entry: 'backend/main.py',
    source: 'backend',
    requirements: ['six'],
    python: { version: python?.version.slice(0, 2).join('.') ?? '' },
  });
}

describe.skipIf(python === undefined || process.platform !== 'linux')(
  'a Python that the machine does not have',
  () => {
    test('is brought by uv into the cache, once', async () => {
      const folder = await temporaryFolder();
      const archive = path.join(folder, 'python.tar.gz');
      const root = path.dirname(path.dirname(python?.file ?? ''));
      const left = ['__pycache__', './lib/python3.*/test', '*.a'].map((name) => `--exclude=${name}`);
      await run('tar', [
        '-C',
        root,
        ...left,
        '--transform',
        's,^[.],python,',
        '-I',
        'gzip -1',
        '-cf',
        archive,
        '.',
      ]);
      const env = await machine(archive);
      const cacheDir = path.join(folder, 'cache');
      const made = await provisionEnvironment(await backend(), { cacheDir }, { env });
      expect(made.probe.version.slice(0, 3)).toEqual(python?.version);
      expect(path.relative(cacheDir, made.probe.baseExecutable)).toMatch(/^tools\/python\/cpython-3/);
      expect(made.pyinstallerVersion).toBe('6.22.3');
      const again = await provisionEnvironment(
        await backend(),
        { cacheDir },
        { env: await machine('/nowhere') },
      );
      expect(again).toMatchObject({ key: made.key, reused: true });
    });

    test('stays the error that it was, with what uv said, where it cannot be had', async () => {
      const env = await machine('/nowhere/python.tar.gz');
      const cacheDir = await temporaryFolder();
      const found = provisionEnvironment(await backend(), { cacheDir }, { env });
      await expect(found).rejects.toThrow(
        /Looked for a Python that satisfies 3\.\d+ for the backend "engine"[^]+pyenv[^]+uv could not bring Python 3\.\d+ either: error: /,
      );
    });

    test('is not brought where pip is asked for', async () => {
      const env = await machine('/nowhere/python.tar.gz');
      const asked = await backend();
      const withPip = { ...asked, python: { ...asked.python, installer: 'pip' as const } };
      const error = await provisionEnvironment(withPip, { cacheDir: await temporaryFolder() }, { env }).catch(
        String,
      );
      expect(error).toContain('Looked for a Python');
      expect(error).not.toContain('could not bring');
    });
  },
);
