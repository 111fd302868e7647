import { existsSync } from 'node:fs';
import { copyFile, lstat, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { extractFile, listPackage, uncacheAll } from '@electron/asar';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listBundle } from '../../../src/bundle/index.js';
import { fixtureApp, fixtureConfig, fixtureConfigFile } from '../../support/fixture-app.js';
import { foreignBundles, foreignElectron } from '../../support/foreign.js';
import { freezingProcesses, type HostProject, hostProject, runApp } from '../../support/hosts.js';

const unpacked = 'dist/linux-unpacked';

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('electron-builder 26', () => {
  let project: HostProject;

  beforeAll(async () => {
    project = await hostProject('electron-builder-26', { ...fixtureApp, '.venv/pyvenv.cfg': '' });
  });
  afterAll(() => project.remove());
  beforeEach(async () => {
    await rm(path.join(project.directory, 'dist'), { recursive: true, force: true });
    await rm(path.join(project.directory, 'pyinstaller.config.mjs'), { force: true });
  });

  /** The yml of an app, with what a test adds. */
  function yml(more: object = {}, preset = true): Record<string, string> {
    const config = {
      ...(preset ? { extends: 'electron-pyinstaller/electron-builder' } : {}),
      electronVersion: project.electron.version,
      electronDist: project.electron.directory,
      npmRebuild: false,
      linux: { target: ['dir'], category: 'Utility' },
      ...more,
    };
    return { 'electron-builder.yml': JSON.stringify(config) };
  }
  const pack = (args: string[] = []) => project.run(['--linux', '--publish', 'never', ...args]);
  const asar = () => {
    // It keeps the headers of archives it has read.
    uncacheAll();
    return listPackage(path.join(project.directory, unpacked, 'resources/app.asar'), { isPack: false });
  };

  test('the preset freezes the backend, adds it to the resources and the manifest to the app', async () => {
    await project.write({ ...fixtureConfigFile(), ...yml() });
    const { exitCode, output: log } = await pack();
    expect(exitCode, log).toBe(0);
    expect(log).toMatch(/engine: (?:frozen in \d+ s|unchanged, taken from the cache)/);
    expect(asar().sort()).toEqual(['/electron-pyinstaller.json', '/main.cjs', '/main.mjs', '/package.json']);
    const engine = path.join(project.directory, unpacked, 'resources/engine');
    expect((await lstat(path.join(engine, 'engine'))).mode & 0o111).not.toBe(0);
    expect((await listBundle(engine)).length).toBeGreaterThan(20);

    const { output: answer } = await runApp(path.join(project.directory, unpacked, 'fixture-app'));
    expect(answer).toContain('ANSWER {"service":"healthy","config":{"greeting":"grüß"},"packaged":true}');
  });

  test('the configuration may stand in the yml and is not shipped', async () => {
    await project.write(yml({ extraMetadata: { _pyinstaller: fixtureConfig } }));
    const { exitCode, output: log } = await pack();
    expect(exitCode, log).toBe(0);
    uncacheAll();
    const archive = path.join(project.directory, unpacked, 'resources/app.asar');
    expect(extractFile(archive, 'package.json').toString()).not.toContain('pyinstaller');
  });

  test('a main process that is not bundled finds the runtime in the app, without the build tool', async () => {
    await project.write({ ...fixtureConfigFile(), ...yml({ extraMetadata: { main: 'main.mjs' } }) });
    const { exitCode, output: log } = await pack();
    expect(exitCode, log).toBe(0);
    expect(asar()).toContain('/node_modules/electron-pyinstaller/runtime.js');
    expect(asar().filter((file) => /zod|commander|dist\/cli/.test(file))).toEqual([]);
    const { output: answer } = await runApp(path.join(project.directory, unpacked, 'fixture-app'));
    expect(answer).toContain('ANSWER {"service":"healthy"');
  });

  test('a configuration in two places is an error with one message and exit code 1', async () => {
    await project.write({
      ...fixtureConfigFile(),
      ...yml({ extraMetadata: { _pyinstaller: fixtureConfig } }),
    });
    const { exitCode, output: log } = await pack();
    expect(exitCode).toBe(1);
    expect(log.split('configurations of electron-pyinstaller were found')).toHaveLength(2);
    expect(log).not.toMatch(/^\s+at /m);
  });

  test("a beforePack of the app's own, a string or a function, does not switch the backend off", async () => {
    await project.write({
      ...fixtureConfigFile(),
      'mine.cjs': "exports.beforePack = async () => console.log('MINE');",
      ...yml({ beforePack: './mine.cjs' }),
    });
    const asString = await pack();
    expect(asString.exitCode, asString.output).toBe(0);
    expect(asString.output).toContain('MINE');
    expect(existsSync(path.join(project.directory, unpacked, 'resources/engine/engine'))).toBe(true);

    await rm(path.join(project.directory, 'dist'), { recursive: true });
    await rm(path.join(project.directory, 'electron-builder.yml'));
    const config = yml()['electron-builder.yml'] ?? '';
    await project.write({
      'electron-builder.cjs': `module.exports = { ...${config}, beforePack: async () => console.log('MINE') };`,
    });
    const asFunction = await pack();
    await rm(path.join(project.directory, 'electron-builder.cjs'));
    expect(asFunction.exitCode, asFunction.output).toBe(0);
    expect(asFunction.output).toContain('MINE');
    expect(existsSync(path.join(project.directory, unpacked, 'resources/engine/engine'))).toBe(true);
  });

  test('an app that lost both early hooks is refused instead of shipped without its backend', async () => {
    await project.write({
      ...fixtureConfigFile(),
      'mine.cjs': 'exports.default = async () => {};',
      ...yml({ beforePack: './mine.cjs', afterExtract: './mine.cjs' }),
    });
    const { exitCode, output: log } = await pack();
    expect(exitCode).toBe(1);
    expect(log).toContain('Backend "engine" is not complete in the packaged app');
    expect(log).toContain('beforePack and afterExtract');
  });

  test('rules of the app for files and resources are kept', async () => {
    await project.write({
      ...fixtureConfigFile(),
      'assets/a.txt': 'a',
      'extra/b.txt': 'b',
      ...yml({
        files: ['main.cjs', 'assets/**', 'backend/config/app.json'],
        extraResources: [{ from: 'extra', to: 'extra' }],
      }),
    });
    const { exitCode, output: log } = await pack();
    expect(exitCode, log).toBe(0);
    expect(
      asar()
        .filter((file) => /\.\w+$/.test(file))
        .sort(),
    ).toEqual([
      '/assets/a.txt',
      '/backend/config/app.json',
      '/electron-pyinstaller.json',
      '/main.cjs',
      '/package.json',
    ]);
    expect(existsSync(path.join(project.directory, unpacked, 'resources/extra/b.txt'))).toBe(true);
  });

  test('what the copy leaves out of a bundle is brought back', async () => {
    const { engine } = fixtureConfig.backends;
    const data = [...engine.data, { from: 'backend/config/app.json', to: 'node_modules/inside' }];
    await project.write({
      ...fixtureConfigFile({
        backends: { engine: { ...engine, data, pyinstaller: { contentsDirectory: '.' } } },
      }),
      ...yml(),
    });
    const { exitCode, output: log } = await pack();
    expect(exitCode, log).toBe(0);
    const resources = path.join(project.directory, unpacked, 'resources/engine');
    expect(existsSync(path.join(resources, 'node_modules/inside/app.json'))).toBe(true);
  });

  test('apps for macOS and Windows get the backends that were frozen there; signing reaches the program', async () => {
    const prebuilt = await foreignBundles(path.join(project.directory, 'prebuilt'));
    const { engine } = fixtureConfig.backends;
    await project.write(fixtureConfigFile({ backends: { engine: { ...engine, prebuilt } } }));

    const mac = await foreignElectron(path.join(project.directory, '../darwin'));
    await project.write(yml({ electronDist: mac, mac: { target: ['dir'], identity: null } }));
    const macRun = await project.run(['--mac', '--x64', '--publish', 'never']);
    expect(macRun.exitCode, macRun.output).toBe(0);
    const macResources = path.join(project.directory, 'dist/mac/fixture-app.app/Contents/Resources');
    expect((await lstat(path.join(macResources, 'engine/engine'))).mode & 0o111).not.toBe(0);

    // Any program for Windows with version information will do in the place of Electron.
    const rcedit = path.join(project.directory, 'node_modules/electron-winstaller/vendor/rcedit.exe');
    const win = path.join(project.directory, '../win32');
    await mkdir(win, { recursive: true });
    await copyFile(rcedit, path.join(win, 'electron.exe'));
    await project.write({
      'sign.cjs': "exports.default = async ({ path }) => console.log('SIGNED ' + path);",
      ...yml({
        electronDist: win,
        win: { target: ['dir'], signtoolOptions: { sign: './sign.cjs' }, signExts: ['.pyd'] },
      }),
    });
    const winRun = await project.run(['--win', '--x64', '--publish', 'never']);
    await rm(path.join(project.directory, 'prebuilt'), { recursive: true });
    expect(winRun.exitCode, winRun.output).toBe(0);
    const signed = winRun.output.split('\n').filter((line) => line.startsWith('SIGNED'));
    expect(signed.some((line) => line.endsWith('engine.exe'))).toBe(true);
    expect(signed.some((line) => line.endsWith('_ssl.pyd'))).toBe(true);
    expect(winRun.output).toContain('win.signExts: [".pyd",".dll"]');
    const asarFile = path.join(project.directory, 'dist/win-unpacked/resources/app.asar');
    expect(listPackage(asarFile, { isPack: false }).filter((file) => /prebuilt|backend/.test(file))).toEqual(
      [],
    );
  });

  test('Ctrl-C while freezing ends with an error, not with exit code 0 and no app', async () => {
    await project.write({
      ...fixtureConfigFile(),
      'backend/services/other.py': `# ${Date.now()}`,
      ...yml(),
    });
    const { exitCode, output: log } = await project.run(['--linux', '--publish', 'never'], {
      interrupt: { when: 'Starting PyInstaller', signal: 'SIGINT' },
    });
    expect(exitCode, log).not.toBe(0);
    expect(log).toMatch(/cancelled/i);
    expect(existsSync(path.join(project.directory, unpacked))).toBe(false);
    await expect.poll(() => freezingProcesses(), { timeout: 5000 }).toEqual([]);
  });
});
