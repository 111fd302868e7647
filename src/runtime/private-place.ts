import { isWindows } from './is-windows.js';
import { node } from './node.js';

/** Make a folder, and those above it that are missing, for this user alone, whatever the umask. @throws when it cannot be made. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await node.fs.promises.mkdir(folder, { recursive: true, mode: 0o700 });
  await makePrivate(folder);
}

/**
 * Take a file or folder away from other users. Nothing happens where it is missing or not ours; devices (a log that leads to
 * `/dev/null`) and sticky folders (`/tmp`) are everybody's on purpose.
 */
export async function makePrivate(place: string): Promise<void> {
  // Windows has access lists, which folders of the user pass on.
  if (isWindows) return;
  const found = await node.fs.promises.stat(place).catch(() => null);
  if (found === null || !(found.isFile() || found.isDirectory())) return;
  if ((found.mode & 0o077) === 0 || (found.mode & 0o1000) !== 0) return;
  await node.fs.promises.chmod(place, found.mode & 0o700).catch(() => undefined);
}

/** Write a file for this user alone; readers see the old or the new one. @throws when it cannot be written. */
export async function writePrivately(file: string, content: string): Promise<void> {
  await makePrivateFolder(node.path.dirname(file));
  const temporary = `${file}.${process.pid}`;
  await node.fs.promises.writeFile(temporary, content, { mode: 0o600 });
  await node.fs.promises.rename(temporary, file);
}
