import path from 'node:path';
import { readArchive } from './archive.js';

const option = 'pyi-contents-directory ';

/**
 * The folder in which a program frozen as `onedir` looks for its files, relative to the bundle, `/` as separator. The program itself
 * says it, also when a hand-written spec or another build made it. `_internal` when it cannot be read.
 */
export async function contentsFolder(bundleDir: string, executable: string): Promise<string> {
  const beside = path.posix.dirname(executable);
  // In an app of macOS, code and links to all data stand beside the folder of the program.
  if (beside.endsWith('Contents/MacOS')) return path.posix.join(beside, '../Frameworks');
  const archive = await readArchive(path.join(bundleDir, executable)).catch(() => null);
  if (archive === null) return path.posix.join(beside, '_internal');
  const written = archive.options.find((line) => line.startsWith(option))?.slice(option.length);
  // PyInstaller writes nothing for `.`, the layout it had before it knew the folder.
  return path.posix.join(beside, written ?? '.');
}
