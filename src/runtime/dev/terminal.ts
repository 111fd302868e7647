import type { BackendError } from '../errors.js';
import type { BackendEvents } from '../events.js';
import { stripAnsi } from '../log/ansi.js';
import type { DevelopmentProgram } from '../manifest.js';
import { wantsColor } from './color.js';

/** Milliseconds between two states of a progress bar that are shown: a terminal shared by several programs has no line to redraw. */
const progressEveryMs = 2000;

/** Codes of the colours of names; red and yellow are for trouble. */
const nameColors = [36, 35, 32, 34, 96, 95, 92, 94];

const severities = { info: 2, warn: 33, error: 31 } as const;

/** Where lines are printed. */
export interface TerminalStreams {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** What {@link createTerminal} is told. */
export interface TerminalOptions {
  readonly name: string;
  /** Absolute; null: nothing is written. */
  readonly logFile: string | null;
  readonly program: Pick<DevelopmentProgram, 'watch' | 'debugger'>;
  readonly on: <Event extends keyof BackendEvents>(
    event: Event,
    listener: (payload: BackendEvents[Event]) => void,
  ) => unknown;
  readonly streams?: TerminalStreams;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Shows in the terminal of `npm start` what a backend prints and what becomes of it. */
export interface Terminal {
  /** A line of the backend, secrets removed. */
  output(stream: 'stdout' | 'stderr', line: string, progress: boolean): void;
  /** A remark of the supervisor. */
  remark(level: 'info' | 'warn' | 'error', text: string): void;
}

/**
 * A terminal for one backend: every line has its name in front. What it prints to stdout goes to stdout, and the rest to stderr.
 * Says where the log file is, once.
 */
export function createTerminal(options: TerminalOptions): Terminal {
  const { name, logFile, program, on, env = process.env } = options;
  const { watch } = program;
  // The app's terminal in development, not the build's.
  // oxlint-disable-next-line no-restricted-properties
  const streams = options.streams ?? { stdout: process.stdout, stderr: process.stderr };
  // A terminal that is gone must not end the app.
  const console = new (process.getBuiltinModule('node:console').Console)({ ...streams, ignoreErrors: true });
  const isColored = {
    stdout: wantsColor(env, streams.stdout.isTTY === true),
    stderr: wantsColor(env, streams.stderr.isTTY === true),
  };
  const prefix = `[${name}]`;
  let shownProgressMs = Number.NEGATIVE_INFINITY;

  const print = (stream: 'stdout' | 'stderr', lines: readonly string[], color: number | null): void => {
    const write = (begin: string, text: string): void =>
      stream === 'stdout' ? console.log('%s %s', begin, text) : console.error('%s %s', begin, text);
    for (const line of lines) {
      if (!isColored[stream]) write(prefix, stripAnsi(line));
      else write(paint(colorOfName(name), prefix), color === null ? reset(line) : paint(color, line));
    }
  };
  const say = (level: keyof typeof severities, text: string): void => {
    const [first = '', ...rest] = text.split('\n');
    print('stderr', [first, ...rest.map((line) => `  ${line}`)], severities[level]);
  };

  if (logFile !== null) say('info', `log: ${logFile}`);
  if (program.debugger !== undefined) {
    const { port, wait } = program.debugger;
    say('info', `debugpy: attach to 127.0.0.1:${port}${wait ? ', it waits for you' : ''}`);
  }
  on('ready', ({ url, socketPath, startupMs }) => {
    const place = url ?? socketPath;
    say('info', `ready${place === null ? '' : ` at ${place}`} after ${startupMs} ms`);
  });
  on('slow-start', ({ elapsedMs, phase }) =>
    say('warn', `still starting after ${elapsedMs} ms${phase === null ? '' : ` (${phase})`}`),
  );
  on('restarting', ({ attempt, max, delayMs, cause }) =>
    say('warn', `${causeOf(cause, name)[0] ?? ''}; started again in ${delayMs} ms (${attempt} of ${max})`),
  );
  on('failed', ({ error }) => {
    const [cause = '', ...hints] = causeOf(error, name);
    // A configuration that changed is read by the host alone.
    const isWatched = watch.length > 0 && error.code !== 'E_MANIFEST';
    const again = !isWatched ? [] : [`Saving a file in ${watch.join(', ')} starts it again.`];
    say('error', [`stopped (${error.code}): ${cause}`, ...hints, ...again].join('\n'));
  });
  on('unhealthy', ({ lastError }) => say('warn', `does not answer: ${lastError}`));
  on('recovered', ({ downMs }) => say('info', `answers again after ${downMs} ms`));
  on('stopped', ({ forced }) => say(forced ? 'warn' : 'info', forced ? 'stopped by force' : 'stopped'));

  return {
    output: (stream, line, progress) => {
      if (progress) {
        const nowMs = performance.now();
        if (nowMs - shownProgressMs < progressEveryMs) return;
        shownProgressMs = nowMs;
      }
      print(stream, [line], null);
    },
    remark: say,
  };
}

/** What an error says, without what the name in front of the line says already: cause, then what to do. */
function causeOf({ message }: BackendError, name: string): string[] {
  const begin = `Starting the backend "${name}": `;
  return (message.startsWith(begin) ? message.slice(begin.length) : message).split('\n');
}

function paint(code: number, text: string): string {
  return `\u001B[${code}m${text}\u001B[0m`;
}

/** A line with colours of its own; they end with it. */
function reset(line: string): string {
  return line.includes('\u001B') ? `${line}\u001B[0m` : line;
}

/** Always the same for a name, so that it can be learnt. */
function colorOfName(name: string): number {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return nameColors[sum % nameColors.length] ?? 36;
}
