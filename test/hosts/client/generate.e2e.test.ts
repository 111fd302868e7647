import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ResolvedBackend } from '../../../src/config/resolved.js';
import { findTypeGenerator, presentDocument, typedBackends } from '../../../src/hosts/client/index.js';
import { prepareBackend } from '../../../src/hosts/dev/index.js';
import { eventReader, throughBackend } from '../../../src/runtime/client/index.js';
import { createBackend, type Backend } from '../../../src/runtime/index.js';
import { manifestVersion } from '../../../src/runtime/manifest.js';
import { runCli, type CliResult } from '../../cli/support.js';
import { within } from '../../runtime/faults/support.js';
import { resolvedConfig } from '../../support/backend.js';
import { writeFiles } from '../../support/files.js';
import { repositoryDir, testCacheDir } from '../../support/paths.js';
import { sixtyRoutes, sixtyRoutesRequirements } from './sixty-routes.js';
import { typedApp } from './typed-app.js';

const engine = {
  entry: { asgi: 'main:app' },
  source: 'backend',
  requirements: sixtyRoutesRequirements,
  client: true,
} as const;

/** As far as it is used here: its types are tried by the compiler. */
type CreateClient = (
  target: object,
) => Record<
  'GET' | 'POST',
  (path: string, options: object) => Promise<{ readonly data?: unknown; readonly error?: unknown }>
>;
const openapiFetch: string = 'openapi-fetch';
const { default: createClient } = (await import(openapiFetch)) as { readonly default: CreateClient };

let project: string;

/** The command line, in the project. */
async function cli(...args: string[]): Promise<CliResult> {
  return await runCli(args, project, { env: process.env });
}

beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'epy types-'));
  const files = {
    'package.json': '{ "name": "sixty", "version": "1.0.0", "type": "module" }',
    ...typedApp,
    'backend/main.py': sixtyRoutes(),
    'pyinstaller.config.json': JSON.stringify({ backends: { engine }, cacheDir: testCacheDir }),
  };
  await writeFiles(files, project);
  const modules = path.join(project, 'node_modules');
  await mkdir(path.join(modules, '@types'), { recursive: true });
  await symlink(repositoryDir, path.join(modules, 'electron-pyinstaller'), 'dir');
  for (const name of ['electron', 'openapi-fetch', 'openapi-typescript-helpers', '@types/node'])
    await symlink(path.join(repositoryDir, 'node_modules', name), path.join(modules, name), 'dir');
}, 30_000);

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

test('the types of an API are those that openapi-typescript makes of the document of the running program', async () => {
  const { exitCode, out, error } = await cli('generate');
  expect({ exitCode, error: exitCode === 0 ? '' : error }).toEqual({ exitCode: 0, error: '' });
  expect(out).toContain('src/engine.api.gen.ts written');
  const text = await readFile(path.join(project, 'src/engine.api.gen.ts'), 'utf8');
  const document: unknown = JSON.parse(await readFile(path.join(project, 'src/engine.api.gen.json'), 'utf8'));
  const options = { cacheDir: testCacheDir };
  await findTypeGenerator(project, options);
  const require = createRequire(
    path.join(testCacheDir, 'tools/openapi-typescript-7.13.0-typescript-5.9.3/package.json'),
  );
  const { default: openapiTS, astToString } = require('openapi-typescript') as {
    default: (document: unknown) => Promise<unknown>;
    astToString: (ast: unknown) => string;
  };
  expect(text).toContain(astToString(await openapiTS(document)));
  expect(text).toContain('export type events = {\n    "/api/ticks": components["schemas"]["Tick"];\n};');
}, 300_000);

/** What the strict compiler says of the app, in the words of both its projects. */
async function compile(): Promise<string> {
  const compiler = path.join(repositoryDir, 'node_modules/typescript/bin/tsc');
  const outputs = await Promise.all(
    ['tsconfig.json', 'tsconfig.main.json'].map(async (file) => {
      const { stdout } = await execa(process.execPath, [compiler, '-p', file], {
        cwd: project,
        reject: false,
      });
      return stdout;
    }),
  );
  return outputs.join('\n').trim();
}

