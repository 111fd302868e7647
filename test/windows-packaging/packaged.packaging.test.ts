import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Bench, windowsPath } from '../../scripts/windows/bench.ts';
import { digestFile } from '../../src/bundle/digest.js';
import { signingList } from '../../src/bundle/signing.js';
import { makeDistribution } from '../standin/distribution.ts';
import { writeFiles } from '../support/files.js';
import { type HostProject, hostProject } from '../support/hosts.js';
import { repositoryDir } from '../support/paths.js';
import { answer, frozenProject, packagedProject } from './app-files.js';
import { makeCertificate, signFile } from './certificate.js';
import { runCli, runProgram, startProgram, verified } from './windows-program.js';

const program = 'fixture-app.exe';
const bundles = ['engine', 'single'];

/** Made by scripts/windows/packaging/run.ts. */
const bench = JSON.parse(process.env['WINDOWS_BENCH'] ?? '{}') as Bench;
const tools = JSON.parse(process.env['WINDOWS_PACKAGING'] ?? '{}') as Readonly<Record<string, string>>;
let root = '';
let electron = { directory: '', version: '' };
let builder: HostProject;
let certificate = '';

/** The command line of the package, by Windows Node. */
const cli = (args: readonly string[], cwd: string) => runCli(bench, args, cwd);

/** Both backends of an app's folder are verified. */
const expectVerified = async (folder: string): Promise<void> =>
  expect(await verified(bench, folder)).toEqual(bundles);

/** The app in a folder starts both backends, asks them and quits. */
async function expectAnswers(folder: string, version: string): Promise<void> {
  const { code, output } = await runProgram(bench, path.join(folder, program));
  expect(output.split(answer(version)), output).toHaveLength(3);
  expect(code).toBe(0);
}

const yml = (more: object): Record<string, string> => ({
  'electron-builder.yml': JSON.stringify({
    extends: 'electron-pyinstaller/electron-builder',
    appId: 'org.example.packaged',
    electronVersion: electron.version,
    electronDist: electron.directory,
    npmRebuild: false,
    ...more,
  }),
});

async function pack(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { exitCode, output } = await builder.run(['--win', ...args, '--x64', '--publish', 'never'], {
    env: { ...tools, ...env },
    timeoutMs: 600_000,
  });
  expect(exitCode, output).toBe(0);
  return output;
}

/** What the bench lacks; see scripts/windows/packaging/tools.ts. */
const nsis = { packElevateHelper: false, warningsAsErrors: false };

const dist = (...names: string[]): string => path.join(builder.directory, 'dist', ...names);

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'windows packaging ü-'));
  const made = { platform: 'win32', arch: 'x64', node: bench.node, zip: true } as const;
  electron = await makeDistribution({ out: path.join(root, 'electron'), ...made });
  await writeFiles(frozenProject, path.join(root, 'project'));
  certificate = await makeCertificate(root);
});

afterAll(async () => {
  await builder.remove();
  await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
});

test('PyInstaller for Windows freezes an onedir and an onefile program under Wine', async () => {
  const { code, output } = await cli(['build', '--out', 'frozen', '--json'], path.join(root, 'project'));
  expect(code, output).toBe(0);
  for (const name of bundles)
    expect(existsSync(path.join(root, 'project/frozen/win32-x64', name, `${name}.exe`))).toBe(true);
});

describe('electron-builder on Linux', () => {
  beforeAll(async () => {
    builder = await hostProject('electron-builder-26', packagedProject(path.join(root, 'project/frozen')));
  });

  test('makes the folder, the zip and the NSIS installer with what was frozen under Wine', async () => {
    await builder.write(yml({ win: { target: ['dir', 'zip', 'nsis'] }, nsis }));
    await pack([]);
    for (const name of bundles)
      expect(existsSync(dist('win-unpacked/resources', name, `${name}.exe`))).toBe(true);
    expect((await readdir(dist())).sort()).toEqual(
      expect.arrayContaining(['fixture-app Setup 1.0.0.exe', 'fixture-app-1.0.0-win.zip', 'win-unpacked']),
    );
  });

  test('the folder is what its manifest says, and its backends start on Windows', async () => {
    await expectVerified(dist('win-unpacked'));
  });

  test('the app itself starts its backends', async () => {
    await expectAnswers(dist('win-unpacked'), '1.0.0');
  });

  test('the unpacked zip is what its manifest says, and its backends start on Windows', async () => {
    const unpacked = path.join(root, 'from builder ä');
    await execa('unzip', ['-q', dist('fixture-app-1.0.0-win.zip'), '-d', unpacked]);
    await expectVerified(unpacked);
    await expectAnswers(unpacked, '1.0.0');
  });
});

