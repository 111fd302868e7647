import {
  builderPackage,
  forgePackage,
  forgeUpgrade,
  installedPackage,
  judgeHost,
} from '../../hosts/shared/host-versions.js';
import type { CheckResult } from './types.js';

/** Versions of the hosts that the project has installed, and the copies of Forge's plugin base. */
export async function checkHostPackages(projectDir: string): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const host of [forgePackage, builderPackage]) {
    const found = await installedPackage(projectDir, [host.name]);
    if (found === null) continue;
    const { id, title, range } = host;
    const verdict = judgeHost(host, found.version);
    if (verdict === 'too old' && id === 'forge') {
      // The plugin refuses it too.
      const detail = `${found.version}: versions before 7.6 start the app without preparing the backends`;
      results.push({ id, title, status: 'fail', detail, fix: forgeUpgrade });
      continue;
    }
    results.push({
      id,
      title,
      status: verdict === 'supported' ? 'ok' : 'warn',
      detail: found.version,
      ...(verdict === 'supported' ? {} : { fix: `Versions ${range} are supported.` }),
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
  const ours = await installedPackage(projectDir, ['@electron-forge/plugin-base']);
  const forges = await installedPackage(forgeDir, ['@electron-forge/core', '@electron-forge/plugin-base']);
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
