import path from 'node:path';
import { mkdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { ResolvedPython } from '../../../src/config/resolved.js';
import { isPyInstallerError } from '../../../src/errors.js';
import { findInterpreter, type FindOptions } from '../../../src/python/find/find.js';
import type { InterpreterProbe } from '../../../src/python/types.js';
import type { EngineEvent } from '../../../src/report.js';
import { interpretersOf } from '../../../src/python/find/path-search.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { fakePython, programName, script, scriptPath } from '../fake-python.js';
import { pyenvPythons } from '../real-pythons.js';
import { plainPython } from '../plain-python.js';
import { leftOutIf, patience } from '../../support/windows.js';

const searchPath = (...folders: readonly string[]): string =>
  [...folders, ...scriptPath].join(path.delimiter);

const python3 = programName('python3');

/** The interpreter in an environment. */
const inEnvironment = (folder: string): string => interpretersOf(folder, process.platform)[0] ?? '';

/** Options for a search that sees only what the test made. */
async function search(python: Partial<ResolvedPython> = {}): Promise<FindOptions & { folder: string }> {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder, 'project'));
  return {
    folder,
    python: { ...plainPython, ...python },
    projectDir: path.join(folder, 'project'),
    env: { PATH: searchPath(path.join(folder, 'first'), path.join(folder, 'second')) },
    platform: process.platform,
    homeDir: path.join(folder, 'home'),
    // The usual places of this machine are not part of the test.
    disk: await import('../../../src/python/environment/disk.js').then(({ realDisk }) => ({
      ...realDisk,
      isFile: (file: string) => file.startsWith(folder) && realDisk.isFile(file),
    })),
  };
}

async function failure(options: FindOptions): Promise<string> {
  const error: unknown = await findInterpreter(options).catch((reason: unknown) => reason);
  if (!isPyInstallerError(error)) throw new Error(`expected a refusal, got ${JSON.stringify(error)}`);
  expect(error.code).toBe('ERR_PYTHON');
  return error.message;
}