describe('the NSIS installer', () => {
  const home = (): string => path.join(bench.folder, 'prefix/drive_c/users', userInfo().username);
  const installed = (): string => path.join(home(), 'AppData/Local/Programs/fixture-app');
  const userData = (): string => path.join(home(), 'AppData/Roaming/fixture-app');
  const install = async (version: string, ...args: string[]): Promise<void> => {
    const setup = dist(`fixture-app Setup ${version}.exe`);
    const { code, output } = await runProgram(bench, setup, ['/S', ...args]);
    expect(code, output).toBe(0);
  };

  beforeAll(() => rm(userData(), { recursive: true, force: true }));

  test('installs silently, and the installed app starts its backends', async () => {
    await install('1.0.0');
    await expectVerified(installed());
    await expectAnswers(installed(), '1.0.0');
  });

  test('of the next version is not blocked by a running app whose backends are prepared for an update', async () => {
    await builder.write(yml({ win: { target: ['nsis'] }, nsis, compression: 'store' }));
    await pack(['--config.extraMetadata.version=1.1.0']);
    const app = await startProgram(bench, path.join(installed(), program), ['--stay']);
    await app.sees('STAYS');
    await writeFile(path.join(userData(), 'prepare'), '');
    await app.sees('PREPARED');
    await install('1.1.0', '--updated');
    await app.ended;
    await rm(path.join(userData(), 'prepare'));
    await expectVerified(installed());
    await expectAnswers(installed(), '1.1.0');
  });

  test('with the macro of the documentation replaces an app whose backends run', async () => {
    const page = await readFile(path.join(repositoryDir, 'docs/quit-and-updates.md'), 'utf8');
    const [, macro = ''] = /```nsis\n([\s\S]+?)```/.exec(page) ?? [];
    const ofEngine = /.*"engine\.exe".*\n.*\n/;
    const ofBoth = macro.replace(ofEngine, (lines) => lines + lines.replace('engine', 'single'));
    expect(ofBoth).toContain('"single.exe"');
    await builder.write({
      'build/installer.nsh': ofBoth,
      ...yml({ win: { target: ['nsis'] }, nsis, compression: 'store' }),
    });
    await pack(['--config.extraMetadata.version=1.2.0']);
    const app = await startProgram(bench, path.join(installed(), program), ['--stay']);
    await app.sees('STAYS');
    await install('1.2.0', '--updated');
    await app.ended;
    await expectVerified(installed());
    await expectAnswers(installed(), '1.2.0');
  });

  test('uninstalls silently and leaves neither files nor processes nor registry keys', async () => {
    const uninstaller = path.join(installed(), 'Uninstall fixture-app.exe');
    // It goes on in a copy of itself, which can delete the original.
    expect((await runProgram(bench, uninstaller, ['/S'])).code).toBe(0);
    await vi.waitFor(() => expect(existsSync(installed())).toBe(false), { timeout: 60_000, interval: 200 });
    const links = path.join(home(), 'AppData/Roaming/Microsoft/Windows/Start Menu/Programs');
    expect((await readdir(links)).filter((name) => name.includes('fixture-app'))).toEqual([]);
    const processes = await runProgram(bench, 'tasklist');
    expect(processes.output).not.toMatch(/"(?:fixture-app|engine|single)\.exe"/);
    const { output } = await runProgram(bench, 'reg', ['query', String.raw`HKCU\Software`, '/s']);
    expect(output).not.toContain('fixture-app');
  });
});

