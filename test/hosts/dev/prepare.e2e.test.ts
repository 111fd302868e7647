import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { prepareDevelopment } from '../../../src/hosts/dev/index.js';
import { parseManifest, type BackendManifest } from '../../../src/runtime/manifest.js';
import { resolvedConfig } from '../../support/backend.js';
import type { EngineEvent } from '../../../src/report.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { testCacheDir } from '../../support/paths.js';
import { python3, realPythons } from '../../python/real-pythons.js';

const options = { cacheDir: testCacheDir };

/** Run a development program to its end, as from a terminal. */
async function run(manifest: BackendManifest, extra: readonly string[] = []): Promise<string> {
  const child = start(manifest, extra);
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  return output;
}

function start({ program, settings }: BackendManifest, extra: readonly string[]) {
  if (program.type !== 'development') throw new Error('not a development program');
  const child = spawn(program.interpreter, [...program.args, ...settings.args, ...extra], {
    cwd: program.cwd,
    env: { PATH: process.env['PATH'], ...program.env, ...settings.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('a backend runs from source in the environment that will be frozen', async () => {
  const project = await writeFiles({
    'backend/main.py':
      'def app(environ, start_response):\n    start_response("200 OK", [])\n    return [b"hello from source"]\n',
    'backend/config/a.json': '{}',
  });
  const config = resolvedConfig(project, {
    engine: {
      entry: { wsgi: 'main:app' },
      source: 'backend',
      data: [{ from: 'backend/config/*.json', to: 'settings' }],
    },
  });
  const { manifestFile, manifest } = await prepareDevelopment(config, options);
  expect(manifestFile).toBe(path.join(project, 'node_modules/.cache/electron-pyinstaller/development.json'));
  expect(parseManifest(JSON.parse(await readFile(manifestFile, 'utf8')))).toEqual(manifest);
  const engine = manifest.backends['engine'];
  if (engine === undefined) throw new Error('no manifest');
  expect(engine).toMatchObject({
    key: 'development',
    companion: 'full',
    versions: { pyinstaller: '6.22.3' },
  });

  const child = start(engine, ['--port', '0']);
  const address = await new Promise<string>((resolve) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      if (url !== undefined) resolve(url);
    });
  });
  expect(await (await fetch(address)).text()).toBe('hello from source');
});

test('the companion, its data paths, arguments and environment are there', async () => {
  const project = await writeFiles({
    'backend/tool.py':
      'import json, os, sys\nfrom electron_pyinstaller import resource_path\n' +
      'print(json.dumps([sys.argv[1:], os.environ["MODE"], os.getcwd(), resource_path("settings", "a.json").read_text(), sys.flags.utf8_mode, __name__]))\n',
    'backend/config/a.json': '{"ä": 1}',
  });
  const config = resolvedConfig(project, {
    tool: {
      kind: 'job',
      entry: { script: 'backend/tool.py' },
      source: 'backend',
      data: [{ from: 'backend/config/*.json', to: 'settings' }],
      run: { args: ['--frozen'], env: { MODE: 'frozen' }, dev: { args: ['--dev'], env: { MODE: 'dev' } } },
    },
  });
  const { manifest } = await prepareDevelopment(config, options);
  const tool = manifest.backends['tool'];
  if (tool === undefined) throw new Error('no manifest');
  const [args, mode, cwd, data, utf8, name] = JSON.parse(await run(tool, ['more'])) as unknown[];
  expect({ args, mode, cwd, data, utf8, name }).toEqual({
    args: ['--dev', 'more'],
    mode: 'dev',
    cwd: path.join(project, 'backend'),
    data: '{"ä": 1}',
    utf8: 1,
    name: '__main__',
  });
});

test('another interpreter can be chosen for development; it needs no PyInstaller', async () => {
  const interpreter = realPythons().find((file) => file.startsWith('/usr/')) ?? realPythons()[0] ?? '';
  const project = await writeFiles({ 'backend/main.py': 'import sys\nprint(sys.executable)\n' });
  const config = resolvedConfig(project, {
    tool: {
      kind: 'job',
      entry: 'backend/main.py',
      source: 'backend',
      run: { dev: { interpreter, watch: false } },
    },
  });
  const { manifest } = await prepareDevelopment(config, options);
  const tool = manifest.backends['tool'];
  if (tool?.program.type !== 'development') throw new Error('no manifest');
  expect(tool.program.watch).toEqual([]);
  expect((await run(tool)).trim()).toBe(tool.program.interpreter);
  expect(tool.versions.pyinstaller).toBe('');
});

test('the script of a hand-written spec runs as it will be frozen: without the companion', async () => {
  const project = await writeFiles({
    'backend/server.spec':
      "# Analysis(['old.py'])\na = Analysis(\n    ['server.py'],\n)\npyz = PYZ(a.pure)\n",
    'backend/server.py': 'print("plain")\n',
  });
  const config = resolvedConfig(project, {
    engine: { kind: 'job', pyinstaller: { spec: 'backend/server.spec' }, source: 'backend' },
  });
  const { manifest } = await prepareDevelopment(config, options);
  const engine = manifest.backends['engine'];
  if (engine === undefined) throw new Error('no manifest');
  expect(engine.companion).toBe('none');
  expect((await run(engine)).trim()).toBe('plain');
});

test('what writes types is there before the app starts; that it cannot be had is a warning, and the app starts', async () => {
  const project = await writeFiles({
    'main.py': 'app = None\n',
    'tsconfig.json': '{}',
    'src/main.ts': '',
    '.npmrc': 'registry=http://127.0.0.1:1/\nfetch-retries=0\n',
  });
  const config = resolvedConfig(project, {
    engine: { entry: { asgi: 'main:app' }, client: true, run: { dev: { interpreter: python3() } } },
  });
  const cacheDir = await temporaryFolder();
  const warnings: string[] = [];
  const report = (event: EngineEvent): void => {
    if (event.type === 'warning') warnings.push(event.message);
  };
  expect((await prepareDevelopment(config, { cacheDir, report })).manifest.backends).toHaveProperty('engine');
  expect(warnings).toEqual([expect.stringContaining('npm could not install it in')]);
  await writeFiles(
    { 'tools/openapi-typescript-7.13.0-typescript-5.9.3/node_modules/openapi-typescript/package.json': '{}' },
    cacheDir,
  );
  await prepareDevelopment(config, { cacheDir, report });
  expect(warnings).toHaveLength(1);
}, 60_000);
