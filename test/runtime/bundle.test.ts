import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { build as esbuild } from 'esbuild';
import { build as vite, mergeConfig } from 'vite';
import type { InlineConfig } from 'vite';
import { expect, test } from 'vitest';
import webpack from 'webpack';
import { digestBundle } from '../../src/bundle/index.js';
import type { BackendManifest, DevelopmentProgram } from '../../src/runtime/manifest.js';
import { temporaryFolder } from '../support/files.js';
import { repositoryDir } from '../support/paths.js';
import { fixtureBackend, python } from './support.js';

const run = promisify(execFile);
const entry = path.join(repositoryDir, 'src/runtime/index.ts');

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
async function viteBuild(outfile: string, format: Shape, host: InlineConfig): Promise<void> {
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

/** The sources as JavaScript, file by file, as the package itself is published. Returns the entry. */
async function transpile(outdir: string, format: Shape): Promise<string> {
  const { metafile } = await esbuild({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    write: false,
    outdir: '/',
    metafile: true,
  });
  await esbuild({ entryPoints: Object.keys(metafile.inputs), format, platform: 'node', outdir });
  await writeFile(
    path.join(outdir, 'package.json'),
    JSON.stringify({ type: format === 'esm' ? 'module' : 'commonjs' }),
  );
  return path.join(outdir, 'index.js');
}

const bundlers: Readonly<Record<string, (outfile: string, format: Shape) => Promise<void>>> = {
  esbuild: async (outfile, format) => {
    const { warnings } = await esbuild({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      format,
      outfile,
      minify: true,
    });
    expect(warnings).toEqual([]);
  },
  // Electron Forge's Vite plugin (config/vite.main.config.ts there) when packaging: minified, and no target, so that it is Vite's own:
  // browsers. `es` is its `outputFormat: 'es'`.
  'Vite as Forge sets it': (outfile, format) => viteBuild(outfile, format, { build: { minify: true } }),
  // electron-vite (plugins/electron.ts there): the Node of the installed Electron as target, readable, `process.env` left alone.
  'Vite as electron-vite sets it': (outfile, format) =>
    viteBuild(outfile, format, {
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
  // As Forge's webpack plugin sets it for a main process: its target, CommonJS, `__dirname` left alone. ESM is webpack's own `module` output.
  webpack: async (outfile, format) => {
    const source = await transpile(path.join(path.dirname(outfile), 'source'), 'esm');
    const compiler = webpack({
      target: 'electron-main',
      mode: 'production',
      entry: source,
      output: {
        path: path.dirname(outfile),
        filename: path.basename(outfile),
        library: { type: format === 'esm' ? 'module' : 'commonjs2' },
      },
      node: { __dirname: false, __filename: false },
      ...(format === 'esm' ? { experiments: { outputModule: true } } : {}),
    });
    const stats = await promisify(compiler.run.bind(compiler))();
    await promisify(compiler.close.bind(compiler))();
    expect(stats?.compilation.errors ?? ['no result']).toEqual([]);
    expect(stats?.compilation.warnings.map(String)).toEqual([]);
  },
  unbundled: async (outfile, format) => {
    await transpile(path.dirname(outfile), format);
    await writeFile(
      outfile,
      format === 'esm' ? "export * from './index.js';\n" : "module.exports = require('./index.js');\n",
    );
  },
};

const matrix = Object.keys(bundlers).flatMap((name) => [[name, 'esm'] as const, [name, 'cjs'] as const]);

test.each(matrix)('behaves the same out of %s as %s', { timeout: 120_000 }, async (name, format) => {
  const folder = await temporaryFolder();
  const backends = { engine: await frozenScript(folder), development: await developmentScript(folder) };
  const manifest = { version: 1, backends };
  await writeFile(path.join(folder, 'electron-pyinstaller.json'), JSON.stringify(manifest));
  const outfile = path.join(folder, 'out', format === 'esm' ? 'runtime.mjs' : 'runtime.cjs');
  await mkdir(path.dirname(outfile));
  await bundlers[name]?.(outfile, format);
  const main = path.join(folder, 'main.cjs');
  const load =
    format === 'esm' ? `await import(${JSON.stringify(outfile)})` : `require(${JSON.stringify(outfile)})`;
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
});

test('one file without dependencies: nothing but Node, no Electron, no place of its own', async () => {
  const { metafile, outputFiles } = await esbuild({
    entryPoints: [entry],
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
  const imports = new Set(
    Object.values(metafile.outputs).flatMap((output) => output.imports.map((one) => one.path)),
  );
  expect(Array.from(imports).filter((name) => !name.startsWith('node:'))).toEqual([]);
  const text = outputFiles[0]?.text ?? '';
  // These mean something else after bundling, or do not exist in one of the two module systems.
  for (const word of ['import.meta', '__dirname', '__filename', "require('electron')"])
    expect(text.includes(word)).toBe(false);
  expect(text.length).toBeLessThan(123_500);
});

test('the preload half needs nothing of Node, as in a sandboxed preload script', async () => {
  const { metafile, outputFiles } = await esbuild({
    entryPoints: [path.join(repositoryDir, 'src/runtime/page/preload.ts')],
    bundle: true,
    format: 'cjs',
    platform: 'browser',
    minify: true,
    write: false,
    metafile: true,
    outdir: '/out',
  });
  expect(Object.values(metafile.outputs).flatMap((output) => output.imports)).toEqual([]);
  expect(outputFiles[0]?.text.length).toBeLessThan(2000);
});

test('loading it takes no time worth speaking of', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder();
  const outfile = path.join(folder, 'runtime.cjs');
  await bundlers['esbuild']?.(outfile, 'cjs');
  const main = path.join(folder, 'main.cjs');
  // What an Electron main process has loaded anyway is not counted.
  await writeFile(
    main,
    `for (const name of ['http', 'net', 'child_process', 'crypto', 'fs', 'os', 'worker_threads', 'stream', 'events']) require('node:' + name);
const begun = process.cpuUsage(); require(${JSON.stringify(outfile)});
const { user, system } = process.cpuUsage(begun); console.log((user + system) / 1000);`,
  );
  // Processor time, and the best of a few: what other programs do at the same time is not counted either.
  const times: number[] = [];
  for (let count = 0; count < 9; count++) times.push(Number((await run(process.execPath, [main])).stdout));
  expect(Math.min(...times)).toBeLessThan(15);
});
