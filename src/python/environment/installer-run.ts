import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PyInstallerError } from '../../errors.js';
import { cleanEnvironment } from '../clean-environment.js';
import type { Command } from './install-commands.js';
import { diagnose } from '../../advice/diagnose.js';
import { companionDir } from '../../lib/package-root.js';
import { redactUrls } from '../redact.js';
import { describeEnd, run } from '../../lib/run.js';

/** Everything the runs of one environment share. */
export interface InstallerContext {
  readonly backend: string;
  /** Interpreter that watches over the installer; see {@link guardScript}. */
  readonly base: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Folder for the installer's temporary files, so that an interrupted run leaves nothing elsewhere. */
  readonly temporaryDir: string;
  readonly logFile: string;
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Runs an installer and ends it, with everything it started, when this process ends. Run as `python -I`. */
export const guardScript = path.join(companionDir, 'tools', 'guard.py');

/** Lines of output that go into an error. */
const shownLines = 15;

/**
 * Run one step of an installer. Its output goes to the log and to `onLine`, without the secrets of URLs.
 *
 * @returns what it printed on stdout.
 * @throws PyInstallerError `ERR_ENVIRONMENT` with the last lines and, when the message is known, what to do;
 * `ERR_CANCELLED`.
 */
export async function runInstaller(
  doing: string,
  command: Command,
  context: InstallerContext,
): Promise<string> {
  await mkdir(context.temporaryDir, { recursive: true });
  await mkdir(path.dirname(context.logFile), { recursive: true });
  const shown = redactUrls(command.map(quoted).join(' '));
  const printed: string[] = [];
  const lines: string[] = [];
  const result = await run(context.base, ['-I', '-X', 'utf8', guardScript, ...command], {
    cwd: context.cwd,
    env: cleanEnvironment(context.env, {
      PYTHONUTF8: '1',
      PYTHONIOENCODING: 'utf-8',
      PYTHONUNBUFFERED: '1',
      // A user's `pip install --user` default would install outside of the environment.
      PIP_USER: '0',
      NO_COLOR: '1',
      TMPDIR: context.temporaryDir,
      TEMP: context.temporaryDir,
      TMP: context.temporaryDir,
    }),
    lifeline: true,
    onLine(line, from) {
      if (line.trim() === '') return;
      if (from === 'stdout') printed.push(line);
      const clean = redactUrls(line.trimEnd());
      lines.push(clean);
      context.onLine(clean);
    },
    signal: context.signal,
  });
  await appendFile(context.logFile, [`$ ${shown}`, ...lines, ''].join('\n'));
  if (result.exitCode === 0) return printed.join('\n');
  if (result.cancelled) {
    throw new PyInstallerError('ERR_CANCELLED', `Cancelled while ${doing}.`, { backend: context.backend });
  }
  const [known] = diagnose('install', lines.join('\n'), { configPath: `backends.${context.backend}` });
  const tail = lines.slice(-shownLines).map((line) => `  ${line}`);
  const message = [
    `Failed (${describeEnd(result)}) while ${doing} for the backend "${context.backend}".${known === undefined ? '' : ` ${known.cause}`}`,
    `Command: ${shown}`,
    ...tail,
  ].join('\n');
  throw new PyInstallerError('ERR_ENVIRONMENT', message, {
    backend: context.backend,
    log: context.logFile,
    hint: known?.edit,
  });
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(argument) ? argument : JSON.stringify(argument);
}
