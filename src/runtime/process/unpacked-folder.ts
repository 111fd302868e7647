import type { BackendManifest } from '../manifest.js';
import { node } from '../node.js';
import { processNames, readProc } from './proc.js';

/** Names PyInstaller's bootloader gives the folders it unpacks onefile programs into. */
const unpackedName = /^_MEI\w+$/;

/**
 * Remove the folder a killed onefile program left.
 *
 * @param folder As the program told it (`sys._MEIPASS`). Anything that does not look like such a folder, or belongs to another user, is
 * not believed. In a onedir program it is the bundle itself, which has another name.
 * @returns True when there was one.
 */
export async function removeUnpacked(folder: string | null): Promise<boolean> {
  if (folder === null || !node.path.isAbsolute(folder) || !unpackedName.test(node.path.basename(folder)))
    return false;
  const stat = await node.fs.promises.lstat(folder).catch(() => null);
  if (stat?.isDirectory() !== true) return false;
  if (process.getuid !== undefined && stat.uid !== process.getuid()) return false;
  await node.fs.promises.rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  return true;
}

/** Folder in which a program unpacks itself; null when it does not. */
export function unpackingPlace(
  { program }: BackendManifest,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  if (program.type !== 'frozen' || program.mode !== 'onefile') return null;
  return (process.platform === 'win32' ? (env['TEMP'] ?? env['TMP']) : env['TMPDIR']) ?? node.os.tmpdir();
}

/** Names of the unpacked folders in a place. */
export function listUnpacked(place: string): ReadonlySet<string> {
  try {
    return new Set(node.fs.readdirSync(place).filter((name) => unpackedName.test(name)));
  } catch {
    return new Set();
  }
}

/**
 * The bootloader that made a folder; null when its name does not tell. Since PyInstaller 6.22.1 it does on every system: `_MEI`, its process
 * number as eight hexadecimal digits, and something random.
 */
export function unpackedBy(name: string): number | null {
  const digits = /^_MEI([0-9a-f]{8})\w+$/.exec(name)?.[1];
  return digits === undefined ? null : Number.parseInt(digits, 16);
}

/**
 * Remove what a bootloader left that was killed, or failed, before Python could say where it is: folders that came since its start and bear
 * its number.
 *
 * @param pid The bootloader, which is gone.
 * @param failed It ended with an error of its own (a full disk). Then folders whose name tells nothing are removed too, if they belong to
 * this user and nobody uses them; only where the latter can be seen.
 */
export async function removeAbandoned(
  place: string,
  before: ReadonlySet<string>,
  pid: number,
  failed: boolean,
): Promise<void> {
  const fresh = Array.from(listUnpacked(place)).filter((name) => !before.has(name));
  for (const name of fresh.filter((name) => unpackedBy(name) === pid))
    await removeUnpacked(node.path.join(place, name));
  const unnamed =
    failed && process.platform === 'linux' ? fresh.filter((name) => unpackedBy(name) === null) : [];
  if (unnamed.length === 0) return;
  const used = pathsInUse();
  for (const name of unnamed) {
    const folder = node.path.join(place, name);
    if (!used.includes(folder)) await removeUnpacked(folder);
  }
}

/** Everything that running processes have mapped, or name in their environment, as one text. */
function pathsInUse(): string {
  return processNames()
    .map((name) => readProc(`${name}/maps`) + readProc(`${name}/environ`) + readProc(`${name}/cmdline`))
    .join('\n');
}
