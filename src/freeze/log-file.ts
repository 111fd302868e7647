import { mkdir, readdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedBackend } from '../config/resolved.js';
import { targetName } from '../target.js';

/** Full logs kept for each backend. */
const keptLogs = 10;

/** Path of a new full log; the oldest ones are removed. */
export async function newLogFile(
  cacheDir: string,
  backend: ResolvedBackend,
  now = new Date(),
): Promise<string> {
  const folder = path.join(cacheDir, 'logs');
  await mkdir(folder, { recursive: true });
  const prefix = `${backend.name}-${targetName(backend.target)}-`;
  const old = (await readdir(folder)).filter((name) => name.startsWith(prefix)).sort();
  for (const name of old.slice(0, Math.max(0, old.length - keptLogs + 1))) {
    await unlink(path.join(folder, name)).catch(() => undefined);
  }
  return path.join(folder, `${prefix}${now.toISOString().replaceAll(/[:.]/g, '-')}-${process.pid}.log`);
}
