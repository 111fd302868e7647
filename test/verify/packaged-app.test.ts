import { createPackage } from '@electron/asar';
import { appendFile, chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { digestBundle } from '../../src/bundle/index.js';
import type { BackendManifest, FrozenProgram, Manifest } from '../../src/runtime/manifest.js';
import type { Target } from '../../src/target.js';
import { canRun } from '../../src/verify/check-subject.js';
import { verifyPackagedApp } from '../../src/verify/index.js';
import { signatureWarnings } from '../../src/verify/signature-warnings.js';
import { runCli } from '../cli/support.js';
import { wheelFile, wheelFolder, type WheelName } from '../bundle/wheels.js';
import { temporaryFolder, writeFiles } from '../support/files.js';
import { notOnWindows } from '../support/windows.js';

beforeAll(async () => {
  for (const name of [
    'pyinstallerWindows',
    'pyinstallerMac',
    'orjsonWindows',
    'microsoft',
    'markupsafeMac',
  ] as const) {
    await wheelFolder(name);
  }
}, 600_000);

async function put(file: string, wheel: WheelName, member: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await copyFile(await wheelFile(wheel, member), file);
  await chmod(file, 0o755);
}

const bootloader = 'PyInstaller/bootloader';
const windowsProgram = ['pyinstallerWindows', `${bootloader}/Windows-64bit-intel/run.exe`] as const;
const macProgram = ['pyinstallerMac', `${bootloader}/Darwin-64bit/run`] as const;
const microsoftLibrary = ['microsoft', 'msvc_runtime-14.51.36231.data/data/msvcp140_1.dll'] as const;

/** Put a manifest for one backend, with the digests of what lies there, into the app. */
async function pack(resources: string, program: Partial<FrozenProgram>): Promise<void> {
  const frozen: FrozenProgram = {
    type: 'frozen',
    mode: 'onedir',
    platform: 'linux',
    directories: {},
    executable: 'engine',
    files: {},
    ...program,
  };
  const files: Record<string, FrozenProgram['files'][string]> = {};
  for (const [arch, directory] of Object.entries(frozen.directories)) {
    files[arch] = await digestBundle(path.join(resources, directory), {
      executable: frozen.executable,
      platform: frozen.platform as Target['platform'],
    });
  }
  const backend = {
    name: 'engine',
    kind: 'http',
    companion: 'full',
    program: { ...frozen, files },
  } as unknown as BackendManifest;
  const manifest: Manifest = { version: 1, backends: { engine: backend } };
  const app = await writeFiles({
    'package.json': '{}',
    'electron-pyinstaller.json': JSON.stringify(manifest),
  });
  await createPackage(app, path.join(resources, 'app.asar'));
}

describe('verifyPackagedApp for other systems', () => {
  it(
    'checks the headers of a Windows app, and says that nothing was started',
    notOnWindows('Windows starts what is for Windows'),
    async () => {
      const resources = path.join(await temporaryFolder(), 'App-win32-x64/resources');
      await put(path.join(resources, 'engine/engine.exe'), ...windowsProgram);
      await pack(resources, { platform: 'win32', directories: { x64: 'engine' }, executable: 'engine.exe' });
      const { results } = await verifyPackagedApp(path.dirname(resources));
      expect(results).toEqual([
        expect.objectContaining({
          backend: 'engine',
          ran: false,
          warnings: [expect.stringMatching(/was not started: it is for win32-x64/)],
        }),
      ]);
      const { out } = await runCli(['verify', path.dirname(resources)], resources);
      expect(out).toMatch(
        /^✔ engine {2}complete, not started\n {2}! engine was not started: it is for win32-x64/,
      );
    },
  );

  it.runIf(process.platform !== 'darwin')('checks both halves of a universal macOS app', async () => {
    const resources = path.join(await temporaryFolder(), 'App.app/Contents/Resources');
    await put(path.join(resources, 'engine-x64/engine'), ...macProgram);
    await put(path.join(resources, 'engine-arm64/engine'), ...macProgram);
    await put(
      path.join(resources, 'engine-x64/_internal/m/_speedups.cpython-312-darwin.so'),
      'markupsafeMac',
      'markupsafe/_speedups.cpython-312-darwin.so',
    );
    await pack(resources, { platform: 'darwin', directories: { x64: 'engine-x64', arm64: 'engine-arm64' } });
    await expect(verifyPackagedApp(path.resolve(resources, '../..'))).rejects.toMatchObject({
      code: 'ERR_VERIFY',
      message: expect.stringContaining('_speedups.cpython-312-darwin.so (arm64)'),
    });
  });

  it('compares every file with its digest', notOnWindows('Windows starts what is for Windows'), async () => {
    const resources = path.join(await temporaryFolder(), 'App/resources');
    await put(path.join(resources, 'engine/engine.exe'), ...windowsProgram);
    await writeFiles({ 'engine/_internal/data.json': '{}', 'engine/_internal/gone.json': '' }, resources);
    await pack(resources, { platform: 'win32', directories: { x64: 'engine' }, executable: 'engine.exe' });
    await rm(path.join(resources, 'engine/_internal/gone.json'));
    await writeFile(path.join(resources, 'engine/_internal/data.json'), '[]');
    await expect(verifyPackagedApp(resources)).rejects.toThrow(
      /not those that were frozen:\n {2}_internal\/data\.json has other content\n {2}_internal\/gone\.json is missing/,
    );
  });

  it('names a backend that is not there', async () => {
    const resources = path.join(await temporaryFolder(), 'App/resources');
    await put(path.join(resources, 'engine/engine.exe'), ...windowsProgram);
    await pack(resources, { platform: 'win32', directories: { x64: 'engine' }, executable: 'engine.exe' });
    await expect(verifyPackagedApp(path.dirname(resources), { only: ['worker'] })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: expect.stringContaining('lists engine'),
    });
  });

  it('notices that the folder of the backend is missing', async () => {
    const resources = path.join(await temporaryFolder(), 'App/resources');
    await put(path.join(resources, 'engine/engine.exe'), ...windowsProgram);
    await pack(resources, { platform: 'win32', directories: { x64: 'engine' }, executable: 'engine.exe' });
    const moved = path.join(await temporaryFolder(), 'resources');
    await mkdir(moved);
    await copyFile(path.join(resources, 'app.asar'), path.join(moved, 'app.asar'));
    await expect(verifyPackagedApp(moved)).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: expect.stringContaining('does not exist'),
    });
  });
});

