import path from 'node:path';
import { defaultCacheDir } from '../../config/index.js';
import type { ResolvedConfig } from '../../config/resolved.js';
import { isPyInstallerError } from '../../errors.js';
import { formatDuration } from '../../lib/text.js';
import { interruptible } from '../../hosts/shared/interrupt.js';
import type { VerifyResult } from '../../verify/index.js';
import { exitCodes } from '../exit-codes.js';
import type { Io } from '../io.js';
import { loadProject, type ProjectOptions } from '../project.js';
import { showEvents } from '../render/events.js';
import { createTheme } from '../render/theme.js';
import { freezeWithProgress, printJson, showConfigWarnings } from './work.js';

/** Options of `verify`. */
export interface VerifyCommandOptions extends ProjectOptions {
  readonly json?: boolean;
}

/** `verify`: start the backends of a packaged app, or those of the project, and check them. */
export async function verify(
  app: string | undefined,
  options: VerifyCommandOptions,
  io: Io,
): Promise<number> {
  const results = app === undefined ? await verifyProject(options, io) : await verifyApp(app, options, io);
  if (options.json === true) {
    printJson(io, { ok: true, results });
    return exitCodes.ok;
  }
  const theme = createTheme(io.color);
  for (const result of results) {
    io.out(`${theme.good('✔')} ${resultText(result)}\n`);
    for (const warning of result.warnings) io.out(`  ${theme.careful('!')} ${warning}\n`);
  }
  return exitCodes.ok;
}

/** One line for people: `engine  ready after 0.8 s, stopped after 0.1 s`. */
export function resultText({ backend, ran, startupMs, stopMs }: VerifyResult): string {
  if (!ran) return `${backend}  complete, not started`;
  const parts = [
    ...(startupMs === null ? [] : [`ready after ${formatDuration(startupMs)}`]),
    ...(stopMs === null ? [] : [`stopped after ${formatDuration(stopMs)}`]),
  ];
  return `${backend}  ${parts.length === 0 ? 'started' : parts.join(', ')}`;
}

async function verifyProject(options: ProjectOptions, io: Io): Promise<VerifyResult[]> {
  const config = await loadProject(options, io.cwd);
  showConfigWarnings(config, io);
  const frozen = await freezeWithProgress(config, config.backends, io);
  const { verifyBundle } = await import('../../verify/index.js');
  const view = showEvents(io);
  try {
    return await interruptible(async (signal) => {
      const results: VerifyResult[] = [];
      for (const { backend, bundleDir, manifest } of frozen) {
        results.push(
          await verifyBundle(
            { backend, bundleDir, manifest },
            { report: view.report, signal, cacheDir: config.cacheDir },
          ),
        );
      }
      return results;
    });
  } finally {
    view.close();
  }
}

async function verifyApp(app: string, options: ProjectOptions, io: Io): Promise<readonly VerifyResult[]> {
  const project = await optionalProject(options, io);
  const { verifyPackagedApp } = await import('../../verify/index.js');
  const view = showEvents(io);
  try {
    const found = await interruptible((signal) =>
      verifyPackagedApp(path.resolve(io.cwd, app), {
        report: view.report,
        signal,
        cacheDir: project?.cacheDir ?? defaultCacheDir(io.env, process.platform),
        ...(project === null ? {} : { backends: project.backends }),
      }),
    );
    return found.results;
  } finally {
    view.close();
  }
}

/** The configuration the app was built from adds its own checks; an app can be verified without it. */
async function optionalProject(options: ProjectOptions, io: Io): Promise<ResolvedConfig | null> {
  try {
    return await loadProject(options, io.cwd);
  } catch (error) {
    if (options.config !== undefined || options.project !== undefined || !isPyInstallerError(error))
      throw error;
    return null;
  }
}
