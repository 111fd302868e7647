import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { mapLimited } from '../lib/map-limited.js';
import { namesIn } from '../lib/files.js';

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
 * @param farm - folder to make the links in; made when needed.
 * @returns the new value of `PATH`.
 */
export async function makePythonFreePath(search: string, farm: string, platform: string): Promise<string> {
  const delimiter = platform === 'win32' ? ';' : ':';
  const kept: string[] = [];
  const linked = new Map<string, string>();
  let usesFarm = false;
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
    if (!usesFarm) kept.push(farm);
    usesFarm = true;
  }
  if (usesFarm) {
    await mkdir(farm, { recursive: true });
    await mapLimited([...linked], 32, ([name, target]) => symlink(target, path.join(farm, name)));
  }
  return kept.join(delimiter);
}
