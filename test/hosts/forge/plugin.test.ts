import { lstat, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedForgeConfig } from '@electron-forge/shared-types';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import Default, { PyInstallerPlugin } from '../../../src/hosts/forge/index.js';
import { findPackage } from '../../../src/lib/find-package.js';
import { PluginHooks } from '../../../src/hosts/forge/hooks.js';
import { archOf, resourcesOf } from '../../../src/hosts/forge/outputs.js';
import { signExtensionModules } from '../../../src/hosts/forge/sign-windows.js';
import type { TaskDefinition, TaskLike } from '../../../src/hosts/forge/task.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { foreignBundles } from '../../support/foreign.js';
import { developmentManifestVariable } from '../../../src/runtime/manifest.js';
import { repositoryDir } from '../../support/paths.js';
import { python } from '../../runtime/support.js';
import { isWine, leftOutIf, patience } from '../../support/windows.js';

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
    // On Windows the program for Windows would be tried, which is only the head of one.
    backends: {
      engine: { entry: { asgi: 'main:app' }, source: 'backend', prebuilt, verify: false as const },
    },
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
    'postMake',
    'postPackage',
    'preMake',
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

describe('a Forge that never runs preStart', () => {
  const installed = (version: string) => ({
    'node_modules/@electron-forge/cli/package.json': JSON.stringify({ version }),
  });

  test.each(['7.0.0', '7.5.0'])('%s is refused before anything is started or frozen', async (version) => {
    const { plugin, projectDir } = await foreignProject();
    await writeFiles(installed(version), projectDir);
    await expect(plugin.generateAssets(null)).rejects.toThrow(
      /need Electron Forge 7\.6 or later; 7\..*\^7\.6\.0/s,
    );
  });

  test.each(['7.6.0', '8.0.1', '9.0.0', 'unknown'])('%s is let through', async (version) => {
    const { plugin, projectDir } = await foreignProject();
    await writeFiles(installed(version), projectDir);
    await expect(plugin.generateAssets(null)).resolves.toBeUndefined();
  });

  test('peerDependencies ask for the same', async () => {
    const text = await readFile(path.join(repositoryDir, 'package.json'), 'utf8');
    const { peerDependencies } = JSON.parse(text) as { peerDependencies: Record<string, string> };
    expect(peerDependencies['@electron-forge/plugin-base']).toBe('^7.6.0 || ^8.0.0');
    expect(peerDependencies['@electron-forge/shared-types']).toBe('^7.6.0 || ^8.0.0');
  });
});

