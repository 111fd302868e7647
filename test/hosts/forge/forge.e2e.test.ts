import { existsSync } from 'node:fs';
import { lstat, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { listPackage, uncacheAll } from '@electron/asar';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listBundle } from '../../../src/bundle/index.js';
import { fixtureApp, fixtureConfig, fixtureConfigFile } from '../../support/fixture-app.js';
import { foreignBundles, foreignElectron } from '../../support/foreign.js';
import {
  electronForHosts,
  freezingProcesses,
  type HostProject,
  hostProject,
  runApp,
} from '../../support/hosts.js';

const output = 'out/fixture-app-linux-x64';

/** The two ways to name the plugin, each in one of the module formats. */
async function forgeConfig(
  way: 'instance in ESM' | 'name in CommonJS' | 'name in ESM' | 'instance in CommonJS',
) {
  const { zipDir } = await electronForHosts();
  const common = `packagerConfig: { asar: true, electronZipDir: ${JSON.stringify(zipDir)}, executableName: 'fixture-app' },
  makers: [{ name: '@electron-forge/maker-zip' }],`;
  const byName = `plugins: [{ name: 'electron-pyinstaller/forge', config: {} }]`;
  const byInstance = 'plugins: [new PyInstallerPlugin()]';
  const files: Record<typeof way, Record<string, string>> = {
    'instance in ESM': {
      'forge.config.mjs': `import { PyInstallerPlugin } from 'electron-pyinstaller/forge';
export default { ${common} ${byInstance} };`,
    },
    'name in ESM': { 'forge.config.mjs': `export default { ${common} ${byName} };` },
    'name in CommonJS': { 'forge.config.js': `module.exports = { ${common} ${byName} };` },
    'instance in CommonJS': {
      'forge.config.js': `const { PyInstallerPlugin } = require('electron-pyinstaller/forge');
module.exports = { ${common} ${byInstance} };`,
    },
  };
  return files[way];
}

