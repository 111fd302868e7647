import { EventEmitter } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { createPackage } from '@electron/asar';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type {
  BuilderConfig,
  BuilderContext,
  BuilderPackager,
  PlatformOptions,
} from '../../../src/hosts/electron-builder/context.js';
import type { FileSet } from 'app-builder-lib';
import * as hook from '../../../src/hosts/electron-builder/hook.js';
import { withoutHardLinks } from '../../../src/hosts/electron-builder/hard-links.js';
import preset from '../../../src/hosts/electron-builder/preset.js';
import { temporaryFolder, writeFiles } from '../../support/files.js';
import { foreignBundles } from '../../support/foreign.js';

let projectDir: string;
let config: BuilderConfig;

beforeEach(async () => {
  projectDir = await writeFiles({
    'package.json': '{"main":"main.js"}',
    'main.js': '',
    'backend/main.py': '',
  });
  const prebuilt = await foreignBundles(path.join(projectDir, 'prebuilt'));
  // On Windows the program for Windows would be tried, which is only the head of one.
  const backends = {
    engine: { entry: { asgi: 'main:app' }, source: 'backend', prebuilt, verify: false as const },
  };
  config = {
    extraMetadata: { _pyinstaller: { cacheDir: path.join(await temporaryFolder(), 'cache'), backends } },
  };
});

/** A cancellation token as electron-builder's is. */
class Token extends EventEmitter {
  cancelled = false;
  cancel(): void {
    this.cancelled = true;
    this.emit('cancel');
  }
}

interface Fake {
  readonly context: BuilderContext;
  readonly options: PlatformOptions;
  readonly token: Token;
}

/** What electron-builder passes to a hook, in the shape of either version. */
function fake(version: 26 | 27, platform: string, arch: number, appOutDir: string): Fake {
  const options: PlatformOptions = {};
  const token = new Token();
  const shared = { config, projectDir, appInfo: { productFilename: 'App' } };
  const packager: BuilderPackager =
    version === 26
      ? {
          ...shared,
          platformSpecificBuildOptions: options,
          info: { appDir: projectDir, cancellationToken: token },
        }
      : { ...shared, platformOptions: options, appDir: projectDir, cancellationToken: token };
  const outDir = path.join(projectDir, 'dist');
  return {
    context: {
      outDir,
      appOutDir: path.join(outDir, appOutDir),
      electronPlatformName: platform,
      arch,
      packager,
    },
    options,
    token,
  };
}

const resources = () => config.extraResources as FileSet[];

test('the preset holds hooks and nothing else, as absolute paths to one file', async () => {
  const files = Object.values(preset);
  expect(Object.keys(preset)).toEqual(['beforePack', 'afterExtract', 'afterPack', 'artifactBuildCompleted']);
  expect(new Set(files).size).toBe(1);
  expect(files.every((file) => path.isAbsolute(file))).toBe(true);
});

test('the hooks are named exports, and there is no default: electron-builder would take it for every hook', () => {
  expect(Object.keys(hook).sort()).toEqual([
    'afterExtract',
    'afterPack',
    'artifactBuildCompleted',
    'beforePack',
  ]);
});

describe.each([26, 27] as const)('version %d', (version) => {
  test('one architecture: the bundle, the manifest and what is left out, once for both early hooks', async () => {
    const { context, options } = fake(version, 'darwin', 3, 'mac-arm64');
    await hook.beforePack(context);
    const first = structuredClone({ extraResources: config.extraResources, files: config.files });
    await hook.afterExtract(context);
    expect({ extraResources: config.extraResources, files: config.files }).toEqual(first);

    expect(resources()).toMatchObject([{ to: 'engine', filter: ['**/*'] }]);
    expect(await readdir(resources()[0]?.from ?? '')).toContain('engine');
    const [sources, manifest] = config.files as FileSet[];
    expect(sources?.filter).toEqual(
      expect.arrayContaining(['!backend{,/**/*}', '!prebuilt/darwin-x64{,/**/*}']),
    );
    expect(manifest?.filter).toEqual(['electron-pyinstaller.json']);
    const text = await readFile(path.join(manifest?.from ?? '', 'electron-pyinstaller.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      backends: { engine: { program: { directories: { arm64: 'engine' } } } },
    });

    const ignore = version === 26 ? options.signIgnore : (options.sign as { ignore: string[] }).ignore;
    expect(ignore).toHaveLength(1);
    const pattern = new RegExp((ignore as string[])[0] ?? '');
    expect(pattern.test('/App.app/Contents/Resources/engine/engine')).toBe(false);
    expect(pattern.test('/App.app/Contents/Resources/engine/_internal/base_library.zip')).toBe(true);
  });

  test('universal: both architectures in both slices, and x64ArchFiles', async () => {
    for (const [arch, folder] of [
      [1, 'mac-universal-x64-temp'],
      [3, 'mac-universal-arm64-temp'],
    ] as const) {
      const { context, options } = fake(version, 'darwin', arch, folder);
      await hook.beforePack(context);
      expect(resources().map(({ to }) => to)).toEqual(['engine-x64', 'engine-arm64']);
      const glob = version === 26 ? options.x64ArchFiles : options.universal?.x64ArchFiles;
      expect(glob).toContain('engine-arm64');
    }
    // A plain app of the same run gets the plain layout again.
    await hook.beforePack(fake(version, 'darwin', 1, 'mac').context);
    expect(resources().map(({ to }) => to)).toEqual(['engine']);
  });

  test('a cancelled build ends with an error, before and while the hook works', async () => {
    const before = fake(version, 'darwin', 1, 'mac');
    before.token.cancel();
    await expect(hook.beforePack(before.context)).rejects.toThrow(/cancelled/);

    const during = fake(version, 'darwin', 1, 'mac');
    const running = hook.beforePack(during.context);
    during.token.cancel();
    await expect(running).rejects.toThrow(/cancelled/i);
    expect(during.token.listenerCount('cancel')).toBe(0);
  });
});

