import { createRequire } from 'node:module';
import path from 'node:path';
import type { ResolvedConfig } from '../../config/resolved.js';
import { PyInstallerError } from '../../errors.js';
import { findPackage } from '../../lib/find-package.js';

/**
 * Look for the package that the generated module makes clients with.
 *
 * @throws PyInstallerError `ERR_NOT_FOUND` with the command that installs it
 */
export async function requireClientPackage({
  backends,
  projectDir,
  configFile,
}: Pick<ResolvedConfig, 'backends' | 'projectDir' | 'configFile'>): Promise<void> {
  const typed = backends.find(({ client }) => client !== null);
  if (typed === undefined || (await isInstalled(projectDir))) return;
  throw new PyInstallerError(
    'ERR_NOT_FOUND',
    `backends.gen.ts makes the client for the API of ${typed.name} with openapi-fetch, which is not installed in ${projectDir}.`,
    {
      backend: typed.name,
      file: configFile,
      path: `${typed.configPath}.client`,
      hint: `Install it among the dependencies: npm install openapi-fetch (pnpm add, yarn add, bun add). Or take ${typed.configPath}.client out.`,
    },
  );
}

async function isInstalled(projectDir: string): Promise<boolean> {
  if ((await findPackage(projectDir, ['openapi-fetch'])) !== null) return true;
  try {
    // Plug'n'Play has no node_modules.
    createRequire(path.join(projectDir, 'package.json')).resolve('openapi-fetch');
    return true;
  } catch {
    return false;
  }
}
