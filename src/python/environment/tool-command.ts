import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { run } from '../../lib/run.js';
import { findOnPath } from '../find/path-search.js';
import { broughtUv } from './bring-uv.js';
import { realDisk } from './disk.js';
import type { Command } from './install-commands.js';
import { uvLikePip } from './like-pip.js';
import { isUvSetUp, pipSettings } from './pip-settings.js';

/** A command with the variables that it needs besides those of this process. */
export interface ToolCommand {
  readonly command: Command;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What installs one package without its dependencies into a folder, for an interpreter: its own pip, or where uv made its environment
 * and left pip out, uv.
 */
export async function toolCommand(
  interpreter: string,
  name: string,
  folder: string,
  cacheDir: string,
): Promise<ToolCommand> {
  const { env, platform } = process;
  const wanted = ['--quiet', '--no-deps', '--target', folder, name];
  const pip = [interpreter, '-m', 'pip', 'install', '--disable-pip-version-check', ...wanted] as const;
  const uv = findOnPath('uv', env, platform, realDisk)[0] ?? broughtUv(cacheDir);
  if (uv === null || (await run(interpreter, ['-c', 'import pip'])).exitCode === 0)
    return { command: pip, env: {} };
  const places = { env, platform, homeDir: homedir() };
  const choice = uvLikePip({
    settings: pipSettings(places, realDisk),
    isUvSetUp: isUvSetUp(places, realDisk),
    options: [],
    python: { indexUrl: null, extraIndexUrls: [], findLinks: [] },
    isProject: false,
    exists: existsSync,
  });
  const command = [uv, 'pip', 'install', '--python', interpreter, ...wanted] as const;
  return { command, env: choice.kind === 'uv' ? choice.env : {} };
}