/** The backend as the app runs it in development. */
async function fromSource(backend: ResolvedBackend, say: (line: string) => void): Promise<Backend> {
  const manifest = await prepareBackend(backend, { cacheDir: testCacheDir });
  return createBackend({
    app: {
      isPackaged: false,
      getAppPath: () => project,
      getPath: () => path.join(project, 'user-data'),
      on: () => undefined,
      quit: () => undefined,
    },
    name: 'engine',
    manifest: { version: manifestVersion, backends: { engine: manifest } },
    stopOnQuit: false,
    logger: { info: say, warn: say, error: say },
  });
}

test('a strict app compiles with them in main, preload and page', async () => {
  expect(await compile()).toBe('');
}, 120_000);

test('what the types promise is what the running program does: models, errors, unions, files, events', async () => {
  const [backend] = typedBackends(resolvedConfig(project, { engine }).backends);
  if (backend === undefined) throw new Error('no backend');
  const running = await fromSource(backend, () => undefined);
  try {
    await running.start();
    const client = createClient(throughBackend(running));
    const model = async (id: number) => client.GET('/api/models/{id}', { params: { path: { id } } });
    expect((await model(7)).data).toEqual({ id: 7, name: 'm', tags: {}, pet: { kind: 'cat', lives: 9 } });
    expect(await model(404)).toMatchObject({ error: { detail: 'no such model' }, response: { status: 404 } });
    expect((await client.POST('/api/pets', { body: { kind: 'dog', breed: null } })).data).toEqual({
      kind: 'dog',
      breed: null,
    });
    const form = new FormData();
    form.set('file', new Blob(['abc']), 'a.txt');
    expect((await client.POST('/api/files', { body: form, bodySerializer: () => form })).data).toEqual({
      size: 3,
    });
    const path = { id: 1 };
    const query = { order: 'down', tag: ['a', 'b'], limit: 3 };
    expect((await client.GET('/api/items0/{id}', { params: { path, query } })).data).toEqual([
      { kind: 'a', size: 1, order: 'up', parts: [] },
    ]);
    const sideways = { params: { path, query: { order: 'sideways' } } };
    expect(await client.GET('/api/items0/{id}', sideways)).toMatchObject({
      error: { detail: [{ loc: ['query', 'order'] }] },
    });
    const file = await client.GET('/api/files/{name}', {
      params: { path: { name: 'a' } },
      parseAs: 'arrayBuffer',
    });
    expect(Buffer.from(file.data as ArrayBuffer)).toEqual(Buffer.from('\0\x01a'));
    const found: unknown[] = [];
    const events = eventReader<object, { '/api/ticks': { n: number } }>(throughBackend(running));
    for await (const { data } of events('/api/ticks', {})) found.push(data);
    expect(found).toEqual([0, 1, 2].map((n) => ({ n, note: null })));
  } finally {
    await running[Symbol.asyncDispose]();
  }
}, 120_000);

test('a second run starts nothing; without the kept document it is the same; --check agrees', async () => {
  const started = performance.now();
  expect((await cli('generate')).out).toContain('src/engine.api.gen.ts is up to date');
  expect((await cli('generate', '--check')).exitCode).toBe(0);
  expect(performance.now() - started).toBeLessThan(3000);
  await rm(path.join(project, 'node_modules/.cache/electron-pyinstaller/api'), { recursive: true });
  const { exitCode, error } = await cli('generate', '--check');
  expect(error).toContain('Starting it from source to ask for its API');
  expect(exitCode).toBe(0);
}, 120_000);

test('--check fails when the API drifted, and names each route with what is different; generate mends it', async () => {
  await writeFile(path.join(project, 'backend/main.py'), sixtyRoutes('title'));
  const before = await readFile(path.join(project, 'src/engine.api.gen.ts'), 'utf8');
  const { exitCode, out } = await cli('generate', '--check');
  expect(exitCode).toBe(1);
  expect(out).toContain('✖ src/engine.api.gen.ts is out of date: the API of engine changed');
  expect(out).toContain(
    [
      '  GET /api/models/{id}',
      '    200: .name is gone',
      '    200: .title is new (string)',
      '  POST /api/models',
      '    body: .name is gone',
    ].join('\n'),
  );
  expect(out).not.toContain('/api/items');
  expect(await readFile(path.join(project, 'src/engine.api.gen.ts'), 'utf8')).toBe(before);
  expect((await cli('generate')).out).toContain('200: .title is new (string)');
  expect((await cli('generate', '--check')).exitCode).toBe(0);
  const said = await compile();
  expect(said).toContain('src/main.ts');
  expect(said).toContain('src/page.ts');
  expect(said).toContain("Property 'name' does not exist");
}, 120_000);

