import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { DemoFailure } from './failure.ts';

/** How to run a command quietly. */
export interface LoggedRun {
  readonly cwd: string;
  /** Absolute path of the file that receives all output. */
  readonly log: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** Receives each line of output. */
  readonly onLine?: (line: string) => void;
}

/**
 * Variables that the outer `npm run` sets about its own project: an inner npm, in another folder, would believe them.
 */
const aboutOuterProject =
  /^(npm_(lifecycle|package)_|npm_config_(local_)?prefix$|npm_command$|npm_execpath$|INIT_CWD$)/;

/** The environment for commands in another project: ours, with the running Node first on PATH. */
export function projectEnvironment(): Record<string, string | undefined> {
  const entries = Object.entries(process.env).filter(([name]) => !aboutOuterProject.test(name));
  return {
    ...Object.fromEntries(entries),
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? ''}`,
  };
}

/**
 * Run a command with its output in a log file.
 *
 * @returns the lines of its output
 * @throws DemoFailure naming the command, how it ended, and the log
 */
export async function runLogged(
  command: string,
  args: readonly string[],
  options: LoggedRun,
): Promise<string[]> {
  await mkdir(path.dirname(options.log), { recursive: true });
  const log = createWriteStream(options.log, { flags: 'a' });
  log.write(`$ ${[command, ...args].join(' ')}\n`);
  const child = execa(command, args, {
    cwd: options.cwd,
    env: { ...projectEnvironment(), ...options.env },
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    timeout: options.timeoutMs,
    forceKillAfterDelay: 5000,
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.all, crlfDelay: Infinity })) {
    lines.push(line);
    log.write(`${line}\n`);
    options.onLine?.(line);
  }
  const result = await child;
  await new Promise((resolve) => log.end(resolve));
  if (!result.failed) return lines;
  const how = result.timedOut
    ? `did not end within ${options.timeoutMs / 1000} s`
    : result.exitCode === undefined
      ? `failed: ${result.originalMessage ?? result.shortMessage}`
      : `ended with exit code ${result.exitCode}`;
  throw new DemoFailure(
    `\`${[path.basename(command), ...args].join(' ')}\` in ${options.cwd} ${how}.`,
    options.log,
  );
}
