import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findTypeGenerator, presentDocument, typedBackends } from '../../../src/hosts/client/index.js';
import { runCli, type CliResult } from '../../cli/support.js';
import { resolvedConfig } from '../../support/backend.js';
import { writeFiles } from '../../support/files.js';
import { testCacheDir } from '../../support/paths.js';
import { sixtyRoutes, sixtyRoutesRequirements } from './sixty-routes.js';

const engine = {
  entry: { asgi: 'main:app' },
  source: 'backend',
  requirements: sixtyRoutesRequirements,
  client: true,
} as const;

let project: string;

/** The command line, in the project. */
async function cli(...args: string[]): Promise<CliResult> {
  return await runCli(args, project, { env: process.env });
}

beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'epy types-'));
  const files = {
    'package.json': '{ "name": "sixty", "version": "1.0.0", "type": "module" }',
    'tsconfig.json': '{}',
    'src/main.ts': '',
    'backend/main.py': sixtyRoutes(),
    'pyinstaller.config.json': JSON.stringify({ backends: { engine }, cacheDir: testCacheDir }),
  };
  await writeFiles(files, project);
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
}, 120_000);

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
