import { chmod, mkdir, mkdtemp, rename, stat, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { removeTree } from '../freeze/cache/workspace.js';
import { namesIn } from '../lib/files.js';
import { sha256 } from '../lib/hash.js';
import { mapLimited } from '../lib/map-limited.js';

/** Programs a frozen backend must not need. */
const pythonProgram = /^(?:python|pip|pypy|uv|uvx|poetry|conda|mamba|pyenv)[\d.w]*(?:\.exe|\.bat|\.cmd)?$/i;

/** Tell whether a program name is Python's or one of its tools'. */
export function isPythonProgram(name: string): boolean {
  return pythonProgram.test(name);
}

/**
 * Folders for `PATH` in which there is no Python.
 *
 * Leaving out every folder with a Python would leave out `/usr/bin`, and with it `sh` and `uname`, which users do have.
 * So a folder that holds Python is replaced by one with links to everything else in it. On Windows, where links need a
 * privilege, such folders (only Python's own) are left out.
 *
 * @param search - the value of `PATH`.
 * @param farms - folder for folders of links, which are used again as long as the same has to be linked; made when needed.
 * @returns the new value of `PATH`.
 */
export async function makePythonFreePath(search: string, farms: string, platform: string): Promise<string> {
  const delimiter = platform === 'win32' ? ';' : ':';
  const kept: string[] = [];
  const linked = new Map<string, string>();
  let place: number | null = null;
  for (const folder of search.split(delimiter)) {
    if (folder === '' || !path.isAbsolute(folder)) continue;
    const names = await namesIn(folder);
    if (!names.some(isPythonProgram)) {
      kept.push(folder);
      continue;
    }
    if (platform === 'win32') continue;
    for (const name of names) {
      if (!isPythonProgram(name) && !linked.has(name)) linked.set(name, path.join(folder, name));
    }
    // The first such folder decides where all of them stand in the order of the search.
    place ??= kept.length;
  }
  if (place !== null) kept.splice(place, 0, await farmOf(linked, farms));
  return kept.join(delimiter);
}

/** Farms that nobody used for so long are removed. */
const forgottenMs = 7 * 24 * 60 * 60 * 1000;

/** A folder of links: on a busy disk a thousand of them take a second, so one that is there is taken. */
async function farmOf(links: ReadonlyMap<string, string>, farms: string): Promise<string> {
  const farm = path.join(farms, sha256(JSON.stringify([...links])).slice(0, 24));
  const now = new Date();
  if (
    await utimes(farm, now, now).then(
      () => true,
      () => false,
    )
  )
    return farm;
  await mkdir(farms, { recursive: true });
  for (const name of await namesIn(farms)) {
    const stats = await stat(path.join(farms, name)).catch(() => null);
    if (stats !== null && now.getTime() - stats.mtimeMs > forgottenMs)
      await removeTree(path.join(farms, name));
  }
  const partial = await mkdtemp(`${farm}-`);
  await mapLimited([...links], 32, ([name, target]) => symlink(target, path.join(partial, name)));
  await chmod(partial, 0o755);
  // Another build may have made the same meanwhile.
  await rename(partial, farm).catch(() => removeTree(partial));
  return farm;
}
