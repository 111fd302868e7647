import { chmod, constants, copyFile, lstat, mkdir, readlink, realpath, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { isExecutable } from '../../lib/files.js';
import { mapLimited } from '../../lib/map-limited.js';
import type { Arrangement, LaidFile } from './arrange.js';

/** Copies under way at once. */
const copiesAtOnce = 16;

/**
 * Put files into the contents folder of a bundle, as PyInstaller puts data: contents copied, executable or not, nothing else of the
 * permissions; a relative link stays a link when what it names is collected too.
 */
export async function lay(
  contentsDir: string,
  { laid, replaced, files }: Pick<Arrangement, 'laid' | 'replaced' | 'files'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const places = new Set(files.map(([place]) => place.replaceAll('\\', '/')));
  for (const place of replaced) await rm(path.join(contentsDir, place), { force: true });
  await mapLimited(
    laid,
    copiesAtOnce,
    async (file) => {
      const target = path.join(contentsDir, file.place);
      await mkdir(path.dirname(target), { recursive: true });
      const link = await linkText(file, places);
      if (link !== null) {
        await symlink(link, target);
        return;
      }
      await copyFile(file.source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
      await chmod(target, (await isExecutable(file.source)) ? 0o755 : 0o644);
    },
    signal,
  );
}

/** What a link that is laid in says; null: it is no link, or what it names is not in the bundle. */
async function linkText({ source, place }: LaidFile, places: ReadonlySet<string>): Promise<string | null> {
  const seen = new Set<string>();
  let from = source;
  let to = place;
  while (!seen.has(from) && (await lstat(from).catch(() => null))?.isSymbolicLink() === true) {
    seen.add(from);
    const text = await readlink(from);
    if (path.isAbsolute(text)) return null;
    to = path.posix.join(path.posix.dirname(to), text.replaceAll('\\', '/'));
    from = path.join(path.dirname(from), text);
    if (places.has(to) && (await samePlace(source, from))) {
      return path.posix.relative(path.posix.dirname(place), to);
    }
  }
  return null;
}

async function samePlace(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((file) => realpath(file).catch(() => null)));
  return first !== null && first === second;
}