describe('Electron Forge on Linux', () => {
  let forge: HostProject;

  beforeAll(async () => {
    forge = await hostProject('forge-8', {
      ...packagedProject(path.join(root, 'project/frozen')),
      'forge.config.mjs': `import { PyInstallerPlugin } from 'electron-pyinstaller/forge';
export default {
  packagerConfig: { asar: true, electronZipDir: ${JSON.stringify(path.dirname(electron.directory))} },
  makers: [{ name: '@electron-forge/maker-zip', platforms: ['win32'] }],
  plugins: [new PyInstallerPlugin()],
};`,
    });
  });
  afterAll(() => forge.remove());

  test('makes a zip for win32 whose backends and app start on Windows', async () => {
    const { exitCode, output } = await forge.run(['make', '--platform', 'win32', '--arch', 'x64']);
    expect(exitCode, output).toBe(0);
    const zip = path.join(forge.directory, 'out/make/zip/win32/x64/fixture-app-win32-x64-1.0.0.zip');
    const unpacked = path.join(root, 'from forge ö');
    await execa('unzip', ['-q', zip, '-d', unpacked]);
    const folder = path.join(unpacked, 'fixture-app-win32-x64');
    await expectVerified(folder);
    await expectAnswers(folder, '1.0.0');
  });
});

describe('Authenticode', () => {
  /** Digests of all that is signed in a packaged app's backends. */
  async function digests(folder: string): Promise<Record<string, string>> {
    const all: Record<string, string> = {};
    for (const name of bundles) {
      const backend = path.join(folder, 'resources', name);
      for (const { path: file } of await signingList(backend, 'win32'))
        all[`${name}/${file}`] = (await digestFile(path.join(backend, file), 'win32')).digest;
    }
    return all;
  }

  test('osslsigncode signs every program, library and extension module; digests and backends stay as they are', async () => {
    const folder = path.join(root, 'signed');
    await cp(dist('win-unpacked'), folder, { recursive: true });
    const before = await digests(folder);
    for (const name of Object.keys(before)) await signFile(path.join(folder, 'resources', name), certificate);
    for (const name of bundles) {
      const list = await signingList(path.join(folder, 'resources', name), 'win32');
      expect(list.filter(({ signature }) => signature !== 'identity')).toEqual([]);
    }
    expect(Object.keys(before).some((name) => name.endsWith('.pyd'))).toBe(true);
    expect(await digests(folder)).toEqual(before);
    await expectVerified(folder);
    await expectAnswers(folder, '1.2.0');
  });

  test('a changed byte of a signed library is refused by verify and by the app', async () => {
    const folder = path.join(root, 'signed');
    const library = path.join(folder, 'resources/engine/_internal/python311.dll');
    const bytes = await readFile(library);
    bytes[0x2000] = (bytes[0x2000] ?? 0) ^ 1;
    await writeFile(library, bytes);
    const { code, output } = await cli(['verify', windowsPath(folder)], root);
    expect(code).not.toBe(0);
    expect(output).toContain('python311.dll');
    const app = await runProgram(bench, path.join(folder, program));
    expect(app.output).toMatch(/FAILED E_EXE_CORRUPT .*python311\.dll/);
  });

  test('electron-builder signs them itself with win.signExts, and their digests hold', async () => {
    await rm(dist(), { recursive: true });
    await rm(path.join(builder.directory, 'build'), { recursive: true });
    await builder.write(yml({ win: { target: ['dir'], signExts: ['.dll', '.pyd'] } }));
    const output = await pack([], { WIN_CSC_LINK: certificate, WIN_CSC_KEY_PASSWORD: 'test' });
    expect(output).not.toContain("only the backend's .exe is signed");
    for (const name of bundles) {
      const list = await signingList(dist('win-unpacked/resources', name), 'win32');
      expect(list.length).toBeGreaterThan(0);
      expect(list.filter(({ signature }) => signature !== 'identity')).toEqual([]);
    }
    await expectVerified(dist('win-unpacked'));
    await expectAnswers(dist('win-unpacked'), '1.0.0');
  });
});
