import path from 'node:path';
import { parseVersion, parseVersionRange, satisfies } from '../../python/index.js';
import type { CheckResult } from './types.js';
import { findPackage } from '../../lib/find-package.js';
import { readJson } from '../../lib/files.js';

/** Hosts and the versions of them that are supported. */
const hosts = [
  { id: 'forge', title: 'Electron Forge', name: '@electron-forge/cli', range: '>=7,<9' },
  { id: 'electron-builder', title: 'electron-builder', name: 'electron-builder', range: '>=26,<28' },
] as const;

/** Versions of the hosts that the project has installed, and the copies of Forge's plugin base. */
export async function checkHostPackages(projectDir: string): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const host of hosts) {
    const found = await findVersion(projectDir, [host.name]);
    if (found === null) continue;
    const isSupported = satisfies(parseVersionRange(host.range), parseVersion(found.version) ?? []);
    results.push({
      id: host.id,
      title: host.title,
      status: isSupported ? 'ok' : 'warn',
      detail: found.version,
      ...(isSupported ? {} : { fix: `Versions ${host.range} are supported.` }),
    });
    if (host.id === 'forge') results.push(...(await checkPluginBase(projectDir, found.directory)));
  }
  return results;
}

/**
 * Forge compares plugins with *its* copy of plugin-base: a plugin made with another copy takes over `npm start`, and two
 * of them stop it.
 */
async function checkPluginBase(projectDir: string, forgeDir: string): Promise<CheckResult[]> {
  const ours = await findVersion(projectDir, ['@electron-forge/plugin-base']);
  const forges = await findVersion(forgeDir, ['@electron-forge/core', '@electron-forge/plugin-base']);
  if (ours === null || forges === null) return [];
  const result = { id: 'forge-plugin-base', title: 'One copy of @electron-forge/plugin-base' } as const;
  if (ours.directory === forges.directory) return [{ ...result, status: 'ok', detail: ours.version }];
  return [
    {
      ...result,
      status: 'fail',
      detail: `there are two: ${ours.version} in ${ours.directory} and ${forges.version} in ${forges.directory}`,
      fix: `Give all @electron-forge packages of package.json the version ${forges.version}, then run npm dedupe.`,
    },
  ];
}

interface FoundPackage {
  /** Real path. */
  readonly directory: string;
  readonly version: string;
}

async function findVersion(from: string, chain: readonly string[]): Promise<FoundPackage | null> {
  const directory = await findPackage(from, chain);
  if (directory === null) return null;
  const { version } = ((await readJson(path.join(directory, 'package.json'))) ?? {}) as { version?: unknown };
  return { directory, version: typeof version === 'string' ? version : 'unknown' };
}
