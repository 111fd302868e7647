import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { pathExists } from './files.js';

/**
 * Follow a chain of dependencies to the folder of the last one, as Node's resolution would: from the project to the
 * first package, from there to the second, and so on. `require.resolve` cannot do it, because packages that are only ES
 * modules refuse to be resolved that way.
 *
 * @param from - absolute folder to begin at
 * @param chain - package names
 * @returns the absolute real path of the last package's folder; null when one of them is not there
 */
export async function findPackage(from: string, chain: readonly string[]): Promise<string | null> {
  let directory = from;
  for (const name of chain) {
    const found = await findFrom(directory, name);
    if (found === null) return null;
    directory = found;
  }
  return directory;
}

async function findFrom(start: string, name: string): Promise<string | null> {
  for (let folder = start; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', name);
    if (await pathExists(path.join(candidate, 'package.json'))) return await realpath(candidate);
    if (path.dirname(folder) === folder) return null;
  }
}