describe('choosing', () => {
  test('takes the first that can do it and says why the others cannot', async () => {
    const options = await search();
    const { folder } = options;
    await fakePython(path.join(folder, 'first', python3), { version: [3, 8, 2] });
    const second = await fakePython(path.join(folder, 'second', python3));
    await fakePython(path.join(folder, 'second', programName('python')));
    const pyenv = path.join(folder, 'home/.pyenv', process.platform === 'win32' ? 'pyenv-win' : '');
    await fakePython(inEnvironment(path.join(pyenv, 'versions/3.13.1')), { version: [3, 13, 1] });
    const events: EngineEvent[] = [];
    const found = await findInterpreter({
      ...options,
      backend: 'engine',
      report: (event) => events.push(event),
    });
    expect(found.probe.executable).toBe(second);
    expect(found.source).toBe('PATH');
    expect(found.reason).toBe(`python3 on PATH: Python 3.12.1 in ${second}`);
    expect(found.candidates.map(({ status, problem }) => [status, problem])).toEqual([
      ['refused', 'version'],
      ['chosen', null],
      ['not-tried', null],
      ['not-tried', null],
    ]);
    expect(events.map(({ type }) => type)).toEqual(['stage', 'detail']);
  });

  test('for a managed environment takes the interpreter behind a virtual environment', async () => {
    const options = await search();
    const { folder } = options;
    const base = await fakePython(path.join(folder, 'base', python3));
    const file = inEnvironment(path.join(folder, 'project/.venv'));
    await fakePython(file, { prefix: path.join(folder, 'project/.venv'), baseExecutable: base });
    expect((await findInterpreter(options)).probe.executable).toBe(base);
    const active = { ...options, python: { ...options.python, env: { type: 'active' } } as const };
    expect((await findInterpreter(active)).probe.executable).toBe(file);
  });

  test('asks Poetry where its environment is', async () => {
    const options = await search({ env: { type: 'active' } });
    const { folder } = options;
    const file = await fakePython(inEnvironment(path.join(folder, 'envs/x')));
    await writeFiles({ 'project/poetry.lock': '' }, folder);
    await script(
      path.join(folder, 'first', programName('poetry')),
      `console.log('Using virtualenv'); console.log(${JSON.stringify(file)});`,
    );
    expect(await findInterpreter(options)).toMatchObject({ source: 'poetry', probe: { executable: file } });
  });

  test('a Poetry that has no environment for the project leaves the choice to the next', async () => {
    const options = await search({ env: { type: 'active' } });
    const { folder } = options;
    await writeFiles({ 'project/poetry.lock': '' }, folder);
    await script(path.join(folder, 'first', programName('poetry')), 'process.exit(1);');
    const file = await fakePython(inEnvironment(path.join(folder, 'project/.venv')));
    const found = await findInterpreter(options);
    expect(found).toMatchObject({ source: 'folder', probe: { executable: file } });
    expect(found.candidates[0]).toMatchObject({ source: 'poetry', status: 'refused', problem: 'missing' });
  });

  test('an environment without PyInstaller or ensurepip is good enough where nothing is made from it', async () => {
    const options = await search({ env: { type: 'active' } });
    const file = inEnvironment(path.join(options.folder, 'project/.venv'));
    await fakePython(file, { hasVenv: false, hasEnsurepip: false });
    expect((await findInterpreter(options)).probe.executable).toBe(file);
  });

  test('neither is needed where uv makes the environment', async () => {
    const options = await search({ installer: 'uv' });
    const first = path.join(options.folder, 'first');
    await script(path.join(first, programName('uv')), 'process.exit(1);');
    const file = await fakePython(path.join(first, python3), { hasVenv: false, hasEnsurepip: false });
    expect((await findInterpreter(options)).probe.executable).toBe(file);
  });

  test('pip is enough where it can bring uv', async () => {
    const options = await search({ installer: 'auto' });
    const python = await fakePython(path.join(options.folder, 'first', python3), {
      hasVenv: false,
      hasEnsurepip: false,
    });
    expect((await findInterpreter(options)).probe.executable).toBe(python);
    const offline = { ...options, python: { ...options.python, offline: true } };
    await expect(findInterpreter(offline)).rejects.toThrow(/module venv is missing/);
  });

  test('a universal macOS interpreter serves both architectures', async () => {
    const options = await search();
    const answer = { platform: process.platform, buildPlatform: 'macosx-11.0-universal2' };
    await fakePython(path.join(options.folder, 'first', python3), answer);
    const other = process.arch === 'arm64' ? 'x64' : 'arm64';
    expect((await findInterpreter({ ...options, arch: other })).probe.version).toEqual([3, 12, 1]);
  });

  test(
    'finds each real pyenv version by its range',
    leftOutIf(pyenvPythons().length === 0, 'pyenv is not on Windows'),
    async () => {
      const options = await search();
      for (const { version, file } of pyenvPythons().filter(
        ({ version: [major, minor] }) => major === 3 && (minor ?? 0) >= 10,
      )) {
        const exact = { ...plainPython, version: version.join('.') };
        const { homeDir: _, disk: __, ...rest } = options;
        const root = process.env['PYENV_ROOT'];
        const env = { PATH: '', ...(root === undefined ? {} : { PYENV_ROOT: root }) };
        const found = await findInterpreter({ ...rest, env, python: exact });
        expect(found.probe.version).toEqual(version);
        expect(found.candidates.at(-1)?.command ?? '').not.toBe('');
        expect(file).toContain(version.join('.'));
      }
    },
  );
});

