import { attempt } from '../attempt.js';
import type { FrozenProgram } from '../manifest.js';
import { node } from '../node.js';

/**
 * Give the programs of a bundle their execute permission back: some unpackers and copies lose it. Whoever may read a file
 * may execute it then, which is what an installer does.
 *
 * Only what the manifest lists as executable is touched, links never. What cannot be changed (a read-only disk, files of
 * another user) stays as it is.
 *
 * @param directory - absolute folder of the bundle
 * @param arch - whose list of files is used
 * @returns the files that were changed, relative to the bundle
 */
export function restoreExecutePermission(program: FrozenProgram, directory: string, arch: string): string[] {
  const listed = (program.files[arch] ?? []).flatMap((file) =>
    file.type === 'file' && file.executable ? [file.path] : [],
  );
  return [...new Set([program.executable, ...listed])].filter((name) =>
    makeExecutable(node.path.join(directory, ...name.split('/'))),
  );
}

function makeExecutable(file: string): boolean {
  const stat = node.fs.lstatSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || (stat.mode & 0o111) !== 0) return false;
  // Nothing, or null: it threw.
  return attempt(() => node.fs.chmodSync(file, (stat.mode & 0o7777) | ((stat.mode & 0o444) >> 2))) !== null;
}
