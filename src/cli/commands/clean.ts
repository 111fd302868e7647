import { formatBytes } from '../../lib/text.js';
import { isPyInstallerError } from '../../errors.js';
import { plural } from '../../lib/text.js';
import { exitCodes } from '../exit-codes.js';
import type { Io } from '../io.js';
import { loadProject, type ProjectOptions } from '../project.js';
import { createTheme } from '../render/theme.js';
import { printJson } from './work.js';

/** Options of `clean`. */
export interface CleanCommandOptions extends ProjectOptions {
  readonly everything?: boolean;
  /** Days. */
  readonly olderThan?: number;
  /** Megabytes that may stay. */
  readonly keep?: number;
  readonly json?: boolean;
}

const dayMs = 24 * 60 * 60 * 1000;

/** `clean`: make the cache smaller. Works without a project too. */
export async function clean(options: CleanCommandOptions, io: Io): Promise<number> {
  const cacheDir = await findCacheDir(options, io);
  const { cleanCache } = await import('../../freeze/index.js');
  const result = await cleanCache(cacheDir, {
    ...(options.olderThan === undefined ? {} : { keepUsedMs: options.olderThan * dayMs }),
    ...(options.keep === undefined ? {} : { maxBytes: options.keep * 1_000_000 }),
    everything: options.everything === true,
  });
  if (options.json === true) {
    printJson(io, { ok: true, cacheDir, ...result });
    return exitCodes.ok;
  }
  const theme = createTheme(io.color);
  const { removedBundles, removedEnvironments, freedBytes } = result;
  const environments = removedEnvironments === 0 ? '' : ` and ${plural(removedEnvironments, 'environment')}`;
  const freed = `${plural(removedBundles, 'bundle')}${environments} removed (${formatBytes(freedBytes)})`;
  io.out(`${theme.good('✔')} ${freed}, ${formatBytes(result.keptBytes)} kept in ${cacheDir}\n`);
  return exitCodes.ok;
}

async function findCacheDir(options: ProjectOptions, io: Io): Promise<string> {
  try {
    return (await loadProject(options, io.cwd)).cacheDir;
  } catch (error) {
    // A configuration that was asked for by name must be readable; one that is not there, or broken, does not matter.
    if (options.config !== undefined || !isPyInstallerError(error)) throw error;
    const { defaultCacheDir } = await import('../../config/index.js');
    return defaultCacheDir(io.env, process.platform);
  }
}
