import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readJson } from 'fs-extra/esm';
import { listBundle } from '../../bundle/walk.js';
import { PyInstallerError } from '../../errors.js';
import { findPackage } from '../../lib/find-package.js';

/**
 * Sign the extension modules (`.pyd`) of placed backends. `@electron/windows-sign` chooses files by extension and knows
 * `.exe` and `.dll` but not `.pyd`, which is a DLL too; Packager signs the others afterwards.
 *
 * @param directories - absolute folders of the placed backends
 * @param windowsSign - the app's `packagerConfig.windowsSign`
 * @param projectDir - project whose `@electron/windows-sign` is used
 * @returns how many files were signed
 * @throws PyInstallerError `ERR_PLACE` when the signing tool is not there
 */
export async function signExtensionModules(
  directories: readonly string[],
  windowsSign: unknown,
  projectDir: string,
): Promise<number> {
  const files = (await Promise.all(directories.map(listExtensionModules))).flat();
  if (files.length === 0) return 0;
  const sign = await loadSign(projectDir);
  await sign({ ...(typeof windowsSign === 'object' ? windowsSign : {}), files });
  return files.length;
}

async function listExtensionModules(directory: string): Promise<string[]> {
  return (await listBundle(directory))
    .filter((entry) => entry.type === 'file' && entry.path.toLowerCase().endsWith('.pyd'))
    .map((entry) => path.join(directory, entry.path));
}

async function loadSign(projectDir: string): Promise<(options: object) => Promise<void>> {
  // The tool is a dependency of Packager, which a strict package manager hides from the project itself.
  const directory =
    (await findPackage(projectDir, ['@electron/windows-sign'])) ??
    (await findPackage(projectDir, [
      '@electron-forge/cli',
      '@electron-forge/core',
      '@electron/packager',
      '@electron/windows-sign',
    ]));
  if (directory === null) {
    throw new PyInstallerError(
      'ERR_PLACE',
      `Signing the backend's .pyd files: @electron/windows-sign was not found from ${projectDir}.`,
      { hint: 'Add it: npm install --save-dev @electron/windows-sign' },
    );
  }
  const loaded: unknown = await import(pathToFileURL(path.join(directory, await entryFile(directory))).href);
  const { sign } = loaded as { sign?: unknown };
  if (typeof sign !== 'function') {
    throw new PyInstallerError(
      'ERR_PLACE',
      `Signing the backend's .pyd files: ${directory} exports no function "sign".`,
      { hint: 'Update @electron/windows-sign to 1.2 or newer.' },
    );
  }
  return sign as (options: object) => Promise<void>;
}

/** Version 1 names its entry in `main`, version 2 in `exports`. */
async function entryFile(directory: string): Promise<string> {
  const manifest = (await readJson(path.join(directory, 'package.json'))) as {
    main?: string;
    exports?: unknown;
  };
  return typeof manifest.exports === 'string' ? manifest.exports : (manifest.main ?? 'index.js');
}
