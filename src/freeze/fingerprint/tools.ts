import type { ResolvedBackend } from '../../config/resolved.js';
import { findOnPath, realDisk } from '../../python/index.js';
import type { InputFile } from './inputs.js';
import type { StatCache } from './stat-cache.js';

/** The programs on PATH that rewrite what is collected: another one, or none, makes another bundle. */
export async function toolFiles(
  backend: ResolvedBackend,
  env: NodeJS.ProcessEnv,
  digests: StatCache,
): Promise<Pick<InputFile, 'name' | 'digest'>[]> {
  const { upx, strip } = backend.pyinstaller;
  const names = [...(upx ? ['upx'] : []), ...(strip ? ['strip'] : [])];
  return await Promise.all(
    names.map(async (name) => {
      const [file] = findOnPath(name, env, backend.target.platform, realDisk);
      return { name: `tool ${name}`, digest: file === undefined ? 'none' : await digests.digest(file) };
    }),
  );
}
