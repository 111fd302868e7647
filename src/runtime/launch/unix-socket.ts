import { attempt } from '../attempt.js';
import { node } from '../node.js';

/** Bytes of a socket's path the strictest system (macOS) accepts, its end included. */
const maxPathBytes = 104;

/** A socket's path in a private folder. */
export interface SocketPlace {
  readonly path: string;
  /** At once: the app may end right after the backend did. */
  remove(): void;
}

/**
 * Make a folder only this user can enter and name a socket in it. Servers tend to create sockets everybody may write to (uvicorn: mode
 * 0666), so the folder is the protection. Not under the app's data folder: socket paths are short.
 */
export async function createSocketPlace(
  env: Readonly<Record<string, string | undefined>>,
): Promise<SocketPlace> {
  const runtimeDir = env['XDG_RUNTIME_DIR'];
  const bases = [
    ...(runtimeDir === undefined || runtimeDir === '' ? [] : [runtimeDir]),
    node.os.tmpdir(),
    '/tmp',
  ];
  let trouble: unknown = new Error('every candidate is too long');
  for (const base of bases) {
    if (Buffer.byteLength(node.path.join(base, 'epy-XXXXXX', 's')) + 1 > maxPathBytes) continue;
    try {
      const folder = await node.fs.promises.mkdtemp(node.path.join(base, 'epy-'));
      await node.fs.promises.chmod(folder, 0o700);
      return {
        path: node.path.join(folder, 's'),
        remove: () => removeFolder(folder),
      };
    } catch (error) {
      trouble = error;
    }
  }
  throw trouble;
}

function removeFolder(folder: string): void {
  // Empty or not, it is private, and in a place that the system clears.
  attempt(() => node.fs.rmSync(folder, { recursive: true, force: true }));
}