describe('each kind of unusable interpreter has its own message with the fix', () => {
  const other = process.arch === 'arm64' ? 'linux-x86_64' : 'linux-aarch64';
  const otherMachine = process.arch === 'arm64' ? 'x86_64' : 'aarch64';
  test.each<[string, Partial<InterpreterProbe>, RegExp]>([
    [
      'too old',
      { version: [3, 9, 1] },
      /Python 3\.9\.1; versions >=3\.10,<3\.16 are supported[\s\S]*uv python install/,
    ],
    ['too new', { version: [3, 16, 0] }, /Python 3\.16\.0; versions >=3\.10,<3\.16/],
    ['PyPy', { implementation: 'pypy' }, /is pypy, PyInstaller needs CPython[\s\S]*Use CPython/],
    ['32-bit', { pointerBits: 32, machine: 'i686', buildPlatform: 'linux-i686' }, /32-bit Python \(ia32\)/],
    [
      'another architecture',
      { machine: otherMachine, buildPlatform: other },
      /Python for (arm64|x64), the backend is for/,
    ],
    ['another system', { platform: 'cygwin' }, /is a cygwin program, the backend is for/],
    ['without libpython', { sharedLibrary: null }, /without a shared libpython[\s\S]*--enable-shared/],
    ['without venv', { hasVenv: false }, /module venv is missing[\s\S]*(python3\.12-venv|Reinstall Python)/],
    ['without ensurepip', { hasEnsurepip: false }, /module ensurepip is missing[\s\S]*install uv/i],
  ])('%s', async (_, answer, message) => {
    const options = await search();
    await fakePython(path.join(options.folder, 'first', python3), answer);
    expect(await failure(options)).toMatch(message);
  });

  test('out of the range, naming both', async () => {
    const options = await search({ version: '>=3.13' });
    await fakePython(path.join(options.folder, 'first', python3));
    expect(await failure({ ...options, backend: 'engine' })).toMatch(
      /Looked for a Python that satisfies >=3\.13 for the backend "engine": none of those found can be used\.\n {2}- python3 on PATH .*Python 3\.12\.1, which does not satisfy >=3\.13[\s\S]*uv python install 3\.13/,
    );
  });

  test('many with one problem take a few lines, with the fix once', async () => {
    const options = await search();
    const folders = Array.from({ length: 8 }, (_, index) => path.join(options.folder, `bin${index}`));
    for (const folder of folders) {
      await fakePython(path.join(folder, python3), { machine: otherMachine, buildPlatform: other });
      await script(path.join(folder, programName('python')), 'process.exit(1);');
    }
    const message = await failure({
      ...options,
      env: { ...options.env, PATH: searchPath(...folders) },
    });
    expect(message.split('\n')).toHaveLength(7);
    expect(message).toContain('and 5 more with the same problems');
    expect(message.match(/PyInstaller cannot freeze for another architecture/g)).toHaveLength(1);
  });

  test('none at all', async () => {
    const options = await search();
    expect(await failure(options)).toMatch(
      /there is none on this machine[\s\S]*Install Python[\s\S]*ELECTRON_PYINSTALLER_PYTHON/,
    );
  });

  test.each([
    ['>=3.10', 'Python 3.12', '3.12'],
    ['3.14', 'Python 3.14', '3.14'],
    ['==3.11.7', 'Python 3.11.7', '3.11.7'],
    ['>=3.13', 'Python 3.13', '3.13'],
    ['<3.12', 'Python 3.11', '3.11'],
  ])('none at all, and the range is %s: what to install is in it', async (version, named, uv) => {
    const message = await failure(await search({ version }));
    expect(message).toContain(`Install ${named} `);
    expect(message).toContain(`\`uv python install ${uv}\``);
  });

  test('one that was named is the only one tried', async () => {
    const options = await search();
    await fakePython(path.join(options.folder, 'first', python3));
    const interpreter = await fakePython(path.join(options.folder, 'old', python3), { version: [3, 7, 1] });
    const message = await failure({ ...options, python: { ...options.python, interpreter } });
    expect(message).toMatch(
      /python\.interpreter of the configuration[\s\S]*3\.7\.1[\s\S]*Nothing else was tried/,
    );
    const missing = { ...options.python, interpreter: './nowhere' };
    expect(await failure({ ...options, python: missing })).toMatch(
      /there is no file .*nowhere[\s\S]*Correct the path/,
    );
  });
});

test('a cancelled search ends with ERR_CANCELLED', async () => {
  const options = await search();
  await script(path.join(options.folder, 'first', python3), 'setInterval(() => {}, 1000);');
  const started = performance.now();
  const searching = findInterpreter({ ...options, signal: AbortSignal.timeout(200) });
  await expect(searching).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  expect(performance.now() - started).toBeLessThan(5000 * patience);
});
