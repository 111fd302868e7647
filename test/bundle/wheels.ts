import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { testCacheDir } from '../support/paths.js';
import { pythonCommand } from '../support/python-command.js';

/** Wheels with real programs and libraries of every platform; small ones. */
const wheels = {
  /** Bootloaders of PyInstaller itself. */
  pyinstallerWindows: { requirement: 'pyinstaller==6.22.3', platform: 'win_amd64' },
  pyinstallerMac: { requirement: 'pyinstaller==6.22.3', platform: 'macosx_10_13_universal2' },
  pyinstallerLinuxArm: { requirement: 'pyinstaller==6.22.3', platform: 'manylinux2014_aarch64' },
  pyinstallerMusl: { requirement: 'pyinstaller==6.22.3', platform: 'musllinux_1_1_x86_64' },
  /** Hooks from before numpy 2.3. */
  pyinstallerOld: { requirement: 'pyinstaller==6.11.0', platform: 'manylinux2014_x86_64' },
  orjsonWindows: { requirement: 'orjson==3.10.15', platform: 'win_amd64' },
  orjsonMac: { requirement: 'orjson==3.10.15', platform: 'macosx_11_0_arm64' },
  orjsonLinux: { requirement: 'orjson==3.10.15', platform: 'manylinux_2_17_x86_64' },
  /** A library for one architecture only. */
  markupsafeMac: { requirement: 'markupsafe==3.0.2', platform: 'macosx_11_0_arm64' },
  /** `.dylib` files. */
  pillowMac: { requirement: 'pillow==11.1.0', platform: 'macosx_11_0_arm64' },
  /** Libraries that patchelf rewrote several times. */
  numpyLinux: { requirement: 'numpy==2.4.6', platform: 'manylinux_2_28_x86_64' },
  /** Libraries signed by Microsoft. */
  microsoft: { requirement: 'msvc-runtime==14.51.36231', platform: 'win_amd64' },
} as const;

/** Name of a wheel the tests use. */
export type WheelName = keyof typeof wheels;

/** Folder with the contents of a wheel; downloaded once per machine. */
export async function wheelFolder(name: WheelName): Promise<string> {
  const { requirement, platform } = wheels[name];
  const parent = path.join(testCacheDir, 'wheels');
  const folder = path.join(parent, `${requirement}-${platform}`);
  if (await exists(folder)) return folder;
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(path.join(parent, 'partial-'));
  try {
    const download = path.join(work, 'download');
    const target = ['--python-version', '3.12', '--platform', platform, '--only-binary=:all:', '--no-deps'];
    await execa(pythonCommand, [
      '-m',
      'pip',
      'download',
      '--quiet',
      ...target,
      '--dest',
      download,
      requirement,
    ]);
    const [wheel] = await readdir(download);
    if (wheel === undefined) throw new Error(`pip downloaded nothing for ${requirement} on ${platform}`);
    await execa(pythonCommand, [
      '-m',
      'zipfile',
      '-e',
      path.join(download, wheel),
      path.join(work, 'content'),
    ]);
    // Another test file may have been faster.
    await rename(path.join(work, 'content'), folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

/** Absolute path of one file of a wheel. */
export async function wheelFile(name: WheelName, member: string): Promise<string> {
  return path.join(await wheelFolder(name), member);
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