describe('a universal app', () => {
  test(
    'carries both architectures in both slices, with one manifest, and passes the check afterwards',
    { timeout: 60_000 * patience },
    async () => {
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
        if (process.platform !== 'win32')
          expect((await lstat(path.join(resources, 'engine-arm64/engine'))).mode & 0o111).not.toBe(0);
        expect(
          await readFile(path.join(resources, 'engine-x64/_internal/config/app.json'), 'utf8'),
        ).toContain('x64');
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
      await expect(plugin.postPackage(result)).rejects.toThrow(/engine-arm64[\\/]engine is missing/);
    },
  );
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
    expect((await readdir(path.join(app, 'node_modules/electron-pyinstaller'))).sort()).toContain(
      'runtime.cjs',
    );
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

/** What is given to `newListr`, and the texts a task showed. */
class ListTask implements TaskLike {
  title = '';
  readonly shown: string[] = [];
  tasks: readonly TaskDefinition[] = [];
  options: object | undefined;
  set output(text: string) {
    this.shown.push(text);
  }
  get output(): string {
    return this.shown.at(-1) ?? '';
  }
  newListr(tasks: readonly TaskDefinition[], options?: object): null {
    this.tasks = tasks;
    this.options = options;
    return null;
  }
}

const backends = (engine: object): object => ({
  backends: { engine: { entry: { asgi: 'main:app' }, source: 'backend', ...engine } },
});
/** A configuration that is warned of: other users see the arguments of a program. */
const careless = { run: { args: ['--secret={token}'] } };

describe('the list of prePackage', () => {
  test('holds the warnings about the configuration, once however many targets there are, and about signing', async () => {
    const { projectDir } = await foreignProject();
    const prebuilt = await foreignBundles(path.join(projectDir, 'prebuilt'));
    const plugin = new PluginHooks(backends({ prebuilt, ...careless }));
    plugin.init(projectDir);
    const task = new ListTask();
    const signed = { packagerConfig: { osxSign: {} } } as ResolvedForgeConfig;
    await plugin.prePackage(task, signed, 'darwin', 'x64,arm64');
    expect(task.tasks.map(({ title }) => title).slice(0, 2)).toEqual(['Configuration', 'Signing settings']);
    const shown = new ListTask();
    for (const { task: run } of task.tasks.slice(0, 2)) await run({}, shown);
    expect(shown.shown).toEqual([
      expect.stringMatching(/^Warning: [^]*run\.args/),
      expect.stringMatching(/^Warning: [^]*osxSign\.continueOnError/),
    ]);
  });

  test('runs the backends of one target side by side, and targets one after the other', async () => {
    const { plugin } = await foreignProject();
    const task = new ListTask();
    await plugin.prePackage(task, noConfig, 'darwin', 'arm64');
    expect(task.options).toMatchObject({ concurrent: true });
    await plugin.prePackage(task, noConfig, 'darwin', 'x64,arm64');
    expect(task.options).toMatchObject({ concurrent: false });
  });
});

test('a second make of the same process sees what changed since the first', async () => {
  const { plugin, projectDir } = await foreignProject();
  const placed = async (): Promise<string> => {
    await plugin.prePackage(null, noConfig, 'darwin', 'x64');
    const app = path.join(await temporaryFolder(), 'Resources/app');
    await mkdir(app, { recursive: true });
    await plugin.packageAfterCopy(noConfig, app, 'darwin', 'x64');
    return readFile(path.join(path.dirname(app), 'engine/_internal/config/app.json'), 'utf8');
  };
  expect(await placed()).toContain('x64');
  await writeFiles({ 'prebuilt/darwin-x64/_internal/config/app.json': '{"changed":true}' }, projectDir);
  expect(await placed()).toBe('{"changed":true}');
});

test(
  'windowsSign also signs the extension modules of the backend in the app; switched off it signs nothing',
  leftOutIf(isWine, 'Wine 8 makes no junctions'),
  async () => {
    const { plugin, projectDir } = await foreignProject();
    await mkdir(path.join(projectDir, 'node_modules'));
    await symlink(
      path.join(repositoryDir, 'node_modules/@electron'),
      path.join(projectDir, 'node_modules/@electron'),
      'junction',
    );
    const app = path.join(await temporaryFolder(), 'resources/app');
    await mkdir(app, { recursive: true });
    const signed: string[] = [];
    const windowsSign = { hookFunction: (file: string) => void signed.push(file) };
    const given = (packagerConfig: object) => ({ packagerConfig }) as ResolvedForgeConfig;
    await plugin.packageAfterCopy(given({ windowsSign: false }), app, 'win32', 'x64');
    expect(signed).toEqual([]);
    await plugin.packageAfterCopy(given({ windowsSign }), app, 'win32', 'x64');
    expect(signed).toEqual([path.join(path.dirname(app), 'engine/_internal/_ssl.pyd')]);
  },
);

describe('generateAssets', () => {
  test('writes what the app imports, says so when it changed, and only then', async () => {
    const { projectDir } = await foreignProject();
    const plugin = new PluginHooks({ ...backends({}), generate: 'src/backends.gen.ts' });
    plugin.init(projectDir);
    const task = new ListTask();
    await plugin.generateAssets(task);
    expect(await readFile(path.join(projectDir, 'src/backends.gen.ts'), 'utf8')).toContain('engine');
    await plugin.generateAssets(task);
    expect(task.shown).toEqual([`Wrote ${path.join('src', 'backends.gen.ts')}`]);
  });

  test('does nothing when generated code is switched off', async () => {
    const { projectDir } = await foreignProject();
    await writeFiles({ 'tsconfig.json': '{}', 'src/index.ts': '' }, projectDir);
    const plugin = new PluginHooks({ ...backends({}), generate: false });
    plugin.init(projectDir);
    const task = new ListTask();
    await plugin.generateAssets(task);
    expect(task.shown).toEqual([]);
    expect(await readdir(path.join(projectDir, 'src'))).toEqual(['index.ts']);
  });
});

test('preStart tells the app where its development manifest is, and shows the warnings', async () => {
  const { projectDir } = await foreignProject();
  const run = { ...careless.run, dev: { interpreter: python } };
  const plugin = new PluginHooks(backends({ run }));
  plugin.init(projectDir);
  const before = process.env[developmentManifestVariable];
  onTestFinished(() => {
    if (before === undefined) delete process.env[developmentManifestVariable];
    else process.env[developmentManifestVariable] = before;
  });
  const task = new ListTask();
  await plugin.preStart(task);
  expect(task.shown.join('\n')).toMatch(/Warning: [^]*run\.args/);
  const file = process.env[developmentManifestVariable] ?? '';
  expect(path.relative(projectDir, file)).not.toMatch(/^\.\./);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    backends: { engine: { program: { type: 'development', interpreter: expect.any(String) as string } } },
  });
});
