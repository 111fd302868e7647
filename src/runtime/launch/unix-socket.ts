import { attempt } from '../attempt.js';
import { promises, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

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
  const bases = [...(runtimeDir === undefined || runtimeDir === '' ? [] : [runtimeDir]), tmpdir(), '/tmp'];
  let trouble: unknown = new Error('every candidate is too long');
  for (const base of bases) {
    if (Buffer.byteLength(path.join(base, 'epy-XXXXXX', 's')) + 1 > maxPathBytes) continue;
    try {
      const folder = await promises.mkdtemp(path.join(base, 'epy-'));
      await promises.chmod(folder, 0o700);
      return {
        path: path.join(folder, 's'),
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
  attempt(() => rmSync(folder, { recursive: true, force: true }));
}
