import type { ResolvedBackend, ResolvedConfig } from '../../config/resolved.js';
import { checkDisks } from './disk.js';
import { checkHostPackages } from './host-packages.js';
import { checkCache, checkNode, checkPlatform, checkTools } from './machine.js';
import { checkPython } from './python.js';
import { checkRequirements } from './requirements.js';
import type { CheckContext, CheckResult } from './types.js';

/**
 * Check everything a build needs, without building. Never throws for what it finds: a finding is a result.
 *
 * @param changes parts of the surroundings to replace; default: those of this process.
 */
export async function runChecks(
  config: ResolvedConfig,
  changes: Partial<CheckContext> = {},
): Promise<CheckResult[]> {
  const context: CheckContext = {
    env: process.env,
    platform: process.platform,
    nodeVersion: process.versions.node,
    now: new Date(),
    ...changes,
  };
  const results: CheckResult[] = [
    checkNode(context.nodeVersion),
    checkPlatform(config.target, context.platform),
    await checkCache(config.cacheDir),
    ...(await checkDisks(config, context.platform)),
    ...(await checkHostPackages(config.projectDir)),
  ];
  const frozenHere = config.backends.filter(({ prebuilt }) => prebuilt === null);
  if (frozenHere.length > 0) results.push(...checkTools(context));
  for (const backend of config.backends)
    results.push(...(await checkBackend(backend, config.cacheDir, context)));
  return results;
}

async function checkBackend(
  backend: ResolvedBackend,
  cacheDir: string,
  context: CheckContext,
): Promise<CheckResult[]> {
  if (backend.prebuilt !== null) {
    const id = `prebuilt:${backend.name}`;
    return [{ id, title: `Prebuilt ${backend.name}`, status: 'ok', detail: backend.prebuilt }];
  }
  // Reported once, as `platform`.
  if (backend.target.platform !== context.platform) return [];
  return [...(await checkPython(backend, cacheDir, context)), ...(await checkRequirements(backend, context))];
}
