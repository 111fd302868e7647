import { constants, copyFile, lstat, mkdir, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';
import { listBundle } from '../../bundle/index.js';

/**
 * Bring back what electron-builder's copy leaves out or alters: a `node_modules` folder at the top of a bundle, empty
 * folders, `.DS_Store`, `.gitkeep`.
 *
 * @param bundleDir - absolute folder of the frozen bundle
 * @param placedDir - absolute folder in the app's resources
 * @returns relative paths of what was brought back
 */
export async function repairCopy(bundleDir: string, placedDir: string): Promise<string[]> {
  const repaired: string[] = [];
  for (const entry of await listBundle(bundleDir)) {
    const to = path.join(placedDir, ...entry.path.split('/'));
    if ((await lstat(to).catch(() => null)) !== null) continue;
    const from = path.join(bundleDir, ...entry.path.split('/'));
    await mkdir(path.dirname(to), { recursive: true });
    if (entry.type === 'directory') await mkdir(to, { recursive: true });
    else if (entry.type === 'link') await symlink(await readlink(from), to);
    else await copyFile(from, to, constants.COPYFILE_FICLONE);
    repaired.push(entry.path);
  }
  return repaired;
}
