import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedForgeConfig } from '@electron-forge/shared-types';
import { beforeEach, describe, expect, test } from 'vitest';
import Default, { PyInstallerPlugin } from '../../../src/hosts/forge/index.js';
import { findPackage } from '../../../src/lib/find-package.js';
import { PluginHooks } from '../../../src/hosts/forge/hooks.js';
import { archOf, resourcesOf } from '../../../src/hosts/forge/outputs.js';
import { signExtensionModules } from '../../../src/hosts/forge/sign-windows.js';
import type { TaskDefinition, TaskLike } from '../../../src/hosts/forge/task.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { foreignBundles } from '../../support/foreign.js';
import { repositoryDir } from '../../support/paths.js';

const noConfig = { packagerConfig: {} } as ResolvedForgeConfig;

/** A project whose backend was frozen elsewhere for macOS and Windows, and a plugin that Forge has initialised. */
async function foreignProject(more: object = {}): Promise<{ plugin: PluginHooks; projectDir: string }> {
  const projectDir = await writeFiles({
    'package.json': '{"main":"main.js","pyinstaller":{}}',
    'main.js': '',
    'backend/main.py': '',
  });
  const prebuilt = await foreignBundles(path.join(projectDir, 'prebuilt'));
  const config = {
    cacheDir: path.join(await temporaryFolder(), 'cache'),
    backends: { engine: { entry: { asgi: 'main:app' }, source: 'backend', prebuilt } },
  };
  await rm(path.join(projectDir, 'package.json'));
  await writeFiles({ 'package.json': '{"main":"main.js"}' }, projectDir);
  const plugin = new PluginHooks({ ...config, ...more });
  plugin.init(projectDir);
  return { plugin, projectDir };
}

test('the plugin is what Forge 7 and 8 take for one, by default and by name', () => {
  expect(Default).toBe(PyInstallerPlugin);
  const plugin = new PyInstallerPlugin();
  expect(plugin.name).toBe('pyinstaller');
  expect(plugin.__isElectronForgePlugin).toBe(true);
  expect('startLogic' in plugin).toBe(false);
  expect(Object.keys(plugin.getHooks()).sort()).toEqual([
    'generateAssets',
    'packageAfterCopy',
    'postPackage',
    'prePackage',
    'preStart',
    'resolveForgeConfig',
  ]);
});

test('the hooks are no methods of the plugin', () => {
  const methods = Object.getOwnPropertyNames(PyInstallerPlugin.prototype).sort();
  expect(methods).toEqual(['config', 'constructor', 'getHooks', 'init']);
});

test('Forge 7 walks the own enumerable properties of a plugin: there is nothing to find but its name', () => {
  expect(Object.entries(new PyInstallerPlugin({ configFile: '<%= version %>' }))).toEqual([
    ['name', 'pyinstaller'],
  ]);
});

describe('a universal app', () => {
  test('carries both architectures in both slices, with one manifest, and passes the check afterwards', async () => {
    const { plugin } = await foreignProject();
    await plugin.prePackage(null, noConfig, 'darwin', 'universal');
    const out = await temporaryFolder();
    const manifests: string[] = [];
    for (const arch of ['x64', 'arm64']) {
      const app = path.join(out, `${arch}/App.app/Contents/Resources/app`);
      await mkdir(app, { recursive: true });
      await plugin.packageAfterCopy(noConfig, app, 'darwin', arch);
      const resources = path.dirname(app);
      expect((await readdir(resources)).sort()).toEqual(['app', 'engine-arm64', 'engine-x64']);
      expect((await lstat(path.join(resources, 'engine-arm64/engine'))).mode & 0o111).not.toBe(0);
      expect(await readFile(path.join(resources, 'engine-x64/_internal/config/app.json'), 'utf8')).toContain(
        'x64',
      );
      manifests.push(await readFile(path.join(app, 'electron-pyinstaller.json'), 'utf8'));
    }
    expect(manifests[0]).toBe(manifests[1]);
    expect(JSON.parse(manifests[0] ?? '')).toMatchObject({
      backends: { engine: { program: { directories: { x64: 'engine-x64', arm64: 'engine-arm64' } } } },
    });

    const merged = path.join(out, 'App-darwin-universal');
    await mkdir(merged);
    const { cp } = await import('node:fs/promises');
    await cp(path.join(out, 'x64/App.app'), path.join(merged, 'App.app'), { recursive: true });
    const result = { platform: 'darwin', arch: 'universal', outputPaths: [merged] };
    await plugin.postPackage(result);
    await rm(path.join(merged, 'App.app/Contents/Resources/engine-arm64/engine'));
    await expect(plugin.postPackage(result)).rejects.toThrow(/engine-arm64\/engine is missing/);
  });
});

