import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PyInstallerError } from '../../errors.js';
import { cleanEnvironment } from '../clean-environment.js';
import type { Command } from './install-commands.js';
import { diagnose } from '../../advice/diagnose.js';
import { companionDir } from '../../lib/package-root.js';
import { redactUrls } from '../redact.js';
import { runProcess } from '../../lib/run-process.js';

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
  readonly signal?: AbortSignal;
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
  const lines: string[] = [`$ ${shown}`];
  const result = await runProcess(context.base, ['-I', '-X', 'utf8', guardScript, ...command], {
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
    onLine(line) {
      const clean = redactUrls(line);
      lines.push(clean);
      context.onLine(clean);
    },
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  await appendFile(context.logFile, `${lines.join('\n')}\n`);
  if (result.exitCode === 0) return result.stdout;
  if (result.cancelled) {
    throw new PyInstallerError('ERR_CANCELLED', `Cancelled while ${doing}.`, { backend: context.backend });
  }
  const ended =
    result.spawnError?.message ??
    (result.signal === null ? `exit code ${result.exitCode}` : `signal ${result.signal}`);
  const [known] = diagnose('install', lines.slice(1).join('\n'), {
    configPath: `backends.${context.backend}`,
  });
  const tail = lines
    .slice(1)
    .slice(-shownLines)
    .map((line) => `  ${line}`);
  const message = [
    `Failed (${ended}) while ${doing} for the backend "${context.backend}".${known === undefined ? '' : ` ${known.cause}`}`,
    `Command: ${shown}`,
    ...tail,
  ].join('\n');
  throw new PyInstallerError('ERR_ENVIRONMENT', message, {
    backend: context.backend,
    log: context.logFile,
    ...(known === undefined ? {} : { hint: known.edit }),
  });
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(argument) ? argument : JSON.stringify(argument);
}