test('architectures that are packed at once do not get each other’s bundle when electron-builder looks', async () => {
  const x64 = fake(26, 'darwin', 1, 'mac').context;
  const arm64 = fake(26, 'darwin', 3, 'mac-arm64').context;
  await Promise.all([hook.beforePack(x64), hook.beforePack(arm64)]);
  for (const [context, arch] of [
    [x64, 'x64'],
    [arm64, 'arm64'],
  ] as const) {
    await hook.afterExtract(context);
    // electron-builder reads the configuration at this point.
    const from = resources()[0]?.from ?? '';
    expect(await readFile(path.join(from, '_internal/config/app.json'), 'utf8')).toContain(`"${arch}"`);
  }
});

test('warnings about the configuration and about what is shipped are printed once, before anything is frozen', async () => {
  await writeFiles(
    { 'package.json': '{"main":"main.js","dependencies":{"electron-pyinstaller":"1"}}' },
    projectDir,
  );
  const { _pyinstaller } = config.extraMetadata as { _pyinstaller: { backends: { engine: object } } };
  Object.assign(_pyinstaller.backends.engine, { run: { args: ['--secret={token}'] } });
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    await hook.beforePack(fake(26, 'darwin', 1, 'mac').context);
    await hook.beforePack(fake(26, 'darwin', 3, 'mac-arm64').context);
  } finally {
    write.mockRestore();
  }
  const warnings = lines.filter((line) => line.includes('backend  warning:'));
  expect(warnings).toEqual([
    expect.stringMatching(/extraMetadata\._pyinstaller\.backends\.engine\.run\.args/),
    expect.stringMatching(/npm install --save-dev electron-pyinstaller/),
  ]);
  expect(lines.slice(0, 2)).toEqual(warnings);
});

test('a main process that is not bundled gets the runtime, wherever extraMetadata says that it is', async () => {
  const call = "require('electron-pyinstaller/runtime')";
  await writeFiles({ 'build/main.js': call }, projectDir);
  const { context } = fake(26, 'darwin', 3, 'mac-arm64');
  const rules = () => (config.files as FileSet[]).map(({ to }) => to);
  await hook.beforePack(context);
  expect(rules()).toEqual([undefined, '.']);
  config.extraMetadata = { ...config.extraMetadata, main: 'build/main' };
  await hook.afterExtract(context);
  expect(rules()).toEqual([undefined, 'node_modules/electron-pyinstaller', '.']);
  const runtime = (config.files as FileSet[])[1]?.from ?? '';
  expect(await readdir(runtime)).toContain('runtime.cjs');
});

test('where electron-builder would link files, it gets a copy: signing must not change the cache', async () => {
  const injections = [{ from: path.join(projectDir, 'prebuilt/win32-x64'), to: 'engine' }];
  const copies = path.join(await temporaryFolder(), 'copies');
  expect(await withoutHardLinks(injections, copies, {})).toBe(injections);
  const [copy] = await withoutHardLinks(injections, copies, { USE_HARD_LINKS: 'true' });
  expect(copy).toEqual({ from: path.join(copies, 'engine'), to: 'engine' });
  const inode = async (folder: string) => (await stat(path.join(folder, 'engine.exe'))).ino;
  expect(await inode(copy?.from ?? '')).not.toBe(await inode(injections[0]?.from ?? ''));
});

