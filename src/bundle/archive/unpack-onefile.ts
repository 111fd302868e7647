import { chmod, copyFile, mkdir, open, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isInside } from '../../lib/paths.js';
import { readArchive, readArchiveEntry } from './archive.js';
import { contentsFolder } from './contents-folder.js';

/** An entry of this type says something to the bootloader, or nothing when it does not know it. */
const optionType = 'o';

/**
 * Make a folder program of a onefile program: what it would unpack at its start lies beside it, where the bootloader then looks for it.
 * PyInstaller's bootloader takes a program without such entries for one of a folder.
 *
 * @param file - the onefile program.
 * @param folder - a new folder; the program in it has the same name.
 * @returns the folder of its files, relative to `folder`; null: it is no such program, or takes files from another one (MERGE).
 */
export async function unpackOnefile(file: string, folder: string): Promise<string | null> {
  const archive = await readArchive(file);
  if (archive === null || archive.entries.some(({ type }) => type === 'other')) return null;
  const program = path.join(folder, path.basename(file));
  await mkdir(folder, { recursive: true });
  await copyFile(file, program);
  await chmod(program, (await stat(file)).mode | 0o200);
  const contents = await contentsFolder(folder, path.basename(file));
  const unpacked = archive.entries.filter(({ type }) => ['binary', 'data', 'link'].includes(type));
  const handle = await open(program, 'r+');
  try {
    for (const { typeOffset } of unpacked) await handle.write(optionType, typeOffset, 'latin1');
  } finally {
    await handle.close();
  }
  for (const entry of unpacked) {
    const target = path.join(folder, contents, entry.name);
    if (!isInside(path.join(folder, contents), target)) return null;
    await mkdir(path.dirname(target), { recursive: true });
    const bytes = await readArchiveEntry(file, entry);
    if (entry.type === 'link') await symlink(bytes.toString('utf8').replace(/\0+$/, ''), target);
    else await writeFile(target, bytes, { mode: entry.type === 'binary' ? 0o755 : 0o644 });
  }
  return contents;
}
