import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, readdir, readlink, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listBundle } from '../bundle/walk.js';
import { openWorkspace, removeTree } from '../freeze/cache/workspace.js';
import { makePrivateCopy } from './private-copy.js';
import { makePythonFreePath } from './python-free-path.js';
import { scrubEnvironment, type PrivateFolders } from './scrubbed-environment.js';

/** A place like the one a backend has on a user's machine, made for one verification. */
export interface PrivatePlace extends PrivateFolders {
  /** Folder that is given as the app's resources; the bundle is below it. */
  readonly resources: string;
  /** The read-only copy of the bundle. */
  readonly bundle: string;
  /** Files of it, relative to the bundle, that are the bundle's own and not copies. */
  readonly linked: ReadonlySet<string>;
  /** For the runtime's logs. */
  readonly logs: string;
  /** What the program is started with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Value of the marker variable in {@link environment}. */
  readonly marker: string;
  /** Paths inside the bundle that were added, removed or changed since. */
  changes(): Promise<string[]>;
  /** What a onefile program left in the temporary folder. */
  unpacked(): Promise<string[]>;
  /** Delete everything. */
  remove(): Promise<void>;
}

/** Where a private place may take room, and what it is for. */
export interface PlaceOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** The bundle is laid down in its work folder, on the disk where there must be room for bundles. Left out: the system's temporary folder. */
  readonly cacheDir?: string | undefined;
  /** Bytes that the program unpacks into its temporary folder (onefile). */
  readonly unpackedBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lay a bundle down in a fresh place: the path has a space and a letter outside ASCII, it is read-only, home, user data and
 * temporary folders are new and empty, no Python can be found.
 *
 * @param directory - name of the bundle's folder below the resources.
 * @throws PyInstallerError of {@link makePrivateCopy}.
 */
export async function makePrivatePlace(
  bundleDir: string,
  directory: string,
  options: PlaceOptions,
): Promise<PrivatePlace> {
  const { cacheDir } = options;
  // Sockets are made in temporary folders, and their paths may have 100 letters: those folders stay where paths are short.
  const root = await mkdtemp(path.join(tmpdir(), 'epy vérify-'));
  const large =
    cacheDir === undefined
      ? { directory: root, dispose: () => removeTree(root) }
      : await openWorkspace(cacheDir).catch(async (error: unknown) => {
          await removeTree(root);
          throw error;
        });
  const resources = path.join(large.directory, 'Mein Äpp', 'resources');
  const bundle = path.join(resources, directory);
  const remove = async (): Promise<void> => {
    await large.dispose();
    await removeTree(root);
  };
  try {
    const linked = await makePrivateCopy(bundleDir, bundle, {
      advice:
        cacheDir === undefined
          ? `Free some space there, or name another temporary folder: ${temporaryVariable(options.platform)}=<folder>.`
          : 'Free some space on that disk (`npx electron-pyinstaller clean` removes cached bundles), or put the cache on another one: ELECTRON_PYINSTALLER_CACHE=<folder>.',
      signal: options.signal,
    });
    await setReadOnly(bundle, linked);
    const before = await snapshot(bundle, linked);
    const folders = {
      home: path.join(root, 'home'),
      temporary: path.join((await hasRoom(root, options.unpackedBytes ?? 0)) ? root : large.directory, 'tmp'),
      userData: path.join(root, 'user dätä'),
    };
    const logs = path.join(root, 'logs');
    for (const folder of [...Object.values(folders), logs]) await mkdir(folder, { recursive: true });
    const marker = randomBytes(12).toString('hex');
    const inherited = options.env['PATH'] ?? options.env['Path'] ?? '';
    const farms = cacheDir === undefined ? path.join(root, 'bin') : path.join(cacheDir, 'search');
    const search = await makePythonFreePath(inherited, farms, options.platform);
    return {
      ...folders,
      resources,
      bundle,
      linked,
      logs,
      marker,
      environment: scrubEnvironment(options.env, folders, { platform: options.platform, search, marker }),
      changes: async () => differences(before, await snapshot(bundle, linked)),
      unpacked: async () => (await readdir(folders.temporary)).filter((name) => name.startsWith('_MEI')),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

function temporaryVariable(platform: string): string {
  return platform === 'win32' ? 'TEMP' : 'TMPDIR';
}

async function hasRoom(folder: string, bytes: number): Promise<boolean> {
  const space = await statfs(folder).catch(() => null);
  return space === null || space.bavail * space.bsize > bytes;
}

/** Take everybody's permission to write, from everything but links and the files that are others' too. */
async function setReadOnly(dir: string, linked: ReadonlySet<string>, below = ''): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    const name = below + entry.name;
    if (entry.isDirectory()) await setReadOnly(file, linked, `${name}/`);
    else if (entry.isFile() && !linked.has(name)) await chmod(file, (await lstat(file)).mode & ~0o222);
  }
  await chmod(dir, (await lstat(dir)).mode & ~0o222);
}

type Snapshot = ReadonlyMap<string, string>;

async function snapshot(dir: string, linked: ReadonlySet<string>): Promise<Snapshot> {
  const result = new Map<string, string>();
  for (const entry of await listBundle(dir)) {
    const file = path.join(dir, entry.path);
    const stats = await lstat(file, { bigint: true });
    const target = entry.type === 'link' ? await readlink(file) : '';
    // A folder's size says nothing and differs by file system; its times change with what is in it.
    const size = entry.type === 'directory' ? 0n : stats.size;
    // Another build may link or place the same file at this moment, which is a change of the file's record only.
    const record = linked.has(entry.path) ? [] : [stats.ctimeNs, stats.mode];
    result.set(entry.path, [entry.type, size, stats.mtimeNs, target, ...record].join());
  }
  return result;
}

function differences(before: Snapshot, after: Snapshot): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  const changed = [...names].filter((name) => before.get(name) !== after.get(name));
  // A new file also changes its folder; the file alone is the news.
  return changed.filter((name) => !changed.some((other) => other.startsWith(`${name}/`))).sort();
}
