import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listBundle } from '../bundle/walk.js';
import { copyBundle } from '../bundle/copy.js';
import { makePythonFreePath } from './python-free-path.js';
import { scrubEnvironment, type PrivateFolders } from './scrubbed-environment.js';

/** A place like the one a backend has on a user's machine, made for one verification. */
export interface PrivatePlace extends PrivateFolders {
  /** Folder that is given as the app's resources; the bundle is below it. */
  readonly resources: string;
  /** The read-only copy of the bundle. */
  readonly bundle: string;
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

/**
 * Copy a bundle to a fresh place: the path has a space and a letter outside ASCII, the copy is read-only, home, user data
 * and temporary folders are new and empty, no Python can be found.
 *
 * @param directory - name of the bundle's folder below the resources.
 * @throws PyInstallerError of {@link copyBundle}.
 */
export async function makePrivatePlace(
  bundleDir: string,
  directory: string,
  options: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly platform: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<PrivatePlace> {
  const root = await mkdtemp(path.join(tmpdir(), 'epy vérify-'));
  const resources = path.join(root, 'Mein App', 'resources');
  const bundle = path.join(resources, directory);
  const remove = async (): Promise<void> => {
    await setWritable(bundle, true).catch(() => undefined);
    await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    await copyBundle(bundleDir, bundle, { signal: options.signal });
    await setWritable(bundle, false);
    const before = await snapshot(bundle);
    const folders = {
      home: path.join(root, 'home'),
      temporary: path.join(root, 'tmp'),
      userData: path.join(root, 'user dätä'),
    };
    const logs = path.join(root, 'logs');
    for (const folder of [...Object.values(folders), logs]) await mkdir(folder, { recursive: true });
    const marker = randomBytes(12).toString('hex');
    const inherited = options.env['PATH'] ?? options.env['Path'] ?? '';
    const search = await makePythonFreePath(inherited, path.join(root, 'bin'), options.platform);
    return {
      ...folders,
      resources,
      bundle,
      logs,
      marker,
      environment: scrubEnvironment(options.env, folders, { platform: options.platform, search, marker }),
      changes: async () => differences(before, await snapshot(bundle)),
      unpacked: async () => (await readdir(folders.temporary)).filter((name) => name.startsWith('_MEI')),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Set or clear the owner's, group's and others' permission to write, on everything but links. */
async function setWritable(dir: string, writable: boolean): Promise<void> {
  const change = (mode: number): number => (writable ? mode | 0o200 : mode & ~0o222);
  const own = await lstat(dir);
  // Folders must be writable while what is in them is being listed and deleted.
  if (writable) await chmod(dir, change(own.mode));
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) await setWritable(file, writable);
    else if (entry.isFile()) await chmod(file, change((await lstat(file)).mode));
  }
  if (!writable) await chmod(dir, change(own.mode));
}

type Snapshot = ReadonlyMap<string, string>;

async function snapshot(dir: string): Promise<Snapshot> {
  const result = new Map<string, string>();
  for (const entry of await listBundle(dir)) {
    const file = path.join(dir, entry.path);
    const stats = await lstat(file, { bigint: true });
    const target = entry.type === 'link' ? await readlink(file) : '';
    // A folder's size says nothing and differs by file system; its times change with what is in it.
    const size = entry.type === 'directory' ? 0n : stats.size;
    result.set(entry.path, [entry.type, size, stats.mtimeNs, stats.ctimeNs, stats.mode, target].join());
  }
  return result;
}

function differences(before: Snapshot, after: Snapshot): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  const changed = [...names].filter((name) => before.get(name) !== after.get(name));
  // A new file also changes its folder; the file alone is the news.
  return changed.filter((name) => !changed.some((other) => other.startsWith(`${name}/`))).sort();
}
