import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { build as esbuild } from 'esbuild';
import { build as vite, mergeConfig } from 'vite';
import type { InlineConfig } from 'vite';
import { expect, test } from 'vitest';
import webpack from 'webpack';
import { appEntryPoints, bundleForApps } from '../../scripts/bundle-app.ts';
import { digestBundle } from '../../src/bundle/index.js';
import type { BackendManifest, DevelopmentProgram } from '../../src/runtime/manifest.js';
import { temporaryFolder } from '../support/files.js';
import { notOnWindows } from '../support/windows.js';
import { repositoryDir } from '../support/paths.js';
import { fixtureBackend, python } from './support.js';

const run = promisify(execFile);

/** What apps import of the package, made anew from the sources. */
async function published(name: keyof typeof appEntryPoints, format: Shape = 'esm'): Promise<string> {
  const file = path.join(await temporaryFolder(), `${name}.${format === 'esm' ? 'js' : 'cjs'}`);
  await writeFile(
    path.join(path.dirname(file), 'package.json'),
    '{ "type": "module", "sideEffects": false }',
  );
  await bundleForApps(appEntryPoints[name], file);
  return file;
}

/** A program that looks like a frozen one: a script with the interpreter in its first line, in a folder with digests. */
async function frozenScript(resources: string): Promise<BackendManifest> {
  const directory = path.join(resources, 'engine');
  await mkdir(directory);
  const source = await readFile(path.join(repositoryDir, 'test/fixtures/runtime/backend.py'), 'utf8');
  const program = path.join(directory, 'engine');
  await writeFile(program, `#!/bin/sh\nexec ${python} -u "$(dirname "$0")/backend.py" "$@"\n`);
  await chmod(program, 0o755);
  await writeFile(path.join(directory, 'backend.py'), source);
  const files = await digestBundle(directory, { executable: 'engine' });
  return {
    ...fixtureBackend({}, { integrity: 'full' }),
    program: {
      type: 'frozen',
      mode: 'onedir',
      platform: process.platform,
      directories: { [process.arch]: 'engine' },
      executable: 'engine',
      files: { [process.arch]: files },
    },
  };
}

/** A backend in development; what is to watch its sources notes that it was loaded. */
async function developmentScript(folder: string): Promise<BackendManifest> {
  const watcher = path.join(folder, 'watcher.cjs');
  await writeFile(
    watcher,
    `exports.watchProgram = ({ watch: [source] }) => {
  require('node:fs').writeFileSync(__dirname + '/watched', source);
  return () => {};
};`,
  );
  const backend = fixtureBackend({}, {}, { name: 'development' });
  return { ...backend, program: { ...backend.program, watch: ['/a source'], watcher } as DevelopmentProgram };
}

/** What an app does with the runtime, in one line each. */
const script = `
const begun = performance.now();
const runtime = LOAD;
const importMs = performance.now() - begun;
const { EventEmitter } = require('node:events');
const { readFileSync, appendFileSync } = require('node:fs');
(async () => {
  const [folder, manifest] = process.argv.slice(2);
  const app = Object.assign(new EventEmitter(), {
    isPackaged: true,
    getAppPath: () => folder,
    getPath: (name) => folder + '/' + name,
    quit() {},
  });
  const backend = runtime.createBackend({ app, name: 'engine', resourcesPath: folder });
  await backend.start();
  const answer = await backend.fetch('/health');
  const status = backend.status();
  await backend.stop();
  appendFileSync(folder + '/engine/backend.py', '# changed');
  const error = await backend.start().catch((reason) => reason);
  const development = runtime.createBackend({ app, name: 'development', resourcesPath: folder });
  await development.start();
  await development.stop();
  console.log(JSON.stringify({
    importMs,
    answer: answer.status,
    state: status.state,
    stopped: error.code,
    isBackendError: runtime.isBackendError(error),
    watched: readFileSync(folder + '/watched', 'utf8'),
    names: Object.keys(runtime).sort(),
  }));
})();
`;

type Shape = 'esm' | 'cjs';

