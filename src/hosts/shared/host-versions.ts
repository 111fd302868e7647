import path from 'node:path';
import { readJson } from '../../lib/files.js';
import { findPackage } from '../../lib/find-package.js';
import { parseVersion, parseVersionRange, satisfies } from '../../config/version-range.js';
import { PyInstallerError } from '../../errors.js';

/** A host as npm knows it, and the versions of it that work. */
export interface HostPackage {
  readonly id: 'forge' | 'electron-builder';
  readonly title: string;
  readonly name: string;
  /** peerDependencies of package.json say the same. */
  readonly range: string;
}

/** Electron Forge. Versions before 7.6 never run the hook `preStart`, so nothing would prepare the backends for `npm start`. */
export const forgePackage: HostPackage = {
  id: 'forge',
  title: 'Electron Forge',
  name: '@electron-forge/cli',
  range: '>=7.6,<9',
};

/** electron-builder. */
export const builderPackage: HostPackage = {
  id: 'electron-builder',
  title: 'electron-builder',
  name: 'electron-builder',
  range: '>=26,<28',
};

/** A package that is installed. */
export interface InstalledPackage {
  /** Real path. */
  readonly directory: string;
  readonly version: string;
}

/** Find a package by a chain of dependencies; null: it is not installed. */
export async function installedPackage(
  from: string,
  chain: readonly string[],
): Promise<InstalledPackage | null> {
  const directory = await findPackage(from, chain);
  if (directory === null) return null;
  const { version } = ((await readJson(path.join(directory, 'package.json'))) ?? {}) as { version?: unknown };
  return { directory, version: typeof version === 'string' ? version : 'unknown' };
}

/** How a version stands to those that work. One that cannot be read, and one that is newer than all of them, may work. Pure. */
export function judgeHost({ range }: HostPackage, version: string): 'supported' | 'too old' | 'unknown' {
  const numbers = parseVersion(version);
  if (numbers === null) return 'unknown';
  if (satisfies(parseVersionRange(range), numbers)) return 'supported';
  const [least = ''] = range.split(',');
  return satisfies(parseVersionRange(least), numbers) ? 'unknown' : 'too old';
}

/** What to do about a Forge that is too old. */
export const forgeUpgrade =
  'Give all @electron-forge packages of package.json the same version, ^7.6.0 or ^8.0.0, and install again.';

/** Stop when the project's Forge is too old to work. */
export async function refuseOldForge(projectDir: string): Promise<void> {
  const found = await installedPackage(projectDir, [forgePackage.name]);
  if (found === null || judgeHost(forgePackage, found.version) !== 'too old') return;
  throw new PyInstallerError(
    'ERR_CONFIG',
    `The Python backends need Electron Forge 7.6 or later; ${found.version} is installed. It would start the app without preparing them.`,
    { hint: forgeUpgrade },
  );
}
