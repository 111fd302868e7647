import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedPython } from '../../config/resolved.js';
import { isFile } from '../../lib/files.js';
import { sourceOptions } from './install-commands.js';
import { runInstaller, type InstallerContext } from './installer-run.js';

/** Whether {@link bringUv} is wanted and can work. Pure. */
export function mayBringUv({ installer, offline, findLinks }: ResolvedPython): boolean {
  return installer !== 'pip' && (!offline || findLinks.length > 0);
}

/**
 * uv from PyPI, for a machine without one, kept in the cache folder: some seconds, once.
 *
 * @param interpreter of an environment that has pip.
 * @returns the program.
 * @throws PyInstallerError `ERR_ENVIRONMENT`, `ERR_CANCELLED`.
 */
export async function bringUv(
  interpreter: string,
  python: ResolvedPython,
  cacheDir: string,
  context: InstallerContext,
): Promise<string> {
  const tools = path.join(path.resolve(cacheDir), 'tools');
  const place = path.join(tools, 'uv');
  const program = path.join(place, 'bin', process.platform === 'win32' ? 'uv.exe' : 'uv');
  if (await isFile(program)) return program;
  await mkdir(tools, { recursive: true });
  const made = await mkdtemp(path.join(tools, 'uv-'));
  try {
    const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
    const wanted = [...sourceOptions('pip', python), '--target', made, '--', 'uv'];
    const doing = 'bringing uv, which is not on PATH, from the package index';
    await runInstaller(doing, [interpreter, '-I', '-m', 'pip', 'install', ...quiet, ...wanted], context);
    // Another build may have brought it meanwhile.
    if (!(await isFile(program))) {
      await rm(place, { recursive: true, force: true });
      await rename(made, place).catch(() => undefined);
    }
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return program;
}
