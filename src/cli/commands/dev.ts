import { constants } from 'node:os';
import path from 'node:path';
import { interruptible } from '../../hosts/shared/interrupt.js';
import { developmentManifestVariable } from '../../runtime/manifest.js';
import { exitCodes } from '../exit-codes.js';
import type { Io } from '../io.js';
import { loadProject, type ProjectOptions } from '../project.js';
import { showEvents } from '../render/events.js';
import { showConfigWarnings } from './work.js';

/** Options of `dev`. */
export interface DevOptions extends ProjectOptions {
  readonly debug?: boolean;
  readonly debugWait?: boolean;
  readonly debugConnect?: boolean;
}

/**
 * `dev`: write `backends.gen.ts` and make the backends runnable from source. Without a command print the environment variable that tells the app about
 * it (for a shell's `eval`); with one, run it with the variable set and end with its exit code.
 */
export async function dev(command: readonly string[], options: DevOptions, io: Io): Promise<number> {
  const config = await loadProject(options, io.cwd);
  showConfigWarnings(config, io);
  // What the command compiles may import it.
  const { writeBackendsModule } = await import('../../hosts/codegen/index.js');
  const written = await writeBackendsModule(config);
  if (written !== null) io.error(`Wrote ${path.relative(io.cwd, written)}\n`);
  const { debugMode, debugVariable, prepareDevelopment } = await import('../../hosts/dev/index.js');
  const asked =
    options.debugConnect === true
      ? 'connect'
      : options.debugWait === true
        ? 'wait'
        : options.debug === true
          ? 'listen'
          : undefined;
  const view = showEvents(io);
  let manifestFile: string;
  try {
    ({ manifestFile } = await interruptible((signal) =>
      prepareDevelopment(
        config,
        { cacheDir: config.cacheDir, report: view.report, signal },
        [
          'npx electron-pyinstaller dev --',
          ...(command.length === 0 ? ['electron .'] : command.map(shellQuote)),
        ].join(' '),
        asked ?? debugMode(io.env[debugVariable]),
      ),
    ));
  } finally {
    view.close();
  }
  const [program, ...rest] = command;
  if (program === undefined) {
    io.out(assignments(developmentManifestVariable, manifestFile));
    return exitCodes.ok;
  }
  return await runCommand(program, rest, { ...io.env, [developmentManifestVariable]: manifestFile }, io);
}

/** Run a command in this terminal; its exit code, as a shell tells it: 128 and the number of the signal that ended it. */
export async function runCommand(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  io: Io,
): Promise<number> {
  const { execa } = await import('execa');
  // The terminal sends Ctrl-C to the command as well; it decides when to end, and this process ends with it.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  try {
    const result = await execa(program, [...args], {
      cwd: io.cwd,
      env,
      extendEnv: false,
      stdio: 'inherit',
      preferLocal: true,
      localDir: io.cwd,
      reject: false,
    });
    if (result.exitCode !== undefined) return result.exitCode;
    io.error(`${result.shortMessage ?? `${program} did not run`}\n`);
    return result.signal === undefined ? exitCodes.failed : 128 + constants.signals[result.signal];
  } finally {
    process.removeListener('SIGINT', ignore);
  }
}

/** What sets a variable: a line for a POSIX shell; on Windows one for PowerShell and one for cmd, to choose from. */
export function assignments(name: string, value: string, platform: string = process.platform): string {
  if (platform !== 'win32') return `${name}=${shellQuote(value)}\n`;
  return `$env:${name} = '${value.replaceAll("'", "''")}'\nset "${name}=${value}"\n`;
}

/** Safe to paste into a POSIX shell. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