/** What `electron` and Node bring; none of it is bundled. */
const external = ['electron', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

/** Both Vite hosts resolve what a package has for Node. */
const resolve = { conditions: ['node'], mainFields: ['module', 'jsnext:main', 'jsnext'] };

/** Bundle with Vite, given what one host sets for a main process. */
async function viteBuild(entry: string, outfile: string, format: Shape, host: InlineConfig): Promise<void> {
  const warnings: unknown[] = [];
  const common: InlineConfig = {
    configFile: false,
    logLevel: 'silent',
    build: {
      outDir: path.dirname(outfile),
      emptyOutDir: false,
      copyPublicDir: false,
      lib: { entry, formats: [format === 'esm' ? 'es' : 'cjs'], fileName: () => path.basename(outfile) },
      rollupOptions: { external, onwarn: (warning) => warnings.push(warning) },
    },
    resolve,
  };
  await vite(mergeConfig(common, host));
  expect(warnings).toEqual([]);
}

/** As Forge's webpack plugin sets it: CommonJS, `__dirname` left alone. ESM is webpack's own `module` output. */
async function webpackBuild(
  entry: string,
  outfile: string,
  format: Shape,
  host: webpack.Configuration,
): Promise<void> {
  const compiler = webpack({
    mode: 'production',
    entry,
    output: {
      path: path.dirname(outfile),
      filename: path.basename(outfile),
      library: { type: format === 'esm' ? 'module' : 'commonjs2' },
    },
    node: { __dirname: false, __filename: false },
    ...(format === 'esm' ? { experiments: { outputModule: true } } : {}),
    ...host,
  });
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  expect(stats?.compilation.errors ?? ['no result']).toEqual([]);
  expect(stats?.compilation.warnings.map(String)).toEqual([]);
}

type Bundler = (entry: string, outfile: string, format: Shape) => Promise<void>;

const bundlers: Readonly<Record<string, Bundler>> = {
  esbuild: async (entryPoint, outfile, format) => {
    const { warnings } = await esbuild({
      entryPoints: [entryPoint],
      bundle: true,
      platform: 'node',
      format,
      external: ['electron'],
      outfile,
      minify: true,
    });
    expect(warnings).toEqual([]);
  },
  // Electron Forge's Vite plugin (config/vite.main.config.ts there) when packaging: minified, and no target, so that it is Vite's own:
  // browsers. `es` is its `outputFormat: 'es'`.
  'Vite as Forge sets it': (entry, outfile, format) =>
    viteBuild(entry, outfile, format, { build: { minify: true } }),
  // electron-vite (plugins/electron.ts there): the Node of the installed Electron as target, readable, `process.env` left alone.
  'Vite as electron-vite sets it': (entry, outfile, format) =>
    viteBuild(entry, outfile, format, {
      define: {
        'process.env': 'process.env',
        'global.process.env': 'global.process.env',
        'globalThis.process.env': 'globalThis.process.env',
      },
      build: {
        target: 'node22',
        assetsDir: 'chunks',
        minify: false,
        modulePreload: false,
        reportCompressedSize: false,
      },
    }),
  webpack: (entry, outfile, format) => webpackBuild(entry, outfile, format, { target: 'electron-main' }),
  // Where the package is not bundled: its own file.
  nothing: async (entry, outfile) => await copyFile(entry, outfile),
};

const matrix = Object.keys(bundlers).flatMap((name) => [[name, 'esm'] as const, [name, 'cjs'] as const]);

test.each(matrix)(
  'behaves the same out of %s as %s',
  { timeout: 120_000, ...notOnWindows('its frozen program is a shell script') },
  async (name, format) => {
    const folder = await temporaryFolder();
    const backends = { engine: await frozenScript(folder), development: await developmentScript(folder) };
    const manifest = { version: 1, backends };
    await writeFile(path.join(folder, 'electron-pyinstaller.json'), JSON.stringify(manifest));
    const outfile = path.join(folder, 'out', format === 'esm' ? 'runtime.mjs' : 'runtime.cjs');
    await mkdir(path.dirname(outfile));
    await bundlers[name]?.(await published('runtime', name === 'nothing' ? format : 'esm'), outfile, format);
    const main = path.join(folder, 'main.cjs');
    const load =
      format === 'esm'
        ? `await import(${JSON.stringify(pathToFileURL(outfile).href)})`
        : `require(${JSON.stringify(outfile)})`;
    // `await` needs a function around it.
    await writeFile(
      main,
      format === 'esm' ? `(async () => {${script.replace('LOAD', load)}})();` : script.replace('LOAD', load),
    );
    const { stdout } = await run(process.execPath, [main, folder]);
    const result = JSON.parse(stdout) as { names: string[] };
    expect(result).toMatchObject({
      answer: 200,
      state: 'ready',
      stopped: 'E_EXE_CORRUPT',
      isBackendError: true,
      watched: '/a source',
    });
    expect(result.names.filter((exported) => exported !== 'default' && exported !== '__esModule')).toEqual([
      'BackendError',
      'backendUrlPatterns',
      'composeBeforeSend',
      'createBackend',
      'createBackends',
      'createProxyHandler',
      'createTokenListener',
      'exposeBackends',
      'isBackendError',
      'serveRenderer',
      'stopBeforeUpdate',
      'stopOnSessionEnd',
    ]);
  },
);

test('one file without dependencies: nothing of Node before it is used, no Electron, no place of its own', async () => {
  const { metafile, outputFiles } = await esbuild({
    entryPoints: [path.join(repositoryDir, 'src/runtime/index.ts')],
    bundle: true,
    platform: 'neutral',
    format: 'esm',
    minify: true,
    write: false,
    metafile: true,
    external: ['node:*'],
    outdir: '/out',
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.filter((file) => !file.startsWith('src/runtime/'))).toEqual([]);
  // Development loads it from the installed package.
  expect(inputs).not.toContain('src/runtime/dev/watch.ts');
  expect(Object.values(metafile.outputs).flatMap((output) => output.imports)).toEqual([]);
  const text = outputFiles[0]?.text ?? '';
  // These mean something else after bundling, or do not exist in one of the two module systems.
  for (const word of ['import.meta', '__dirname', '__filename', "require('electron')"])
    expect(text.includes(word)).toBe(false);
  expect(text.length).toBeLessThan(123_500);
});

test('what is published is in ASCII, which is read twice as fast as text with other letters', async () => {
  expect((await readFile(await published('runtime'))).every((byte) => byte < 128)).toBe(true);
});

/** As Electron runs a sandboxed preload script: `require` knows a few names, `process` is not Node's, and `Buffer` is a copy. */
async function preloadScript(file: string): Promise<readonly string[]> {
  const exposed: string[] = [];
  const electron = {
    contextBridge: { exposeInMainWorld: (name: string) => exposed.push(name) },
    ipcRenderer: { invoke: async () => null, on: () => undefined, off: () => undefined },
  };
  const sandbox = {
    require: (name: string): unknown => {
      if (name === 'electron') return electron;
      throw new Error(`module not found: ${name}`);
    },
    process: { platform: process.platform, arch: process.arch, env: {}, versions: process.versions },
    module: { exports: {} },
    exports: {},
    Buffer,
    queueMicrotask,
    URL,
  };
  runInNewContext(await readFile(file, 'utf8'), sandbox);
  return exposed;
}

const preloads = Object.keys(bundlers)
  .filter((name) => name !== 'nothing')
  .flatMap((name) => [[name, 'preload'] as const, [name, 'runtime'] as const]);

test.each(preloads)('a sandboxed preload script by %s can have the bridge from /%s', async (name, entry) => {
  const folder = path.dirname(await published(entry));
  const source = path.join(folder, 'source.js');
  await writeFile(
    source,
    `import { contextBridge, ipcRenderer } from 'electron';
import { exposeBackends } from './${entry}.js';
exposeBackends({ contextBridge, ipcRenderer });`,
  );
  const outfile = path.join(folder, 'out', 'preload.cjs');
  await mkdir(path.dirname(outfile));
  await bundlers[name]?.(source, outfile, 'cjs');
  expect(await preloadScript(outfile)).toEqual(['backends']);
  expect((await stat(outfile)).size).toBeLessThan(entry === 'preload' ? 5000 : 20_000);
});

test('loading it takes no time worth speaking of', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder();
  const main = path.join(folder, 'main.cjs');
  await writeFile(
    main,
    `const begun = process.cpuUsage(); require(${JSON.stringify(await published('runtime', 'cjs'))});
const { user, system } = process.cpuUsage(begun); console.log((user + system) / 1000);`,
  );
  // Processor time, and the best of a few: what other programs do at the same time is not counted either.
  const times: number[] = [];
  for (let count = 0; count < 9; count++) times.push(Number((await run(process.execPath, [main])).stdout));
  expect(Math.min(...times)).toBeLessThan(10);
});
