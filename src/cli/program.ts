import { createRequire } from 'node:module';
import { Command, InvalidArgumentError } from 'commander';
import type { Io } from './io.js';

/** Sets the exit code of a command that ended without an error but found something. */
export type SetExitCode = (code: number) => void;

const packageFile = createRequire(import.meta.url)('../../package.json') as { version: string };

/**
 * The commands with their options. The code of a command is loaded when it runs, so that `--help` is immediate.
 *
 * @param setExitCode - receives the result of commands that are checks
 */
export function createProgram(io: Io, setExitCode: SetExitCode): Command {
  const program = new Command('electron-pyinstaller')
    .description('A Python backend as part of an Electron app: freeze, check, run.')
    .version(packageFile.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.error(text),
      getOutHasColors: () => io.color,
      getErrHasColors: () => io.color,
      getOutHelpWidth: () => Math.min(io.width, 100),
      getErrHelpWidth: () => Math.min(io.width, 100),
    })
    .showSuggestionAfterError()
    .showHelpAfterError('Run with --help to see what there is.');

  projectCommand(program, 'init', 'detect host, backend and framework; show a plan; write the configuration')
    .option('--yes', 'write without asking')
    .option('--dry-run', 'show the plan only')
    .option('--backend <folder>', "the backend's folder, when detection finds none or another")
    .option('--entry <program>', 'the program, when there are several: its file, or module:attribute')
    .option('--name <name>', 'name of the backend')
    .option('--ci <service>', 'also write a workflow that builds on Windows, macOS and Linux: github')
    .option('--json', 'print the plan as JSON')
    .action(async (options) => {
      const { init } = await import('./commands/init.js');
      setExitCode(await init(options, io));
    });

  projectCommand(program, 'doctor', 'check what a build needs, with a fix for everything that is missing')
    .option('--json', 'print the results as JSON')
    .action(async (options) => {
      const { doctor } = await import('./commands/doctor.js');
      setExitCode(await doctor(options, io));
    });

  projectCommand(program, 'build', 'freeze the backends without packaging the app')
    .argument('[backends...]', 'names; default: all')
    .option('--target <platform-arch>', 'what to freeze for; default: this machine')
    .option('--force', 'freeze although nothing changed')
    .option('--explain', 'say why a backend must be frozen again, or that it need not be; freeze nothing')
    .option('--cache-key', 'print the key under which CI keeps the cache folder; freeze nothing')
    .option('--out <folder>', 'also copy each bundle to <folder>/<target>/<name>, for "prebuilt"')
    .option('--json', 'print the result as JSON')
    .action(async (backends: string[], options) => {
      const { build } = await import('./commands/build.js');
      setExitCode(await build(backends, options, io));
    });

  projectCommand(program, 'verify', 'start the frozen backends, or those of a packaged app, and check them')
    .argument('[app]', 'a packaged app: its folder, executable or .app')
    .option('--json', 'print the results as JSON')
    .action(async (app: string | undefined, options) => {
      const { verify } = await import('./commands/verify.js');
      setExitCode(await verify(app, options, io));
    });

  projectCommand(program, 'report', 'what is in the bundles, by distribution, and what could be left out')
    .argument('[backends...]', 'names; default: all')
    .option('--html <file>', 'write one self-contained page')
    .option('--json', 'print the inventory as JSON')
    .option(
      '--startup',
      'instead: where the time goes until a backend is ready, by distribution; with --html or --json',
    )
    .option('--licenses', 'instead: who has written what, under which license; with --html, --text or --json')
    .option('--text <file>', 'with --licenses: write the texts of all licenses into one file')
    .option('--sbom [file]', 'instead: a bill of materials (CycloneDX 1.6, JSON)')
    .action(async (backends: string[], options) => {
      const { report } = await import('./commands/report.js');
      setExitCode(await report(backends, options, io));
    });

  projectCommand(program, 'generate', 'write backends.gen.ts')
    .option('--check', 'only say whether it is up to date')
    .action(async (options) => {
      const { generate } = await import('./commands/generate.js');
      setExitCode(await generate(options, io));
    });

  projectCommand(program, 'dev', 'make the backends runnable from source; with a command, run it with them')
    .argument('[command...]', 'for example: -- electron .')
    .option('--debug', 'run the backends under debugpy, for a debugger to attach to')
    .option('--debug-wait', 'the same, and begin when a debugger is there')
    .option('--debug-connect', 'the same, with a debugger that listens: every start comes to it')
    .action(async (command: string[], options) => {
      const { dev } = await import('./commands/dev.js');
      setExitCode(await dev(command, options, io));
    });

  projectCommand(program, 'clean', 'make the cache of bundles and environments smaller')
    .option('--older-than <days>', 'keep what was used within that many days', parseCount)
    .option('--keep <megabytes>', 'keep that much, what was used last first', parseCount)
    .option('--everything', 'all Python environments and logs too')
    .option('--json', 'print the result as JSON')
    .action(async (options) => {
      const { clean } = await import('./commands/clean.js');
      setExitCode(await clean(options, io));
    });

  return program;
}

function projectCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--project <folder>', 'folder of the project (where package.json is)')
    .option('--config <file>', 'configuration file');
}

function parseCount(text: string): number {
  const count = Number(text);
  if (text.trim() !== '' && Number.isFinite(count) && count >= 0) return count;
  throw new InvalidArgumentError('A number is expected.');
}