// The zip maker and the stand-in are made for Linux; CI runs the same on the other systems with genuine Electron.
describe.runIf(process.platform === 'linux' && process.arch === 'x64').each(['forge-8', 'forge-7'] as const)(
  '%s',
  (host) => {
    let project: HostProject;

    beforeAll(async () => {
      project = await hostProject(host, {
        ...fixtureApp,
        ...fixtureConfigFile(),
        ...(await forgeConfig(host === 'forge-8' ? 'instance in ESM' : 'name in CommonJS')),
        '.venv/pyvenv.cfg': '',
      });
      // A link in the bundle, to see what becomes of it.
      await symlink('app.json', path.join(project.directory, 'backend/config/alias.json'));
    });
    afterAll(() => project.remove());

    test('make freezes the backend, and the artifact holds it whole, with its links and modes', async () => {
      const { exitCode, output: log } = await project.run(['make']);
      expect(log).toMatch(/engine: (?:frozen in \d+ s|unchanged, taken from the cache) \(/);
      expect(exitCode, log).toBe(0);

      const unpacked = path.join(project.directory, 'unpacked');
      const zip = path.join(project.directory, 'out/make/zip/linux/x64/fixture-app-linux-x64-1.0.0.zip');
      await rm(unpacked, { recursive: true, force: true });
      await mkdir(unpacked);
      await execa('unzip', ['-q', zip, '-d', unpacked]);
      const resources = path.join(unpacked, 'fixture-app-linux-x64/resources');
      const packaged = await listBundle(path.join(resources, 'engine'));
      const fromOutput = await listBundle(path.join(project.directory, output, 'resources/engine'));
      expect(packaged).toEqual(fromOutput);
      expect(packaged.length).toBeGreaterThan(20);
      expect(packaged).toContainEqual({
        type: 'link',
        path: '_internal/config/alias.json',
        target: 'app.json',
      });
      expect((await lstat(path.join(resources, 'engine/engine'))).mode & 0o111).not.toBe(0);
    });

    test('the app holds the manifest and none of the Python sources, environments and configurations', () => {
      uncacheAll();
      const files = listPackage(path.join(project.directory, output, 'resources/app.asar'), {
        isPack: false,
      });
      expect(files).toContain('/electron-pyinstaller.json');
      expect(files).toContain('/main.cjs');
      expect(files.filter((file) => /backend\/|\.venv|pyinstaller\.config/.test(file))).toEqual([]);
    });

    test('the packaged app starts its backend and gets an answer with the lazy service and the data file', async () => {
      const { output: log, exitCode } = await runApp(path.join(project.directory, output, 'fixture-app'));
      expect(log).toContain('ANSWER {"service":"healthy","config":{"greeting":"grüß"},"packaged":true}');
      expect(exitCode, log).toBe(0);
    });

    test('a second package takes the backend from the cache and starts no PyInstaller', async () => {
      const { exitCode, output: log } = await project.run(['package']);
      expect(exitCode, log).toBe(0);
      expect(log).toContain('engine: unchanged, taken from the cache');
      expect(log).not.toContain('Starting PyInstaller');
    });

    test('a main process that is not bundled finds the runtime in the app, without the build tool', async () => {
      const manifest = JSON.parse(await readFile(path.join(project.directory, 'package.json'), 'utf8')) as {
        main: string;
      };
      await project.write({ 'package.json': JSON.stringify({ ...manifest, main: 'main.mjs' }) });
      const { exitCode, output: log } = await project.run(['package']);
      await project.write({ 'package.json': JSON.stringify(manifest) });
      expect(exitCode, log).toBe(0);
      const { output: answer } = await runApp(path.join(project.directory, output, 'fixture-app'));
      expect(answer).toContain('ANSWER {"service":"healthy"');
      uncacheAll();
      const files = listPackage(path.join(project.directory, output, 'resources/app.asar'), {
        isPack: false,
      });
      expect(files.filter((file) => /zod|commander|dist\/cli/.test(file))).toEqual([]);
      // As it was, for the tests that follow.
      expect((await project.run(['package'])).exitCode).toBe(0);
    });

    test('start runs the backend from source', async () => {
      const { output: log } = await project.run(['start'], {
        env: { ELECTRON_OVERRIDE_DIST_PATH: project.electron.directory },
      });
      expect(log).toContain('ANSWER {"service":"healthy","config":{"greeting":"grüß"},"packaged":false}');
      // What becomes of it is shown, also by an app that has no logger.
      expect(log).toMatch(/^\[engine\] log: .+engine\.log$/m);
      expect(log).toMatch(/^\[engine\] ready at http:/m);
      const manifest = path.join(
        project.directory,
        'node_modules/.cache/electron-pyinstaller/development.json',
      );
      expect(JSON.parse(await readFile(manifest, 'utf8'))).toHaveProperty(
        'backends.engine.program.type',
        'development',
      );
    });

    test('an app for macOS gets the backend that was frozen there, in its own resources', async () => {
      const prebuilt = await foreignBundles(path.join(project.directory, 'prebuilt'));
      const { engine } = fixtureConfig.backends;
      await project.write(fixtureConfigFile({ backends: { engine: { ...engine, prebuilt } } }));
      const electron = await foreignElectron(path.join(project.directory, '../darwin'));
      const zip = `electron-v${project.electron.version}-darwin-arm64.zip`;
      await execa('zip', ['-q', '-r', '-y', path.join(project.electron.zipDir, zip), '.'], { cwd: electron });
      const { exitCode, output: log } = await project.run(['package', '--platform=darwin', '--arch=arm64']);
      await project.write(fixtureConfigFile());
      expect(exitCode, log).toBe(0);
      const resources = path.join(
        project.directory,
        'out/fixture-app-darwin-arm64/fixture-app.app/Contents/Resources',
      );
      expect((await lstat(path.join(resources, 'engine/engine'))).mode & 0o111).not.toBe(0);
      const files = listPackage(path.join(resources, 'app.asar'), { isPack: false });
      expect(files).toContain('/electron-pyinstaller.json');
      expect(files.filter((file) => file.includes('prebuilt'))).toEqual([]);
    });

    test('Ctrl-C while freezing ends with an error and leaves no app', async () => {
      await project.write({ 'backend/services/other.py': `# ${Date.now()}` });
      await rm(path.join(project.directory, 'out'), { recursive: true, force: true });
      const { exitCode, output: log } = await project.run(['package'], {
        interrupt: { when: 'Starting PyInstaller', signal: 'SIGINT' },
      });
      // Listr, which draws Forge's tasks, ends the process by itself.
      expect(exitCode, log).not.toBe(0);
      expect(existsSync(path.join(project.directory, output))).toBe(false);
      await expect.poll(() => freezingProcesses(), { timeout: 5000 }).toEqual([]);
      await rm(path.join(project.directory, 'backend/services/other.py'));
    });

    test('a backend that cannot be frozen fails the build with one readable message and leaves no app', async () => {
      await rm(path.join(project.directory, 'out'), { recursive: true, force: true });
      await project.write({
        'pyinstaller.config.mjs': `export default { backends: { engine: { entry: { wsgi: 'main:app' }, source: 'backend', hiddenImports: ['servces.*'] } } };`,
      });
      const { exitCode, output: log } = await project.run(['package']);
      expect(exitCode).toBe(1);
      const last = log.slice(log.lastIndexOf('An unhandled rejection'));
      expect(last).toContain('backends.engine.hiddenImports[0]');
      expect(last).toContain("Did you mean 'services'?");
      expect(last).not.toMatch(/^\s+at /m);
      expect(existsSync(path.join(project.directory, output))).toBe(false);
    });

    test('an architecture that this machine cannot freeze for is refused before anything is packaged', async () => {
      await project.write({
        ...fixtureConfigFile(),
        ...(await forgeConfig(host === 'forge-8' ? 'name in ESM' : 'instance in CommonJS')),
      });
      const { exitCode, output: log } = await project.run(['package', '--arch=x64,arm64']);
      expect(exitCode).toBe(1);
      expect(log).toContain('the backend is for arm64');
      expect(log).not.toMatch(/Starting PyInstaller|taken from the cache/);
      expect(existsSync(path.join(project.directory, 'out/fixture-app-linux-arm64'))).toBe(false);
    });
  },
);
