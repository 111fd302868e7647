import { rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Exclusions, pythonFile } from './exclusions.js';
import { entriesIn, readText } from '../../lib/files.js';

/**
 * Remove from a copy of the app what only the build needs.
 *
 * @param appDir - absolute folder of the copy; never the project itself
 * @param exclusions - what to remove, relative to it
 * @returns what was removed, relative, for logs
 */
export async function removeExcluded(appDir: string, exclusions: Exclusions): Promise<string[]> {
  const removed: string[] = [];
  for (const relative of exclusions.paths) {
    const file = path.join(appDir, ...relative.split('/'));
    await rm(file, { recursive: true, force: true, maxRetries: 3 });
    await removeEmptyParents(appDir, file);
    removed.push(relative);
  }
  for (const relative of exclusions.pythonIn) {
    removed.push(...(await removePythonFiles(appDir, relative === '.' ? '' : relative)));
  }
  return removed;
}

/** A folder that held nothing but what was removed goes too. */
async function removeEmptyParents(appDir: string, file: string): Promise<void> {
  for (let folder = path.dirname(file); folder !== appDir; folder = path.dirname(folder)) {
    const isRemoved = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!isRemoved) return;
  }
}

async function removePythonFiles(appDir: string, relative: string): Promise<string[]> {
  const folder = path.join(appDir, ...relative.split('/'));
  const removed: string[] = [];
  for (const entry of await entriesIn(folder)) {
    const inside = relative === '' ? entry.name : `${relative}/${entry.name}`;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name === 'node_modules') continue;
      if (entry.name === '__pycache__') {
        await rm(file, { recursive: true, force: true });
        removed.push(inside);
      } else {
        removed.push(...(await removePythonFiles(appDir, inside)));
      }
    } else if (pythonFile.test(entry.name)) {
      await rm(file, { force: true });
      removed.push(inside);
    }
  }
  return removed;
}

/**
 * Take the configuration out of the package.json in a copy of the app, when it stands there: it tells about the build
 * machine and is of no use to the app.
 */
export async function removeConfigKey(appDir: string): Promise<void> {
  const file = path.join(appDir, 'package.json');
  const text = await readText(file);
  if (text === null) return;
  const { pyinstaller, ...rest } = JSON.parse(text) as Record<string, unknown>;
  if (pyinstaller !== undefined) await writeFile(file, `${JSON.stringify(rest, null, 2)}\n`);
}