test('one architecture alone has one folder with the name of the backend', async () => {
  const { plugin } = await foreignProject();
  await plugin.prePackage(null, noConfig, 'mas', 'arm64');
  const app = path.join(await temporaryFolder(), 'Resources/app');
  await mkdir(app, { recursive: true });
  await plugin.packageAfterCopy(noConfig, app, 'mas', 'arm64');
  expect((await readdir(path.dirname(app))).sort()).toEqual(['app', 'engine']);
});

test('hooks that are called without prePackage, for an architecture nobody asked for, still place a backend', async () => {
  const { plugin } = await foreignProject();
  const app = path.join(await temporaryFolder(), 'resources/app');
  await mkdir(app, { recursive: true });
  await plugin.packageAfterCopy(noConfig, app, 'win32', 'x64');
  expect(await readdir(path.join(path.dirname(app), 'engine'))).toContain('engine.exe');
});

test('several architectures at once are placed side by side', async () => {
  const { plugin } = await foreignProject();
  await plugin.prePackage(null, noConfig, 'darwin', 'x64,arm64');
  const out = await temporaryFolder();
  await Promise.all(
    ['x64', 'arm64'].map(async (arch) => {
      const app = path.join(out, arch, 'app');
      await mkdir(app, { recursive: true });
      await plugin.packageAfterCopy(noConfig, app, 'darwin', arch);
      const config = path.join(out, arch, 'engine/_internal/config/app.json');
      expect(await readFile(config, 'utf8')).toContain(`"${arch}"`);
    }),
  );
});

describe('what goes into the app', () => {
  const files = {
    'backend/main.py': '',
    'main.js': '',
    'package.json': '{"main":"main.js","pyinstaller":{"backends":{}}}',
  };

  test('no Python sources and no configuration', async () => {
    const { plugin } = await foreignProject();
    const app = await writeFiles(files, path.join(await temporaryFolder(), 'app'));
    await plugin.packageAfterCopy(noConfig, app, 'win32', 'x64');
    expect((await readdir(app)).sort()).toEqual(['electron-pyinstaller.json', 'main.js', 'package.json']);
    expect(JSON.parse(await readFile(path.join(app, 'package.json'), 'utf8'))).toEqual({ main: 'main.js' });
  });

  test('the runtime comes in when main is not bundled, and only then', async () => {
    const { plugin } = await foreignProject();
    const bundled = await writeFiles(files, path.join(await temporaryFolder(), 'app'));
    await plugin.packageAfterCopy(noConfig, bundled, 'win32', 'x64');
    expect(await readdir(bundled)).not.toContain('node_modules');
    const plain = { ...files, 'main.js': "require('electron-pyinstaller/runtime')" };
    const app = await writeFiles(plain, path.join(await temporaryFolder(), 'app'));
    await plugin.packageAfterCopy(noConfig, app, 'win32', 'x64');
    expect((await readdir(path.join(app, 'node_modules/electron-pyinstaller'))).sort()).toEqual([
      'cjs',
      'package.json',
      'runtime',
    ]);
    // One that was shipped as a dependency stays as it is.
    await writeFiles({ 'node_modules/electron-pyinstaller/package.json': '"mine"' }, app);
    await plugin.packageAfterCopy(noConfig, app, 'darwin', 'x64');
    const own = path.join(app, 'node_modules/electron-pyinstaller/package.json');
    expect(await readFile(own, 'utf8')).toBe('"mine"');
  });

  test('with keepSources they stay', async () => {
    const { plugin } = await foreignProject({ keepSources: true });
    const app = await writeFiles(files, path.join(await temporaryFolder(), 'app'));
    await plugin.packageAfterCopy(noConfig, app, 'win32', 'x64');
    expect(await readdir(app)).toContain('backend');
  });
});