describe('signatureWarnings', () => {
  it('says nothing while the app itself is not signed', async () => {
    const app = await temporaryFolder();
    await put(path.join(app, 'App.exe'), ...windowsProgram);
    await put(path.join(app, 'resources/engine/engine.exe'), ...windowsProgram);
    expect(
      await signatureWarnings(
        path.join(app, 'resources'),
        path.join(app, 'resources/engine'),
        'engine',
        'win32',
      ),
    ).toEqual([]);
  });

  it('names what was left unsigned in a signed app', async () => {
    const app = await temporaryFolder();
    // Any signed file does for the app's program.
    await put(path.join(app, 'App.exe'), ...microsoftLibrary);
    await put(path.join(app, 'resources/engine/engine.exe'), ...microsoftLibrary);
    await put(
      path.join(app, 'resources/engine/_internal/orjson.pyd'),
      'orjsonWindows',
      'orjson/orjson.cp312-win_amd64.pyd',
    );
    expect(
      await signatureWarnings(
        path.join(app, 'resources'),
        path.join(app, 'resources/engine'),
        'engine',
        'win32',
      ),
    ).toEqual([expect.stringMatching(/one file is not: _internal\/orjson\.pyd\. .*signExts/)]);
  });
});

describe('digests of a bundle that was signed after packaging', () => {
  it('are the same as before', async () => {
    const folder = await temporaryFolder();
    await put(path.join(folder, 'engine.exe'), ...microsoftLibrary);
    const [before] = await digestBundle(folder, { executable: 'engine.exe', platform: 'win32' });
    const signed = await readFile(path.join(folder, 'engine.exe'));
    // Signing it again with a larger certificate: the table is the end of the file and its size stands in the header.
    const start = signed.readUInt32LE(0x3c);
    const entry = start + 24 + 112 + 4 * 8;
    signed.writeUInt32LE(signed.readUInt32LE(entry + 4) + 64, entry + 4);
    await writeFile(path.join(folder, 'engine.exe'), signed);
    await appendFile(path.join(folder, 'engine.exe'), Buffer.alloc(64, 1));
    expect(await digestBundle(folder, { executable: 'engine.exe', platform: 'win32' })).toEqual([before]);
  });
});

describe('canRun', () => {
  it.each([
    ['linux-x64', 'linux-x64', true],
    ['linux-arm64', 'linux-x64', false],
    ['win32-x64', 'win32-arm64', true],
    ['win32-ia32', 'win32-x64', true],
    ['win32-arm64', 'win32-x64', false],
    ['darwin-x64', 'darwin-arm64', false],
    ['win32-x64', 'linux-x64', false],
  ] as const)('%s on %s: %s', (target, host, expected) => {
    const parse = (text: string): Target => {
      const [platform, arch] = text.split('-');
      return { platform, arch } as Target;
    };
    expect(canRun(parse(target), parse(host))).toBe(expected);
  });
});
