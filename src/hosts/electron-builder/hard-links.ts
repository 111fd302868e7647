import path from 'node:path';
import type { Injection } from './inject.js';

/**
 * Take copies of the bundles where electron-builder would make hard links to them: signing the app would then change the
 * bundles in the cache. It does so with `USE_HARD_LINKS=true`, and when it is run by vitest.
 *
 * @param directory - absolute folder for the copies
 */
export async function withoutHardLinks(
  injections: readonly Injection[],
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<readonly Injection[]> {
  if (env['USE_HARD_LINKS'] !== 'true' && env['VITEST'] === undefined) return injections;
  const { copyBundle } = await import('../../bundle/copy.js');
  return await Promise.all(
    injections.map(async ({ from, to }) => {
      const copy = path.join(directory, to);
      await copyBundle(from, copy);
      return { from: copy, to };
    }),
  );
}