test('a finished installer that is empty fails the build with a message that can be read', async () => {
  const folder = await writeFiles({ 'Setup.exe': '', 'app.zip': 'PK\x05\x06' });
  await expect(hook.artifactBuildCompleted({ file: path.join(folder, 'Setup.exe') })).rejects.toThrow(
    /finished Setup\.exe: it is empty/,
  );
  await hook.artifactBuildCompleted({ file: path.join(folder, 'app.zip') });
});

describe('afterPack', () => {
  /** What electron-builder does between the hooks, in short. */
  async function pack(context: BuilderContext, withManifest = true): Promise<string> {
    await hook.beforePack(context);
    const folder = path.join(
      context.appOutDir,
      context.electronPlatformName === 'win32' ? 'resources' : 'App.app/Contents/Resources',
    );
    await mkdir(folder, { recursive: true });
    for (const { from = '', to = '' } of resources()) {
      await cp(from, path.join(folder, to), { recursive: true, verbatimSymlinks: true });
    }
    const app = await writeFiles({ 'package.json': '{}' });
    const manifest = (config.files as FileSet[]).at(-1)?.from ?? '';
    if (withManifest) await cp(manifest, app, { recursive: true });
    await createPackage(app, path.join(folder, 'app.asar'));
    return folder;
  }

  test('accepts a whole app, brings back what the copy left out, refuses what is missing', async () => {
    const { context } = fake(26, 'darwin', 3, 'mac-arm64');
    const folder = await pack(context);
    await hook.afterPack(context);
    await rm(path.join(folder, 'engine/_internal/base_library.zip'));
    await hook.afterPack(context);
    expect(await readdir(path.join(folder, 'engine/_internal'))).toContain('base_library.zip');
    await rm(path.join(folder, 'engine'), { recursive: true });
    await expect(hook.afterPack(context)).rejects.toThrow(/engine[\\/]engine is missing/);
  });

  test('refuses an app that got the bundle of another architecture, packed at the same time', async () => {
    const { context } = fake(26, 'darwin', 3, 'mac-arm64');
    const folder = await pack(context);
    const x64 = path.join(projectDir, 'prebuilt/darwin-x64');
    await cp(x64, path.join(folder, 'engine'), { recursive: true, force: true });
    await expect(hook.afterPack(context)).rejects.toThrow(
      /engine[\\/]engine is made for x64, not for arm64[^]*concurrency\.jobs/,
    );
  });

  test('refuses an app without the manifest', async () => {
    const { context } = fake(26, 'win32', 1, 'win-unpacked');
    await pack(context, false);
    await expect(hook.afterPack(context)).rejects.toThrow(/holds no electron-pyinstaller\.json/);
  });

  test('a merged universal app is checked for both architectures', async () => {
    const slice = fake(26, 'darwin', 1, 'mac-universal-x64-temp').context;
    const folder = await pack(slice);
    const merged = fake(26, 'darwin', 4, 'mac-universal').context;
    await cp(folder, path.join(merged.appOutDir, 'App.app/Contents/Resources'), { recursive: true });
    await hook.afterPack(merged);
    await rm(path.join(merged.appOutDir, 'App.app/Contents/Resources/engine-arm64/engine'));
    await expect(hook.afterPack(merged)).rejects.toThrow(/engine-arm64[\\/]engine is missing/);
  });
});

test('a configuration in package.json is not shipped with the app, and nothing is hidden where there is none', async () => {
  await hook.beforePack(fake(26, 'darwin', 1, 'mac').context);
  expect(config.extraMetadata).not.toHaveProperty('pyinstaller');
  await writeFiles({ 'package.json': '{"main":"main.js","pyinstaller":{"backends":{}}}' }, projectDir);
  await hook.beforePack(fake(26, 'darwin', 1, 'mac').context);
  expect(config.extraMetadata).toHaveProperty('pyinstaller', null);
});

test('an error of ours is one message without a stack, whichever hook it comes from', async () => {
  config.extraMetadata = { _pyinstaller: { backends: {} } };
  for (const run of [hook.beforePack, hook.afterExtract, hook.afterPack]) {
    const error: unknown = await run(fake(26, 'darwin', 1, 'mac').context).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_CONFIG' });
    expect((error as Error).stack).not.toMatch(/^ {4}at /m);
  }
});

test('a Windows app that is signed is told that the libraries of the backend are not', async () => {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  onTestFinished(() => write.mockRestore());
  const { context, options } = fake(26, 'win32', 1, 'win-unpacked');
  options['signtoolOptions'] = {};
  await hook.beforePack(context);
  expect(lines.filter((line) => line.includes('win.signExts'))).toHaveLength(1);
});
