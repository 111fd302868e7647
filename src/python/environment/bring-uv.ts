import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedPython } from '../../config/resolved.js';
import { isFile } from '../../lib/files.js';
import { interpretersOf } from '../find/path-search.js';
import type { InterpreterProbe } from '../types.js';
import { createCommand, sourceOptions } from './install-commands.js';
import { runInstaller, type InstallerContext } from './installer-run.js';

/** Whether {@link bringUv} is wanted and can work. Pure. */
export function mayBringUv({ installer, offline, findLinks }: ResolvedPython): boolean {
  return installer !== 'pip' && (!offline || findLinks.length > 0);
}

/** Folder of the cache for programs that the build brings. */
export function toolsDir(cacheDir: string): string {
  return path.join(path.resolve(cacheDir), 'tools');
}

function programIn(folder: string): string {
  return path.join(folder, 'bin', process.platform === 'win32' ? 'uv.exe' : 'uv');
}

/** The uv that was brought before; null: none was. */
export function broughtUv(cacheDir: string): string | null {
  const program = programIn(path.join(toolsDir(cacheDir), 'uv'));
  return existsSync(program) ? program : null;
}

/**
 * uv from PyPI, for a machine without one, kept in the cache folder: some seconds, once.
 *
 * @param base an interpreter of the machine; where it has no pip, an environment is made for this.
 * @returns the program.
 * @throws PyInstallerError `ERR_ENVIRONMENT`, `ERR_CANCELLED`.
 */
export async function bringUv(
  base: Pick<InterpreterProbe, 'executable' | 'hasPip'>,
  python: ResolvedPython,
  cacheDir: string,
  context: InstallerContext,
): Promise<string> {
  const brought = broughtUv(cacheDir);
  if (brought !== null) return brought;
  const doing = 'bringing uv, which is not on PATH, from the package index';
  const tools = toolsDir(cacheDir);
  await mkdir(tools, { recursive: true });
  const made = await mkdtemp(path.join(tools, 'uv-'));
  const place = path.join(tools, 'uv');
  try {
    let interpreter = base.executable;
    if (!base.hasPip) {
      const directory = path.join(made, 'environment');
      await runInstaller(doing, createCommand({ kind: 'pip' }, base.executable, directory, true), context);
      interpreter = interpretersOf(directory, process.platform)[0] ?? directory;
    }
    const target = path.join(made, 'uv');
    const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
    const wanted = [...sourceOptions('pip', python), '--target', target, '--', 'uv'];
    await runInstaller(doing, [interpreter, '-I', '-m', 'pip', 'install', ...quiet, ...wanted], context);
    // Another build may have brought it meanwhile.
    if (!(await isFile(programIn(place)))) {
      await rm(place, { recursive: true, force: true });
      await rename(target, place).catch(() => undefined);
    }
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return programIn(place);
}