test('in development the types follow a changed source within 2 s after the backend is ready again', async () => {
  const [backend] = typedBackends(resolvedConfig(project, { engine }).backends);
  if (backend === undefined) throw new Error('no backend');
  const said: string[] = [];
  const running = await fromSource(backend, (line) => said.push(line));
  try {
    await running.start();
    const isReady = new Promise((resolve) => running.on('ready', resolve));
    await writeFile(path.join(project, 'backend/main.py'), sixtyRoutes('caption'));
    await isReady;
    const ready = performance.now();
    await expect
      .poll(() => readFile(backend.client.output, 'utf8'), { interval: 20, timeout: 30_000 })
      .toContain('caption: string;');
    const tookMs = performance.now() - ready;
    expect(tookMs).toBeLessThan(within(2000));
    await expect.poll(() => said.join('\n'), { timeout: 10_000 }).toContain('200: .caption is new (string)');
  } finally {
    await running[Symbol.asyncDispose]();
  }
  expect((await cli('generate', '--check')).error).not.toContain('Starting it from source');
}, 120_000);

test('each of several backends has its own types and its own client', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'epy two-'));
  try {
    const second = `from fastapi import FastAPI
app = FastAPI()
@app.get("/api/words/{word}")
def count(word: str) -> dict[str, int]: return {"length": len(word)}
`;
    await writeFiles(
      {
        'package.json': '{ "name": "two", "version": "1.0.0", "type": "module" }',
        'tsconfig.json': (typedApp['tsconfig.json'] ?? '').replace('"types":[]', '"types":["node"]'),
        'backend/main.py': sixtyRoutes(),
        'words/main.py': second,
        'pyinstaller.config.json': JSON.stringify({
          backends: {
            engine,
            'word-count': { ...engine, source: 'words', client: { output: 'src/api/words.ts' } },
            plain: { ...engine, client: false },
          },
          cacheDir: testCacheDir,
        }),
        'src/main.ts': `
import { backends, engine, plain, wordCount } from './backends.gen.js';
export async function both(): Promise<void> {
  const { data } = await wordCount.client.GET('/api/words/{word}', { params: { path: { word: 'a' } } });
  const length: number | undefined = data?.['length'];
  const name: string | undefined = (await engine.client.GET('/api/models/{id}', { params: { path: { id: 1 } } })).data?.name;
  // @ts-expect-error a route of the other
  await engine.client.GET('/api/words/{word}', { params: { path: { word: 'a' } } });
  // @ts-expect-error no client
  void plain.client;
  await backends['word-count'].client.GET('/api/words/{word}', { params: { path: { word: 'b' } } });
  void [length, name];
}
`,
      },
      folder,
    );
    await symlink(path.join(project, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
    const { exitCode, out } = await runCli(['generate'], folder, { env: process.env });
    expect({ exitCode, out }).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(
        /src\/engine\.api\.gen\.ts written[^]*src\/api\/words\.ts written/,
      ) as string,
    });
    const compiler = path.join(repositoryDir, 'node_modules/typescript/bin/tsc');
    const compiled = await execa(process.execPath, [compiler, '-p', 'tsconfig.json'], {
      cwd: folder,
      reject: false,
    });
    expect(compiled.stdout).toBe('');
    await writeFile(path.join(folder, 'words/main.py'), second.replace('words/{word}', 'terms/{word}'));
    const drift = await runCli(['generate', '--check'], folder, { env: process.env });
    expect(drift.out).toContain('src/api/words.ts is out of date: the API of word-count changed');
    expect(drift.out).toMatch(/GET \/api\/terms\/\{word\}/);
    expect(drift.out).not.toContain('the API of engine changed');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 180_000);

test('a program without the document says what it answered and where to name the path', async () => {
  const [backend] = typedBackends(
    resolvedConfig(project, {
      engine: { ...engine, client: { openapi: '/v1/openapi.json', output: 'x.ts' } },
    }).backends,
  );
  if (backend === undefined) throw new Error('no backend');
  await expect(presentDocument(backend, { cacheDir: testCacheDir })).rejects.toMatchObject({
    code: 'ERR_VERIFY',
    message: expect.stringMatching(
      /engine, run from source, for its API: GET \/v1\/openapi\.json answered 404 .*\nSay where it is, backends\.engine\.client: \{ openapi:/s,
    ) as string,
  });
}, 120_000);
