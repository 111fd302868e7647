import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig, resolveConfig } from '../../../src/config/index.js';
import { entryDescriptor, scriptOfSpec } from '../../../src/hosts/dev/entry.js';
import { developmentManifest, interpreterOptions } from '../../../src/hosts/dev/manifest.js';
import type { PythonEnvironment } from '../../../src/python/types.js';
import type { BackendManifest } from '../../../src/runtime/manifest.js';
import { hostTarget } from '../../../src/target.js';
import { writeFiles } from '../../support/files.js';
import { fakeBackend } from '../shared/fakes.js';

test.each([
  ["a = Analysis(['main.py'], pathex=[])", 'main.py'],
  ['a = Analysis(\n    scripts=["src/main.py", "b.py"],\n)', 'src/main.py'],
  ["# Analysis(['old.py'])\na = Analysis([r'C:\\app\\main.py'])", 'C:\\app\\main.py'],
  ['a = Analysis(scripts)', null],
  ['a = Analysis([os.path.join(SPECPATH, "main.py")])', null],
  ['print("nothing here")', null],
])('the script of the spec %j is %j', (spec, expected) => {
  expect(scriptOfSpec(spec)).toBe(expected);
});

test('options of the interpreter are written as on its command line', () => {
  expect(interpreterOptions(['W ignore::DeprecationWarning', 'X dev', 'v', 'hash_seed=0'])).toEqual([
    '-W',
    'ignore::DeprecationWarning',
    '-X',
    'dev',
    '-v',
  ]);
});

describe('the development manifest', () => {
  /** Of a backend as configured; its environment is never started. */
  async function manifestOf(engine: object, isPlain = false): Promise<BackendManifest> {
    const projectDir = await writeFiles({
      'package.json': '{}',
      'backend/main.py': '',
      'pyinstaller.config.json': JSON.stringify({
        backends: { engine: { entry: { asgi: 'main:app' }, source: 'backend', ...engine } },
      }),
    });
    const config = resolveConfig(await loadConfig({ projectDir }), { target: hostTarget() });
    const [backend] = config.backends;
    if (backend === undefined || backend.entry.type === 'spec') throw new Error('no backend');
    const environment = {
      interpreter: '/venv/bin/python',
      probe: { version: [3, 12, 1] },
      pyinstallerVersion: '',
    };
    return developmentManifest(
      backend,
      environment as unknown as PythonEnvironment,
      isPlain ? { type: 'plain', file: '/backend/main.py' } : { type: 'companion', entry: backend.entry },
      '/project/engine.entry.json',
    );
  }

  test('{bundle} is the source folder, where data lies in development', async () => {
    const run = { args: ['{bundle}/a.txt'], env: { DATA: '{bundle}' }, cwd: '{bundle}' };
    const { settings, program } = await manifestOf({ run });
    if (program.type !== 'development') throw new Error('not of development');
    const root = program.cwd;
    expect(settings).toMatchObject({ args: [`${root}/a.txt`], env: { DATA: root }, cwd: root });
  });

  test('runs the chosen interpreter in UTF-8 without buffers and without packages of the user', async () => {
    const { program, companion, versions } = await manifestOf({});
    if (program.type !== 'development') throw new Error('not of development');
    expect(program.interpreter).toBe('/venv/bin/python');
    expect(program.args.slice(0, 3)).toEqual(['-u', '-X', 'utf8']);
    expect(program.args.at(-1)).toBe('--electron-pyinstaller-entry=/project/engine.entry.json');
    expect(path.basename(program.cwd)).toBe('backend');
    expect(program.env).toMatchObject({ PYTHONNOUSERSITE: '1' });
    expect(companion).toBe('full');
    expect(versions.python).toBe('3.12.1');
  });

  test('takes the arguments and the environment of development, the latter over that of the app', async () => {
    const run = {
      args: ['--app'],
      env: { A: 'app', B: 'app' },
      dev: { args: ['--dev'], env: { B: 'dev', C: 'dev' } },
    };
    const { settings } = await manifestOf({ run });
    expect(settings.args).toEqual(['--dev']);
    expect(settings.env).toEqual({ A: 'app', B: 'dev', C: 'dev' });
  });

  test('watches the sources unless told not to', async () => {
    const watched = async (watch: boolean): Promise<readonly string[]> => {
      const { program } = await manifestOf({ run: { dev: { watch } } });
      return program.type === 'development' ? program.watch : [];
    };
    expect((await watched(true)).map((folder) => path.basename(folder))).toEqual(['backend']);
    expect(await watched(false)).toEqual([]);
  });

  test('promises no companion to the script of a hand-written spec', async () => {
    const { program, companion } = await manifestOf({}, true);
    expect(companion).toBe('none');
    expect(program.type === 'development' && program.args.at(-1)).toBe('/backend/main.py');
  });

  test('tells the entry where the modules and the data of the backend are', () => {
    const backend = fakeBackend({
      source: ['/app/backend'],
      data: [{ base: '/app/assets', to: 'assets' }] as never,
    });
    const pyinstaller = { ...backend.pyinstaller, paths: ['/app/shared'] };
    expect(
      entryDescriptor({ ...backend, pyinstaller }, { type: 'plain', file: '/app/backend/main.py' }),
    ).toEqual({
      v: 1,
      name: 'engine',
      kind: 'http',
      entry: { type: 'script', file: '/app/backend/main.py' },
      paths: ['/app/backend', '/app/shared'],
      data: [{ base: '/app/assets', to: 'assets' }],
    });
  });
});
