/**
 * `npm run test:types`: what the packed package declares compiles with old and new versions of TypeScript, for targets from ES5 on, without
 * `skipLibCheck`. Only what concerns this package counts: the declarations of others have errors of their own.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, '.cache', 'types');
const tools = path.join(folder, 'tools');
const app = path.join(folder, 'app');

/** The newest patch release of each. */
const versions = ['5.0', '5.4', '5.9', '6.0', '7.0'] as const;
const modules = {
  node10: { module: 'commonjs', moduleResolution: 'node10' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
} as const;

/** Every entry point, used as an app uses it. `.mts`: the hosts are ES modules. */
const sources = {
  'main.mts': `import type { ForgeConfig } from '@electron-forge/shared-types';
import { defineConfig, type BackendConfig } from 'electron-pyinstaller';
import { PyInstallerPlugin } from 'electron-pyinstaller/forge';
import preset from 'electron-pyinstaller/electron-builder';
import * as hook from 'electron-pyinstaller/electron-builder-hook';
const engine: BackendConfig = { entry: { asgi: 'main:app' }, source: 'backend', ready: '/health' };
export default defineConfig({ backends: { engine } });
export const plugins: ForgeConfig['plugins'] = [new PyInstallerPlugin({ backends: { engine } })];
export const used: unknown[] = [preset, hook];
`,
  'runtime.ts': `import { createBackend, createBackends, isBackendError, type AppLike, type Backend } from 'electron-pyinstaller/runtime';
export async function start(app: AppLike): Promise<string> {
  const engine: Backend<'engine'> = createBackend({ app, name: 'engine' });
  engine.on('state', ({ next }) => console.log(next));
  try {
    await engine.start();
    const response = await engine.fetch('/health');
    return await response.text();
  } catch (error) {
    return isBackendError(error) ? error.code : String(error);
  }
}
export const all = (app: AppLike): Promise<void> => createBackends<'a' | 'b'>({ app }).start();
`,
  'preload.ts': `import { exposeBackends, type BackendBridge, type PreloadElectron } from 'electron-pyinstaller/preload';
import { throughBridge } from 'electron-pyinstaller/client';
import { diagnoseArchive } from 'electron-pyinstaller/diagnose';
export const expose = (electron: PreloadElectron): void => exposeBackends(electron);
export const used = (bridge: BackendBridge): unknown[] => [throughBridge(bridge, 'engine'), diagnoseArchive];
`,
  'client.ts': `import createClient from 'openapi-fetch';
import { defaultOf, eventReader, throughBackend, throughBridge } from 'electron-pyinstaller/client';
import type { Backend, BackendBridge } from 'electron-pyinstaller/runtime';
import type { components, events, paths } from './engine.api.gen.js';
export async function ask(engine: Backend, bridge: BackendBridge): Promise<string | undefined> {
  const client = defaultOf(createClient)<paths>(throughBackend(engine));
  const { data } = await client.GET('/api/services/trend', { params: { query: { count: 75 } } });
  const direction: 'rising' | 'falling' | 'steady' | undefined = data && data.direction;
  // @ts-expect-error there is no such route
  await client.GET('/api/nothing');
  await createClient<paths>(throughBridge(bridge, 'engine')).PUT('/api/signals/{name}', { params: { path: { name: 'tide' } } });
  const next = await eventReader<paths, events>(throughBackend(engine))('/api/stream').next();
  const sample: components['schemas']['Sample'] | undefined = next.done ? undefined : next.value.data;
  return sample ? sample.signal : direction;
}
`,
};

async function prepare(): Promise<void> {
  await rm(app, { recursive: true, force: true });
  for (const one of [tools, app]) {
    await mkdir(one, { recursive: true });
    await writeFile(path.join(one, 'package.json'), '{"private":true}');
  }
  const install = (cwd: string, names: readonly string[]): Promise<unknown> =>
    run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...names], {
      cwd,
      timeout: 300_000,
    });
  await install(
    tools,
    versions.map((version) => `typescript-${version}@npm:typescript@~${version}.0`),
  );
  await run('npm', ['pack', '--silent', '--pack-destination', app], { cwd: root });
  const [tarball = ''] = (await readdir(app)).filter((name) => name.endsWith('.tgz'));
  await install(app, [
    tarball,
    'openapi-fetch@0.17.0',
    '@types/node@20',
    '@electron-forge/shared-types@8',
    'app-builder-lib@26',
  ]);
  for (const [name, text] of Object.entries(sources)) await writeFile(path.join(app, name), text);
  await copyFile(path.join(root, 'example-app/src/engine.api.gen.ts'), path.join(app, 'engine.api.gen.ts'));
}

/** Errors that concern this package. */
async function compile(
  version: (typeof versions)[number],
  target: string,
  kind: keyof typeof modules,
): Promise<string[]> {
  const compiler = path.join(tools, 'node_modules', `typescript-${version}`, 'bin', 'tsc');
  // Old resolution knows no .mts that imports by `exports`.
  const files = kind === 'node10' ? ['runtime.ts', 'preload.ts', 'client.ts'] : Object.keys(sources);
  const compilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: false,
    types: ['node'],
    target,
    ...modules[kind],
  };
  await writeFile(path.join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const output = await run(process.execPath, [compiler, '-p', '.'], {
    cwd: app,
    maxBuffer: 64_000_000,
    timeout: 300_000,
  }).then(
    () => '',
    (error: unknown) => String((error as { stdout?: unknown }).stdout ?? error),
  );
  return output
    .split('\n')
    .filter(
      (line) => /error TS/.test(line) && !/^(?:\.\.\/)*node_modules\/(?!electron-pyinstaller\/)/.test(line),
    );
}

/** ES5 and the resolution of old are errors in version 6 and gone in 7. */
const combinationsOf = (version: string): readonly (readonly [string, keyof typeof modules])[] =>
  Number.parseInt(version, 10) < 6
    ? [
        ['ES5', 'node10'],
        ['ES5', 'bundler'],
        ['ES2022', 'nodenext'],
      ]
    : [
        ['ES2015', 'bundler'],
        ['ES2022', 'nodenext'],
      ];

await prepare();
let failed = 0;
for (const version of versions) {
  for (const [target, kind] of combinationsOf(version)) {
    const errors = await compile(version, target, kind);
    failed += errors.length > 0 ? 1 : 0;
    console.log(`${errors.length > 0 ? '✖' : '✔'} TypeScript ${version}, ${target}, ${kind}`);
    for (const line of errors.slice(0, 5)) console.log(`    ${line}`);
  }
}
console.log(failed === 0 ? 'The declarations compile everywhere.' : `${failed} combinations fail.`);
process.exitCode = failed > 0 ? 1 : 0;