test('warnings about the configuration and about what is shipped have tasks of their own, before the freezing', async () => {
  const { plugin, projectDir } = await foreignProject();
  await writeFiles(
    { 'package.json': '{"main":"main.js","dependencies":{"electron-pyinstaller":"1"}}' },
    projectDir,
  );
  let listed: readonly TaskDefinition[] = [];
  const task: TaskLike = { title: '', output: '', newListr: (tasks) => (listed = tasks) };
  await plugin.prePackage(task, noConfig, 'darwin', 'arm64');
  expect(listed.map(({ title }) => title)).toEqual(['Dependencies', 'Freezing engine for darwin-arm64']);
  const warning: TaskLike = { title: '', output: '', newListr: () => null };
  await listed[0]?.task({}, warning);
  expect(warning.output).toMatch(/^Warning: electron-pyinstaller is among the dependencies/);
});

describe('resolveForgeConfig', () => {
  let plugin: PluginHooks;
  beforeEach(async () => {
    ({ plugin } = await foreignProject());
  });

  test('composes the signing settings without touching the given object, however often it is called', async () => {
    const given = {
      packagerConfig: { osxSign: { identity: 'me' }, osxUniversal: { x64ArchFiles: '*.node' } },
    };
    const copy = structuredClone(given);
    const once = await plugin.resolveForgeConfig(given as unknown as ResolvedForgeConfig);
    const twice = await plugin.resolveForgeConfig(once);
    expect(given).toEqual(copy);
    expect(once.packagerConfig.osxUniversal?.x64ArchFiles).toContain('engine-x64');
    expect(twice.packagerConfig).toEqual(once.packagerConfig);
    expect(once.packagerConfig.osxSign).toMatchObject({ identity: 'me' });
  });

  test('leaves a broken configuration to the hooks that can show it', async () => {
    const broken = new PluginHooks({ configFile: 'missing.config.ts' });
    broken.init(await temporaryFolder());
    expect(await broken.resolveForgeConfig(noConfig)).toBe(noConfig);
    await expect(broken.prePackage(null, noConfig, 'linux', 'x64')).rejects.toMatchObject({
      name: 'electron-pyinstaller',
      message: expect.stringContaining('missing.config.ts') as string,
    });
  });
});

test('extension modules are signed with the real @electron/windows-sign, which leaves them out by itself', async () => {
  const bundles = await foreignBundles(await temporaryFolder());
  const directory = bundles['win32-x64'] ?? '';
  const signed: string[] = [];
  const windowsSign = {
    hookFunction: (file: string) => {
      signed.push(path.relative(directory, file).replaceAll('\\', '/'));
    },
  };
  expect(await signExtensionModules([directory], windowsSign, repositoryDir)).toBe(1);
  expect(signed).toEqual(['_internal/_ssl.pyd']);
  await expect(signExtensionModules([directory], true, await temporaryFolder())).rejects.toThrow(
    /@electron\/windows-sign was not found[\s\S]*npm install/,
  );
});

test('packages are found through their dependents, as a strict package manager lays them out', async () => {
  const root = await writeFiles({
    'node_modules/a/package.json': '{}',
    'node_modules/a/node_modules/b/package.json': '{}',
    'project/package.json': '{}',
  });
  const project = path.join(root, 'project');
  expect(await findPackage(project, ['b'])).toBeNull();
  expect(await findPackage(project, ['a', 'b'])).toMatch(/a[\\/]node_modules[\\/]b$/);
});

test.each([
  ['out/App-linux-x64', 'x64'],
  ['out/App-darwin-arm64', 'arm64'],
  ['out/App-darwin-universal', 'x64'],
  ['out/App-linux-armv7l', 'armv7l'],
  ['out/App', null],
])('the architecture of %s is %s', (output, arch) => {
  expect(archOf(output)).toBe(arch);
});

test('the resources of a macOS output are inside its app; an output without one has none', async () => {
  const output = await writeFiles({ 'My App.app/Contents/Info.plist': '', LICENSE: '' });
  expect(await resourcesOf(output, 'darwin')).toBe(path.join(output, 'My App.app/Contents/Resources'));
  expect(await resourcesOf(await temporaryFolder(), 'mas')).toBeNull();
  expect(await resourcesOf('/out', 'win32')).toBe(path.join('/out', 'resources'));
});
